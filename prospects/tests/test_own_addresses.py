"""/staff/addresses/: a rep's private addresses, and the mails that found nobody. One's own only."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.inbox import intake
from leads.models import FilingAddress, Inbound, OwnMail, UnfiledMail
from leads.own_mail import addresses
from leads.tests.filing_world import FILING, a_copy
from prospects import transfer
from prospects.models import Prospect, Rep
from prospects.tests.conftest import make_inbound, make_person

PAGE, LIST = "staff-addresses", "staff-unfiled"


@pytest.fixture(autouse=True)
def house(settings: Any) -> None:
    settings.FILING_ADDRESS = FILING
    settings.INBOX = {"kind": "maildir", "folder": "/nowhere"}


def page(client: Client, user: Any, name: str = PAGE, **asked: str) -> str:
    client.force_login(user)
    return client.get(reverse(name), asked).content.decode()


def waiting(user: Any, to: str = "Anna Maas <anna@maasland.example>") -> UnfiledMail:
    """A mail that found nobody."""
    if not addresses.address_of(user):
        addresses.renew(user=user, at=timezone.now())
    number = UnfiledMail.objects.count() + 1
    intake.keep_mail(a_copy(user, to, number=number), at=timezone.now())
    intake.work_due(at=timezone.now())
    return UnfiledMail.objects.filter(user=user).latest("pk")


def test_both_addresses_are_made_shown_and_replaced(client: Client, sam: Any) -> None:
    assert page(client, sam).count("Make an address") == 2
    seen = set()
    for _number in range(2):
        client.post(reverse("staff-filing-new"))
        client.post(reverse("staff-calendar-new"), {"then": "addresses"})
        text = page(client, sam)
        assert addresses.address_of(sam) in text
        assert Rep.objects.get(user=sam).calendar_key in text
        seen.add(addresses.address_of(sam))
    assert len(seen) == 2
    assert FilingAddress.objects.count() == 1


@pytest.mark.parametrize("missing", ["FILING_ADDRESS", "INBOX"])
def test_without_the_variables_the_page_says_whom_to_ask(
    client: Client, sam: Any, settings: Any, missing: str
) -> None:
    setattr(settings, missing, "")
    said = page(client, sam)
    assert "ask whoever runs this site" in said and "FILING_ADDRESS" not in said and "INBOX" not in said
    client.post(reverse("staff-filing-new"))
    assert not FilingAddress.objects.exists()


def test_the_bell_rings_until_a_mail_that_found_nobody_is_sorted_out(
    client: Client, sam: Any, sara: Any
) -> None:
    mail = waiting(sam)
    assert "1 not seen" in page(client, sam, "staff-bell")
    said = page(client, sam, "staff-notices")
    assert "1 mail to your private address found nobody." in said and reverse(LIST) in said
    assert "not seen" not in page(client, sara, "staff-bell")
    client.force_login(sam)
    client.post(reverse("staff-unfiled-aside", args=[mail.pk]))
    assert "not seen" not in page(client, sam, "staff-bell")
    assert "found nobody" not in page(client, sam, "staff-notices")


def test_only_who_works_prospects_and_nobody_sees_anothers(
    client: Client, maya: Any, nora: Any, sam: Any, sara: Any
) -> None:
    row = waiting(sam)
    for user, status in ((maya, 403), (nora, 403), (sam, 200), (sara, 200)):
        client.force_login(user)
        assert [client.get(reverse(name)).status_code for name in (PAGE, LIST)] == [status, status]
        assert client.post(reverse("staff-filing-new")).status_code == (302 if status == 200 else 403)
    assert "anna@maasland.example" not in page(client, sara, LIST)
    for verb in ("file", "aside"):
        assert client.post(reverse(f"staff-unfiled-{verb}", args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert row.state == "waiting"


def test_a_mail_is_filed_with_a_prospect_of_ones_own(client: Client, sam: Any, sara: Any) -> None:
    row, mine, theirs = waiting(sam), make_inbound(sam), make_inbound(sara)
    client.force_login(sam)
    address = reverse("staff-unfiled-file", args=[row.pk])
    assert client.post(address, {"prospect": theirs.pk}).status_code == 404
    for wrong in ("", "x", "9" * 30, "١"):
        assert client.post(address, {"prospect": wrong}).status_code == 302
    assert not OwnMail.objects.exists()
    for _again in range(2):
        client.post(address, {"prospect": mine.pk})
    assert OwnMail.objects.get().person == mine.person
    assert client.post(reverse("staff-unfiled-aside", args=[row.pk])).status_code == 409
    assert "Every mail found its person" in page(client, sam, LIST)


def test_who_became_known_since_is_offered_first(client: Client, sam: Any) -> None:
    waiting(sam)
    person = make_person(email="anna@maasland.example", email_key="anna@maasland.example", first_name="Anna")
    prospect = make_inbound(sam, person)
    text = page(client, sam, LIST)
    assert text.index(f'value="{prospect.pk}"') < text.index("Set aside")
    assert 'option value=""' not in text


def test_the_form_of_a_cold_contact_is_filled_in(client: Client, sam: Any) -> None:
    waiting(sam, "Anna van der Berg <anna@maasland.example>")
    link = "?email=anna%40maasland.example&amp;first_name=Anna%20van%20der&amp;last_name=Berg"
    assert link in page(client, sam, LIST)
    text = client.get(reverse("staff-cold-new") + link.replace("&amp;", "&")).content.decode()
    assert 'value="anna@maasland.example"' in text
    assert 'value="Berg"' in text


def test_many_mails_ask_no_more_of_the_database(
    client: Client, sam: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        waiting(sam, f"n{number}@maasland.example")
    make_inbound(sam)
    client.force_login(sam)
    with django_assert_max_num_queries(16):
        assert client.get(reverse(LIST)).status_code == 200


def test_a_rep_who_leaves_files_no_more_until_it_is_taken_back(
    sam: Any, sara: Any, inbound: Prospect
) -> None:
    addresses.renew(user=sam, at=timezone.now())
    address, at = addresses.address_of(sam), timezone.now()
    assert transfer.plan(sam).mail
    row = transfer.move_all(leaver=sam, to=sara, by=sara, at=at)
    assert (addresses.address_of(sam), transfer.plan(sam).mail) == ("", False)
    intake.keep_mail(a_copy(sam, inbound.person.email, by="X-No", Cc=address), at=at)
    intake.work_due(at=at)
    assert (UnfiledMail.objects.get().why, OwnMail.objects.count()) == ("off", 0)
    transfer.undo(transfer=row, by=sara, at=at)
    assert addresses.address_of(sam) == address


def test_an_address_made_anew_since_stays(sam: Any, sara: Any, inbound: Prospect) -> None:
    addresses.renew(user=sam, at=timezone.now())
    row = transfer.move_all(leaver=sam, to=sara, by=sara, at=timezone.now())
    made = addresses.renew(user=sam, at=timezone.now())
    transfer.undo(transfer=row, by=sara, at=timezone.now())
    assert addresses.address_of(sam) == made


def test_the_page_of_leaving_says_what_becomes_of_the_address(client: Client, sam: Any, sara: Any) -> None:
    addresses.renew(user=sam, at=timezone.now())
    client.force_login(sara)
    assert "is switched off" in client.get(reverse("staff-leaving"), {"who": sam.pk}).content.decode()


def test_a_mail_of_nothing_but_a_bad_head_is_shown(client: Client, sam: Any) -> None:
    inbound = Inbound.objects.create(source="mailbox", key="x", body=b"x")
    UnfiledMail.objects.create(user=sam, inbound=inbound, why="sender", at=timezone.now())
    assert "without a subject" in page(client, sam, LIST)
