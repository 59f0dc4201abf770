"""Notes: a colleague named by @ hears of it and reads that note alone; files are given out as downloads, to few."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns.errors import Refused
from conftest import PASSWORD
from prospects import notes
from prospects.models import Mention, Note, NoteFile, Notice, Prospect
from prospects.tests.conftest import TUESDAY

PDF = b"%PDF-1.7 a drawing"


def a_file(name: str = "drawing.pdf", body: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


def write(prospect: Prospect, text: str, by: Any, **more: Any) -> Note:
    return notes.write(prospect=prospect, text=text, by=by, at=TUESDAY, **more)


@pytest.fixture
def ben(sam: Any, django_user_model: Any) -> Any:
    """Another rep: sees none of sam's prospects."""
    user = django_user_model.objects.create_user("ben", "ben@averdahl.example", PASSWORD)
    user.groups.set(sam.groups.all())
    return user


def test_a_named_colleague_hears_of_it_once_and_reads_the_note_alone(
    inbound: Prospect, sam: Any, ben: Any, client: Client
) -> None:
    note = write(
        inbound, "They use @acme too. @Ben. knows them, mail ben@acme.example", sam, files=[a_file()]
    )
    assert list(Mention.objects.values_list("user__username", flat=True)) == ["ben"]
    told = Notice.objects.get(kind=Notice.Kind.MENTION)
    assert (told.user, told.prospect) == (ben, inbound)
    client.force_login(ben)
    page = client.get(reverse("staff-note-read", args=[note.pk])).content.decode()
    assert "knows them" in page
    assert "drawing.pdf" not in page
    assert inbound.person.last_name not in page
    assert client.get(reverse("staff-person", args=[inbound.pk])).status_code == 404
    assert client.get(reverse("staff-note-file", args=[NoteFile.objects.get().pk])).status_code == 404


def test_only_sales_can_be_named(inbound: Prospect, sam: Any, maya: Any, vera: Any, nora: Any) -> None:
    write(inbound, "@maya @vera @nora @nobody-at-all", sam)
    assert not Mention.objects.exists()
    assert notes.unknown_names("@maya and @sam, @nobody.") == ["maya", "nobody"]


def test_a_note_nobody_named_you_in_is_not_found(
    inbound: Prospect, sam: Any, ben: Any, maya: Any, client: Client
) -> None:
    note = write(inbound, "Private.", sam)
    for user, status in ((sam, 200), (ben, 404), (maya, 403)):
        client.force_login(user)
        assert client.get(reverse("staff-note-read", args=[note.pk])).status_code == status, user


def test_sent_twice_is_one_note_one_file_one_notice(inbound: Prospect, sam: Any, ben: Any) -> None:
    key = uuid.uuid4()
    first = write(inbound, "@ben look", sam, files=[a_file()], submit_key=key)
    assert write(inbound, "@ben look", sam, files=[a_file()], submit_key=key).pk == first.pk
    mentions = Notice.objects.filter(kind=Notice.Kind.MENTION)
    assert (Note.objects.count(), NoteFile.objects.count(), mentions.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "file",
    [
        a_file("page.html", b"<script>"), a_file("a.svg", b"<svg>"), a_file("run.exe", b"MZ"),
        a_file("drawing.pdf", b"<html>"), a_file("empty.pdf", b""), a_file("noending", PDF),
        a_file("large.txt", b"x" * (10 * 1024 * 1024 + 1)), a_file("x.pdf.html", PDF),
    ],
    ids=lambda file: f"{file.name}",
)  # fmt: skip
def test_a_file_we_do_not_keep_is_refused_before_anything_is_written(
    file: SimpleUploadedFile, inbound: Prospect, sam: Any
) -> None:
    with pytest.raises(Refused):
        write(inbound, "With a file", sam, files=[file])
    assert not Note.objects.exists()


def test_too_many_files_are_refused(inbound: Prospect, sam: Any) -> None:
    with pytest.raises(Refused):
        write(inbound, "Six", sam, files=[a_file() for _ in range(6)])


def test_a_file_is_a_download_under_its_own_name_and_lies_under_ours(
    inbound: Prospect, sam: Any, sara: Any, client: Client
) -> None:
    write(inbound, "Drawing", sam, files=[a_file("../../etc/Überblick 2.pdf")])
    row = NoteFile.objects.get()
    assert "berblick" not in row.file.name
    assert row.name == "Überblick 2.pdf"
    for user in (sam, sara):
        client.force_login(user)
        answer = client.get(reverse("staff-note-file", args=[row.pk]))
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith("attachment")
        assert "%C3%9Cberblick%202.pdf" in answer["Content-Disposition"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]


def test_a_note_with_a_file_from_the_page(inbound: Prospect, sam: Any, client: Client) -> None:
    client.force_login(sam)
    address = reverse("staff-note", args=[inbound.pk])
    answer = client.post(
        address, {"text": "Seen on the fair", "attached": [a_file(), a_file("b.txt", b"hello")]}
    )
    assert (answer.status_code, NoteFile.objects.count()) == (302, 2)
    refused = client.post(address, {"text": "No", "attached": [a_file("x.html", b"<p>")]})
    assert refused.status_code == 422
    assert "x.html is not kept here" in refused.content.decode()


def test_who_may_write(inbound: Prospect, ben: Any, sara: Any, maya: Any, client: Client) -> None:
    address = reverse("staff-note", args=[inbound.pk])
    for user, status in ((ben, 404), (maya, 403), (sara, 302)):
        client.force_login(user)
        assert client.post(address, {"text": "Hello"}).status_code == status, user
    assert Note.objects.get().by == sara
