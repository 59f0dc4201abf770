"""A cover from the first page of a PDF or from a picture: two sizes, bounded, and a plain word where it fails."""

import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from campaigns import pictures
from campaigns.cover_files import cover_file, cover_from_file, cover_from_upload
from campaigns.covers import cover_for
from campaigns.errors import Refused
from campaigns.models import Asset, AssetKind

pytestmark = pytest.mark.django_db


def a_picture(size=(1200, 900), form="PNG", mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size, "teal").save(out, form)
    return out.getvalue()


def a_pdf(size=(595, 842)):
    return a_picture(size, "PDF")


def a_locked_pdf():
    """A document whose empty password does not fit."""
    words = b"<" + b"41" * 32 + b">"
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O " + words + b"/U " + words + b">>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<41><41>]>>\n%%EOF"
    )


def look(path):
    with Image.open(path) as picture:
        return (
            picture.format,
            picture.size,
            dict(picture.getexif()),
            picture.convert("RGB").getpixel((25, 25)),
        )


@pytest.fixture
def paper():
    return Asset.objects.create(title="Paper", slug="paper", kind=AssetKind.objects.get(slug="white-paper"))


def with_file(asset, content, name="paper.pdf"):
    asset.file.save(name, ContentFile(content))
    return asset


def test_the_first_page_becomes_the_cover_in_two_sizes(paper):
    assert cover_from_file(asset=with_file(paper, a_pdf()))
    assert list(Asset.objects.values_list("cover_width", "cover_height")) == [(800, 1132)]
    paper.refresh_from_db()
    widths = [look(cover_file(paper, small=small).path)[1][0] for small in (False, True)]
    assert widths == [800, 400]
    assert cover_for(paper).upright
    assert "size=small" in cover_for(paper).small


def test_the_same_file_is_drawn_once_and_a_new_one_anew(paper):
    cover_from_file(asset=with_file(paper, a_pdf()))
    first = paper.cover.name
    assert not cover_from_file(asset=paper)
    assert cover_from_file(asset=with_file(paper, a_pdf((842, 595))))
    assert paper.cover.name != first


def test_the_old_cover_is_thrown_away_with_its_small_one(paper, django_capture_on_commit_callbacks):
    cover_from_file(asset=with_file(paper, a_pdf()))
    old = [cover_file(paper, small=small).path for small in (False, True)]
    with django_capture_on_commit_callbacks(execute=True):
        cover_from_file(asset=with_file(paper, a_pdf((842, 595))))
    assert not any(Path(path).exists() for path in old)


def test_a_marketers_own_picture_stays_when_the_file_changes(paper):
    cover_from_upload(asset=paper, upload=ContentFile(a_picture()))
    own = paper.cover.name
    assert not cover_from_file(asset=with_file(paper, a_pdf()))
    assert paper.cover.name == own


@pytest.mark.parametrize(
    ("content", "word"),
    [(a_locked_pdf(), "locked by a password"), (b"%PDF-1.4 and then nothing", "cannot be drawn")],
)
def test_a_pdf_that_cannot_be_drawn_has_no_cover_and_says_why(paper, content, word):
    with pytest.raises(Refused, match=word):
        cover_from_file(asset=with_file(paper, content))
    assert not paper.cover


def test_a_page_that_is_a_ribbon_is_no_cover(paper):
    with pytest.raises(Refused):
        cover_from_file(asset=with_file(paper, a_pdf((10, 5000))))


def test_a_reader_that_takes_too_long_is_ended(paper, monkeypatch):
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    with pytest.raises(Refused, match="cannot be drawn"):
        cover_from_file(asset=with_file(paper, a_pdf()))


def test_a_file_that_is_no_pdf_leaves_the_drawing(paper):
    assert not cover_from_file(asset=with_file(paper, b"sheet", "sheet.xlsx"))
    assert not paper.cover


def test_an_uploaded_picture_is_made_smaller_and_loses_its_hidden_data(paper):
    photo = Image.new("RGB", (4000, 3000), "teal")
    exif = photo.getexif()
    exif[0x010F] = "A camera"
    out = io.BytesIO()
    photo.save(out, "JPEG", exif=exif)
    cover_from_upload(asset=paper, upload=ContentFile(out.getvalue()))
    assert look(paper.cover.path)[:3] == ("WEBP", (800, 600), {})


def test_transparent_parts_become_paper(paper):
    clear = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(clear, "PNG")
    cover_from_upload(asset=paper, upload=ContentFile(clear.getvalue()))
    assert min(look(paper.cover.path)[3]) > 250


def test_what_is_no_picture_is_refused(paper):
    with pytest.raises(Refused):
        cover_from_upload(asset=paper, upload=ContentFile(b"<svg onload=alert(1)>"))
