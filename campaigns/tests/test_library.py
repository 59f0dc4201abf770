"""The library lists what a visitor can reach, and each filter says how much is behind it."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.library import Wish, library_context, pieces, read_next
from campaigns.models import Asset, AssetKind, LandingPage, PageState, Persona, Topic

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def a_piece(slug, *, kind="article", topic="vibration", days_old=1, **columns):
    subject, _ = Topic.objects.get_or_create(
        slug=topic, defaults={"name": topic.title(), "palette": f"cv-{topic}"}
    )
    columns = {"title": slug.replace("-", " ").title(), "gated": False, "length": "7 minutes", **columns}
    return Asset.objects.create(
        slug=slug,
        kind=AssetKind.objects.get(slug=kind),
        topic=subject,
        published_at=NOW - timedelta(days=days_old),
        **columns,
    )


def a_page_for(asset, state=PageState.PUBLISHED):
    return LandingPage.objects.create(slug=f"get-{asset.slug}", title=asset.title, asset=asset, state=state)


def listed(**wish):
    context = library_context(wish=Wish(**wish), page="1", at=NOW)
    return {card.asset.slug for card in context["cards"] + context["shorts"]} | (
        {context["featured"].asset.slug} if context["featured"] else set()
    )


def test_an_open_piece_is_read_in_place_and_a_gated_one_leads_to_its_page():
    a_piece("open-one", days_old=2)
    a_page_for(a_piece("gated-one", gated=True, kind="guide"))
    cards = library_context(wish=Wish(q="one"), page="1", at=NOW)["cards"]
    assert [card.url for card in cards] == ["/p/get-gated-one/", "/r/open-one/"]


@pytest.mark.parametrize(
    "columns",
    [
        {"gated": True},
        {"audience": "sales"},
        {"days_old": -1},
        {"expires_on": NOW.date() - timedelta(days=1)},
        {"archived_at": NOW},
    ],
)
def test_what_a_visitor_cannot_reach_is_not_listed(columns):
    a_piece("hidden", **columns)
    assert listed() == set()


def test_a_gated_piece_behind_a_draft_is_not_listed():
    a_page_for(a_piece("draft", gated=True), state=PageState.DRAFT)
    assert list(pieces(at=NOW)) == []


def test_topic_stage_kind_and_words_narrow_the_list():
    a_piece("bearing-alarm", journey_stage="decision")
    a_piece("motor-spectrum", kind="guide")
    a_piece("drift", topic="calibration")
    assert listed(topic="calibration") == {"drift"}
    assert listed(stage="decision") == {"bearing-alarm"}
    assert listed(kind="guide") == {"motor-spectrum"}
    assert listed(q="alarm BEARING") == {"bearing-alarm"}
    assert listed(q="zebra") == set()


def test_a_count_is_the_number_behind_its_link():
    a_piece("one")
    a_piece("two", journey_stage="decision")
    a_piece("three", topic="calibration", journey_stage="decision")
    context = library_context(wish=Wish(stage="decision"), page="1", at=NOW)
    for choice in context["topics"]:
        topic = choice.url.partition("topic=")[2].partition("&")[0]
        assert choice.count == len(listed(stage="decision", topic=topic))
    assert [choice.count for choice in context["topics"]] == [2, 1, 1]


def test_the_chosen_stage_drops_itself_and_keeps_the_rest():
    a_piece("one", journey_stage="decision")
    stages = library_context(wish=Wish(stage="decision", q="one"), page="1", at=NOW)["stages"]
    chosen = next(choice for choice in stages if choice.current)
    assert chosen.url == "?q=one"


def test_three_short_articles_stand_together_beside_the_wide_piece():
    for number in range(3):
        a_piece(f"short-{number}", length="3 minutes", days_old=20 + number)
    for number in range(6):
        a_piece(f"long-{number}", kind="guide", days_old=number)
    context = library_context(wish=Wish(), page="1", at=NOW)
    assert [card.asset.slug for card in context["shorts"]] == ["short-0", "short-1", "short-2"]
    assert [card.wide for card in context["cards"]].index(True) == 3


def test_every_piece_is_on_exactly_one_page():
    for number in range(28):
        a_piece(f"piece-{number}", days_old=number, length="3 minutes" if number > 24 else "20 pages")
    seen = []
    for page in "12":
        context = library_context(wish=Wish(), page=page, at=NOW)
        featured = [context["featured"]] if context["featured"] else []
        seen += [card.asset.slug for card in featured + context["cards"] + context["shorts"]]
    assert len(seen) == len(set(seen)) == 28


def test_read_next_prefers_an_open_piece_of_the_same_topic():
    read = a_piece("read")
    a_piece("newer", topic="calibration", days_old=0)
    a_page_for(a_piece("gated", gated=True))
    a_piece("same-topic", days_old=9)
    assert read_next(read, at=NOW).asset.slug == "same-topic"


def test_read_next_is_in_the_readers_language_before_all_else():
    read = a_piece("read")
    a_piece("same-topic")
    Asset.objects.filter(pk=a_piece("german", topic="calibration", days_old=30).pk).update(language="de")
    assert read_next(read, at=NOW, language="de").asset.slug == "german"
    assert read_next(read, at=NOW).asset.slug == "same-topic"


def test_read_next_is_nothing_that_was_had_already():
    read, second = a_piece("read"), a_piece("second", days_old=5)
    third = a_piece("third", days_old=9)
    assert read_next(read, at=NOW, had=[second.pk]).asset == third
    assert read_next(read, at=NOW, had=[second.pk, third.pk]) is None


def test_read_next_is_for_the_same_kind_of_reader_or_for_all():
    ours, theirs = (Persona.objects.create(name=name, slug=name) for name in ("ours", "theirs"))
    read = a_piece("read")
    Asset.objects.filter(pk=read.pk).update(persona=ours)
    Asset.objects.filter(pk=a_piece("not-ours", days_old=0).pk).update(persona=theirs)
    a_piece("for-all", topic="calibration", days_old=30)
    read.refresh_from_db()
    assert read_next(read, at=NOW).asset.slug == "for-all"


def test_a_strange_page_number_shows_the_nearest_page():
    a_piece("one")
    for page in ("0", "99", "x", ""):
        assert library_context(wish=Wish(q="one"), page=page, at=NOW)["cards"]
