"""A person page stands at once with what a rep acts on; facts, story and score follow by their own addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Asset, AssetKind, Channel, Persona
from leads.models import Lead, Person, Touch
from prospects import pipeline
from prospects.alike import alike
from prospects.collateral import collateral
from prospects.models import Prospect
from prospects.tests.conftest import GROUND, TUESDAY, later, make_inbound, make_person, talk

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PARTS = ["facts", "story", "score"]
MOST = 18  # statements of the page, six of them the frame's


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


@pytest.fixture
def kept(settings: Any) -> Any:
    """What few people change is kept for a moment, as where the pages are served."""
    from campaigns.kept import forget_everything

    settings.KEEP_SECONDS = 30
    yield
    forget_everything()


def address(prospect: Prospect, part: str = "") -> str:
    if part:
        return reverse("staff-person-part", args=[prospect.pk, part])
    return reverse("staff-person", args=[prospect.pk])


def test_the_page_names_its_parts_and_holds_none(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam, note="Only in the story")
    page = rep.get(address(accepted)).content.decode()
    assert [address(accepted, part) in page for part in PARTS] == [True] * 3
    assert 'id="timeline-h"' not in page and 'id="facts-h"' not in page


def test_each_part_comes_by_its_own_address(rep: Client, accepted: Prospect, sam: Any) -> None:
    talk(accepted, sam, note="Only in the story")
    told = {part: rep.get(address(accepted, part), headers=HTMX).content.decode() for part in PARTS}
    assert "Only in the story" in told["story"]
    assert accepted.person.email in told["facts"]
    assert 'id="deals-h"' in told["score"]
    assert not any("<html" in part for part in told.values())


def test_without_a_script_all_of_it_is_one_click_away(rep: Client, accepted: Prospect) -> None:
    answer = rep.get(address(accepted, "story"))
    assert answer["Location"] == address(accepted) + "?all=1"
    page = rep.get(answer["Location"]).content.decode()
    assert all(mark in page for mark in ('id="timeline-h"', 'id="facts-h"', 'id="deals-h"'))


def test_a_part_is_as_private_as_the_page(
    client: Client, accepted: Prospect, sam: Any, sara: Any, vera: Any
) -> None:
    Prospect.objects.filter(pk=accepted.pk).update(owner=sara)
    answers = {}
    for who in (sam, sara, vera):
        client.force_login(who)
        answers[who.username] = {
            client.get(address(accepted, part), headers=HTMX).status_code for part in PARTS
        }
    assert answers == {"sam": {404}, "sara": {200}, "vera": {403}}
    client.force_login(sara)
    assert client.get(address(accepted, "other"), headers=HTMX).status_code == 404


def test_the_page_takes_few_statements(
    rep: Client, accepted: Prospect, sam: Any, kept: Any, django_assert_max_num_queries: Any
) -> None:
    talk(accepted, sam)
    rep.get(address(accepted))
    with django_assert_max_num_queries(MOST) as seen:
        rep.get(address(accepted))
    print(f"\nperson page: {len(seen)} statements")  # noqa: T201


def test_next_person_leads_on_and_home_when_nobody_is_left(rep: Client, inbound: Prospect, sam: Any) -> None:
    other = make_inbound(sam)
    on = reverse("staff-today-next")
    assert rep.get(on, {"after": inbound.pk})["Location"] == address(other)
    assert rep.get(on, {"after": other.pk})["Location"] == address(inbound)
    Prospect.objects.filter(pk=other.pk).update(owner=None)
    assert rep.get(on, {"after": inbound.pk})["Location"] == reverse("staff-today")
    assert rep.get(on, {"after": "none"})["Location"] == address(inbound)


@pytest.fixture
def persona(db: None) -> Persona:
    return Persona.objects.create(name="Quality lead", slug="quality")


def like(person: Person, persona: Persona) -> None:
    Lead.objects.filter(person=person).update(persona=persona)


def test_similar_people_say_why_and_hide_what_is_a_colleagues(
    accepted: Prospect, sam: Any, sara: Any, company: Any, persona: Persona
) -> None:
    from leads.models import Company

    Person.objects.filter(pk=accepted.person_id).update(company=company)
    like(accepted.person, persona)
    mine = make_inbound(sam, make_person(company=company, first_name="Mine"))
    make_inbound(sara, make_person(company=company, first_name="Hers"))
    elsewhere = Company.objects.create(
        name="Elsewhere", domain="elsewhere.example", industry=company.industry
    )
    won = make_inbound(sara, make_person(company=elsewhere))
    like(won.person, persona)
    talk(won, sara)
    pipeline.win(prospect=won, amount=9, by=sara, at=later(hours=1))
    found = alike(Prospect.objects.for_person_page().get(pk=accepted.pk), sam)
    assert ([line.prospect for line in found.there], found.of_colleagues) == ([mine.pk], 1)
    assert [(line.name, line.why) for line in found.customers] == [
        ("Elsewhere", "Quality lead in Gears, as here")
    ]
    assert len(alike(Prospect.objects.for_person_page().get(pk=accepted.pk), sara).there) == 2


def piece(title: str, **columns: Any) -> Asset:
    kind = AssetKind.objects.first()
    given = {"slug": title.lower(), "kind": kind, "published_at": TUESDAY, "link": "https://pieces.example/x",
             "journey_stage": "consideration"}  # fmt: skip
    return Asset.objects.create(title=title, **(given | columns))


def test_collateral_fits_reader_and_point_of_the_sale(accepted: Prospect, sam: Any, persona: Persona) -> None:
    like(accepted.person, persona)
    piece("Open")
    piece("Secret", audience="sales", persona=persona)
    piece("Foreign", persona=Persona.objects.create(name="Buyer", slug="buyer"))
    piece("Closing", journey_stage="decision", audience="sales")
    piece("Old", expires_on=(TUESDAY - timedelta(days=1)).date())
    piece("Unpublished", published_at=None)

    def titles() -> list[str]:
        prospect = Prospect.objects.for_person_page().get(pk=accepted.pk)
        return [one.title for one in collateral(prospect, TUESDAY).pieces]

    assert titles() == ["Secret", "Open"]
    Prospect.objects.filter(pk=accepted.pk).update(sales_qualified_at=TUESDAY)
    assert titles() == ["Closing"]


def test_the_ground_to_contact_somebody_stands_on_their_page(
    rep: Client, cold: Prospect, accepted: Prospect
) -> None:
    said = rep.get(address(cold, "facts"), headers=HTMX).content.decode()
    for words in (GROUND.why, GROUND.source, "Legitimate interest, weighed and written down", "Sam Okafor"):
        assert words in said
    assert "Why we may contact them" not in rep.get(address(accepted, "facts"), headers=HTMX).content.decode()


def test_a_piece_they_know_already_says_since_when(rep: Client, accepted: Prospect) -> None:
    known, new = piece("Known"), piece("New")
    channel = Channel.objects.first()
    for kind, asset, hours in (("read", known, 1), ("click", known, 5), ("visit", new, 2)):
        Touch.objects.create(
            person=accepted.person, kind=kind, asset=asset, channel=channel, at=later(hours=hours)
        )
    assert collateral(accepted, later(days=1)).met == {known.pk: later(hours=5)}
    part = rep.get(address(accepted, "score"), headers=HTMX).content.decode()
    assert part.count("they know it") == 1


def test_a_piece_for_sales_only_is_given_to_sales_only(
    client: Client, sam: Any, sara: Any, vera: Any, db: None
) -> None:
    piece("Secret", audience="sales", published_at=timezone.now())
    answers = {}
    for who in (sam, sara, vera):
        client.force_login(who)
        answers[who.username] = client.get(reverse("staff-collateral", args=["secret"])).status_code
    assert answers == {"sam": 302, "sara": 302, "vera": 403}
    client.logout()
    assert "/accounts/login/" in client.get(reverse("staff-collateral", args=["secret"]))["Location"]
