"""``POST /t/``: answered alike whatever it says, counts only what may be counted (RELIABILITY T1)."""

import json

import pytest

from campaigns.models import EmbedSite
from leads import tokens
from leads.consent import TRACKING, record_consent
from leads.models import Hit, Visitor
from leads.tests.builders import NOON, a_lead, a_page, an_asset
from leads.views import beacon

pytestmark = pytest.mark.django_db
SHOP = "https://www.shop.example"
OWN = "http://testserver"
UUID = "0b3c7a52-4f0e-4b54-9a3e-6f1f2f7f9a10"


@pytest.fixture(autouse=True)
def a_fresh_minute(monkeypatch):
    monkeypatch.setattr(beacon, "_often", beacon.PerMinute(clock=lambda: 0.0))


@pytest.fixture
def site():
    return EmbedSite.objects.create(name="Shop", origins=SHOP)


@pytest.fixture
def article():
    return an_asset("article", gated=False)


def tell(client, what, origin=OWN, **headers):
    body = what if isinstance(what, str | bytes) else json.dumps(what)
    return client.post(
        "/t/", body, content_type="text/plain;charset=UTF-8", headers={"Origin": origin, **headers}
    )


def a_view(site, **more):
    return {
        "site": site.key,
        "kind": "page",
        "url": f"{SHOP}/pumps?utm_source=news",
        "ref": "https://x.example/",
        **more,
    }


def test_a_page_view_of_another_site_is_noted_with_utm_and_referrer(client, site):
    assert tell(client, a_view(site), SHOP).status_code == 204
    hit = Hit.objects.get()
    assert (hit.kind, hit.site, hit.label, hit.path) == ("page", site, "www.shop.example/pumps", "/pumps")
    assert (hit.utm_source, hit.referrer, hit.visitor) == ("news", "https://x.example/", None)
    assert EmbedSite.objects.get().last_seen_at == hit.at


def test_a_visitor_has_another_code_on_each_site(client, site, article):
    tell(client, a_view(site), SHOP)
    tell(client, {"kind": "view", "asset": "article", "seconds": 5, "depth": 10})
    assert len({hit.visitor_key for hit in Hit.objects.all()}) == 2


@pytest.mark.parametrize(
    ("what", "origin"),
    [
        ({"site": "unknown", "kind": "page", "url": f"{SHOP}/"}, SHOP),
        ("SITE", "https://evil.example"),
        ("SITE", "null"),
        ("SITE", OWN),
        ({"kind": "page", "url": f"{OWN}/"}, OWN),
        ({"kind": "view", "asset": "article", "seconds": 5}, SHOP),
        ({"kind": "view", "asset": "paper", "seconds": 5}, OWN),
        ({"kind": "view", "asset": "article", "seconds": "5", "depth": None}, OWN),
        ({"kind": "left", "page": "nope", "field": "email"}, OWN),
        ({"kind": "left", "page": "bearing-paper", "field": "what I typed <b>"}, OWN),
        ({"kind": "form"}, OWN),
        ({"kind": ["page"], "site": {}}, OWN),
        ("", OWN),
        ("{", OWN),
        ("[" * 2000, OWN),
        ("[1]", OWN),
        (b"\xff\xfe", OWN),
        ('{"kind": "view", "asset": "\\u0000", "seconds": 1e400}', OWN),
        (json.dumps({"kind": "left", "page": "bearing-paper", "field": "email", "x": "x" * 3000}), OWN),
    ],
)
def test_what_does_not_fit_is_answered_alike_and_not_noted(client, site, article, what, origin):
    a_page()
    good = tell(client, {"kind": "left", "page": "bearing-paper", "field": "email"})
    Hit.objects.all().delete()
    answer = tell(client, a_view(site) if what == "SITE" else what, origin)
    assert (answer.status_code, answer.content, answer.headers) == (204, b"", good.headers)
    assert not Hit.objects.exists()


def test_a_page_of_the_other_site_must_be_its_own(client, site):
    tell(client, a_view(site, url="https://other.example/"), SHOP)
    assert not Hit.objects.exists()


def test_time_on_a_piece_is_noted_within_bounds(client, article):
    tell(client, {"kind": "view", "asset": "article", "seconds": 10**7, "depth": 250})
    hit = Hit.objects.get()
    assert (hit.kind, hit.asset, hit.seconds, hit.depth, hit.person) == ("view", article, 1800, 100, None)


def test_a_form_left_unsent_tells_the_name_of_the_field(client):
    page = a_page()
    tell(client, {"kind": "left", "page": page.slug, "field": "company"})
    assert (Hit.objects.get().page, Hit.objects.get().label) == (page, "company")
    tell(client, {"kind": "left", "page": page.slug, "field": "made_up"})
    assert Hit.objects.count() == 1


def test_a_page_that_hides_its_address_is_known_by_the_browsers_word(client, article):
    view = {"kind": "view", "asset": "article", "seconds": 5}
    tell(client, view, "null", **{"Sec-Fetch-Site": "cross-site"})
    assert not Hit.objects.exists()
    tell(client, view, "null", **{"Sec-Fetch-Site": "same-origin"})
    assert Hit.objects.exists()


@pytest.mark.parametrize("header", [{"Sec-GPC": "1"}, {"DNT": "1"}, {"Cookie": "nocount=1"}])
def test_who_does_not_want_to_be_counted_is_not(client, site, header):
    assert tell(client, a_view(site), SHOP, **header).status_code == 204
    assert not Hit.objects.exists()


@pytest.mark.parametrize("said", [True, False, None])
def test_a_persons_reading_is_theirs_only_with_their_consent(client, article, said):
    person = a_lead().person
    if said is not None:
        record_consent(person=person, purpose=TRACKING, given=said, at=NOON)
    tell(client, {"kind": "view", "asset": "article", "seconds": 5, "me": tokens.person_token(person.pk)})
    assert Hit.objects.get().person == (person if said else None)


def test_a_key_that_the_site_keeps_makes_a_browser_and_taking_it_back_ends_it(client, site):
    for _ in range(2):
        tell(client, a_view(site, v=UUID), SHOP)
    visitor = Visitor.objects.get()
    assert (str(visitor.key), visitor.site) == (UUID, site)
    assert set(Hit.objects.values_list("visitor", flat=True)) == {visitor.pk}
    tell(client, {"site": site.key, "kind": "withdraw", "v": UUID}, SHOP)
    tell(client, a_view(site, v=UUID), SHOP)
    assert Visitor.objects.get().ended_at
    assert Hit.objects.latest("pk").visitor is None


def test_another_site_cannot_use_the_key_of_a_browser(client, site):
    tell(client, a_view(site, v=UUID), SHOP)
    other = EmbedSite.objects.create(name="Other", origins="https://other.example")
    view = {"site": other.key, "kind": "page", "url": "https://other.example/", "v": UUID}
    tell(client, view, "https://other.example")
    assert Hit.objects.latest("pk").visitor is None


def test_too_many_from_one_address_are_answered_and_not_noted(client, article, monkeypatch):
    monkeypatch.setattr(beacon, "A_MINUTE", 10)
    for _ in range(beacon.A_MINUTE + 5):
        answer = tell(client, {"kind": "view", "asset": "article", "seconds": 1})
    assert answer.status_code == 204
    assert Hit.objects.count() == beacon.A_MINUTE


def test_it_is_answered_when_nothing_can_be_noted(client, article, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr(beacon, "note", broken)
    assert tell(client, {"kind": "view", "asset": "article", "seconds": 1}).status_code == 204


def test_looking_at_the_address_shows_nothing(client):
    assert client.get("/t/").status_code == 405
