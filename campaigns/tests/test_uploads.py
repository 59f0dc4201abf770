"""Uploads are judged by content, named by us, and nothing a browser might run is taken (RELIABILITY X4)."""

import io
import zipfile
from contextlib import nullcontext

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from campaigns import uploads

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def an_archive(*names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return packed.getvalue()


def a_picture(kind="PNG", size=(12, 8)):
    drawn = io.BytesIO()
    Image.new("RGB", size, "#4a4fd6").save(drawn, kind)
    return drawn.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("paper.pdf", PDF),
        ("PAPER.PDF", PDF),
        ("cover.png", a_picture()),
        ("sheet.xlsx", an_archive("[Content_Types].xml", "xl/workbook.xml")),
        ("letter.docx", an_archive("[Content_Types].xml", "word/document.xml")),
        ("all.zip", an_archive("a.txt")),
        ("limits.csv", b"Maschine;Grenzwert\nPresse;7,1 mm/s\n"),
    ],
)
def test_a_piece_that_is_what_it_says_is_taken(name, content):
    uploads.check_piece(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("paper.pdf", HTML),
        ("paper.pdf", b"MZ\x90\x00 a program"),
        ("paper.html", HTML),
        ("drawing.svg", SVG),
        ("drawing.png", SVG),
        ("notes.txt", HTML),
        ("notes.txt", b"\xef\xbb\xbf <script>"),
        ("notes.csv", b"a\x00b"),
        ("letter.docx", an_archive("a.txt")),
        ("letter.docx", an_archive("word/document.xml", "word/vbaProject.bin")),
        ("letter.docx", PDF),
        ("run.exe", b"MZ\x90\x00"),
        ("paper", PDF),
        ("empty.pdf", b""),
    ],
)
def test_a_piece_that_is_something_else_is_refused(name, content):
    with pytest.raises(ValidationError) as refused:
        uploads.check_piece(SimpleUploadedFile(name, content))
    assert refused.value.code == "type"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_told_by_its_content(kind):
    uploads.check_picture(SimpleUploadedFile(f"cover.{kind.lower()}", a_picture(kind)))


@pytest.mark.parametrize(
    ("name", "content"),
    [("cover.svg", SVG), ("cover.png", SVG), ("cover.png", a_picture("GIF")), ("cover.png", b"\x89PNG\r\n\x1a\n")],
)  # fmt: skip
def test_what_only_looks_like_a_picture_is_refused(name, content):
    with pytest.raises(ValidationError):
        uploads.check_picture(SimpleUploadedFile(name, content))


def test_a_picture_too_large_to_unpack_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_PIXELS", 90)
    with pytest.raises(ValidationError, match="too many pixels"):
        uploads.check_picture(SimpleUploadedFile("cover.png", a_picture()))


def test_a_file_too_large_is_refused_before_it_is_read():
    class Heavy(ContentFile):
        def read(self, *length):
            raise AssertionError("read")

    heavy = Heavy(PDF, name="paper.pdf")
    heavy.size = uploads.LARGEST_PIECE + 1
    with pytest.raises(ValidationError, match="larger than 2048 MB"):
        uploads.check_piece(heavy)


@pytest.mark.parametrize(
    ("given", "ending"),
    [("../../etc/passwd", ".bin"), ("a.PDF", ".pdf"), ("x.pdf.html", ".bin"), ("​.svg", ".bin")],
)
def test_only_the_ending_of_a_name_is_kept(given, ending):
    kept = uploads.piece_path(None, given)
    assert kept.startswith("assets/")
    assert len(kept) == len("assets/") + 32 + len(ending)
    assert kept.endswith(ending)


def test_a_visitor_cannot_make_us_read_a_large_body(rf):
    handler = uploads.SizeLimit(rf.post("/p/paper/"))
    with pytest.raises(RequestDataTooBig):
        handler.handle_raw_input(None, {}, 3 * uploads.MB, b"")


@pytest.mark.parametrize(("who", "taken"), [("maya", True), (None, False)])
def test_a_large_body_is_read_of_somebody_who_is_signed_in_only(rf, request, who, taken):
    """The check of the CSRF token reads the body before the page refuses it."""
    post = rf.post("/admin/campaigns/asset/add/")
    post.user = request.getfixturevalue(who) if who else AnonymousUser()
    with nullcontext() if taken else pytest.raises(RequestDataTooBig):
        uploads.SizeLimit(post).handle_raw_input(None, {}, 300 * uploads.MB, b"")
