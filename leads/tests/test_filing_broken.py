"""Whatever comes by a private address: the reader goes on, and nothing is filed that is not the colleague's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from leads.models import Inbound, OwnMail, UnfiledMail
from leads.tests.answers_world import comes_in
from leads.tests.filing_world import (
    FILING,
    HEADS,
    TEXT,
    a_colleague,
    a_copy,
    a_person,
    attached,
    passed_on,
    their_mail,
)

PIECES = (
    b"\r\n",
    b"\n\n",
    b"--b",
    b"\x00",
    b"\xff\xfe",
    b"From: ",
    b"=?utf-8?q?=",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"<",
    b",",
)
KNOWN = {
    "filed",
    "unfiled",
    "auto_reply",
    "other",
    "reply",
    "bounce",
    "unmatched",
    "complaint",
    "report",
    "calendar",
}


def some_mails() -> list[bytes]:
    """In a world of each example's own."""
    a_person()
    sam = a_colleague()
    return [
        a_copy(sam), passed_on(sam, HEADS["gmail en"] + TEXT), passed_on(sam, HEADS["outlook fr"] + TEXT),
        attached(sam, their_mail()),
    ]  # fmt: skip


class Broken(TestCase):
    @pytest.fixture(autouse=True)
    def _house(self, settings):
        settings.FILING_ADDRESS = FILING
        settings.FILING_RULE = "leads.tests.filing_world.anybody"

    @settings(max_examples=60)
    @given(
        which=st.integers(0, 3),
        cuts=st.lists(
            st.tuples(st.integers(0, 2000), st.integers(0, 40), st.sampled_from(PIECES)), max_size=6
        ),
    )
    def test_a_mail_with_holes_and_patches_stops_nobody(self, which, cuts):
        raw = some_mails()[which]
        for place, length, patch in cuts:
            raw = raw[:place] + patch + raw[place + length :]
        row = comes_in(raw)
        assert row.read_as in KNOWN, (row.read_as, row.error)
        assert all(
            one.person.email == "piet@maasland.example" for one in OwnMail.objects.select_related("person")
        )

    @settings(max_examples=40)
    @given(name=st.text(max_size=40), address=st.emails(), subject=st.text(max_size=300))
    def test_any_name_address_and_subject_is_kept_or_filed(self, name, address, subject):
        clean = {"to": address, "subject": " ".join(subject.split()), "name": name}
        raw = some_mails()[0].decode().replace("Piet Maas <piet@maasland.example>", f"{name!r} <{address}>")
        raw = raw.replace("Our offer", clean["subject"])
        row = comes_in(raw.encode("utf-8", "replace"))
        assert row.read_as in KNOWN, (row.read_as, row.error)

    def test_more_than_a_megabyte_is_cut(self):
        raw = some_mails()[0].replace(b"As promised", b"A" * 1_500_000)
        assert comes_in(raw).read_as == "filed"
        assert len(OwnMail.objects.get().text) <= 20_000

    def test_a_mail_to_very_many_is_filed_with_the_first(self):
        many = ", ".join(f"p{number}@maasland.example" for number in range(400)).encode()
        comes_in(some_mails()[0].replace(b"Piet Maas <piet@maasland.example>", many))
        assert UnfiledMail.objects.count() == 50
        assert Inbound.objects.get().error == ""
