"""The public library: which pieces a visitor sees, by topic, stage, kind and words."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, When
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from campaigns.covers import Cover, cover_for
from campaigns.models import Asset, AssetKind, JourneyStage, LandingPage, Topic

# With the wide piece and the short reads the front page fills its rows of three.
ON_THE_FRONT = 13
A_PAGE = 12
SHORT_READS = 5
SHORT_MINUTES = 5
NEWSLETTER = "newsletter"
IN_THE_MENU = ("case-study", "webinar", "report")


@dataclass(frozen=True)
class Card:
    """A piece in a list: where it leads, how it looks, and whether it asks for an address."""

    asset: Asset
    url: str
    cover: Cover
    wide: bool = False
    shorts_follow: bool = False

    @property
    def open(self) -> bool:
        return not self.asset.gated


@dataclass(frozen=True)
class Choice:
    """One link of a filter with the number of pieces behind it."""

    label: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True)
class Wish:
    """What a visitor asked for in the address; empty means everything."""

    topic: str = ""
    stage: str = ""
    kind: str = ""
    q: str = ""

    @property
    def any(self) -> bool:
        return bool(self.topic or self.stage or self.kind or self.q)

    def but(self, **changes: str) -> str:
        """The query string of this wish with something else, ``?`` when nothing is left."""
        values = {**self.__dict__, **changes}
        return "?" + urlencode({key: value for key, value in values.items() if value})


def pieces(*, at: datetime) -> QuerySet[Asset]:
    """Public pieces that can be reached: open ones, and gated ones with a page in public."""
    pages = LandingPage.objects.public(at=at).only("slug", "asset_id")
    return (
        Asset.objects.library(at=at)
        .exclude(kind__slug=NEWSLETTER)  # it has its own place at the foot
        .filter(Q(gated=False) | Exists(pages.filter(asset=OuterRef("pk"))))
        .prefetch_related(Prefetch("pages", queryset=pages.order_by("pk"), to_attr="public_pages"))
    )


def card(asset: Asset, **looks: bool) -> Card:
    """A card of an asset that came from ``pieces()``."""
    pages: list[LandingPage] = getattr(asset, "public_pages", [])
    if asset.gated and pages:
        url = reverse("landing", args=[pages[0].slug])
    else:
        url = reverse("asset", args=[asset.slug])
    return Card(asset=asset, url=url, cover=cover_for(asset), **looks)


def library_context(*, wish: Wish, page: str, at: datetime) -> dict[str, Any]:
    """All that the library's page shows. ``page`` is a number as it came in the address."""
    everything = pieces(at=at)
    found = _matching(everything, wish)
    featured, shorts = (None, []) if wish.any else _front(found)
    out = [asset.pk for asset in ([featured] if featured else []) + shorts]
    sheet = Paginator(found.exclude(pk__in=out), ON_THE_FRONT if shorts else A_PAGE).get_page(page)
    first = sheet.number == 1
    newest = everything.first()
    return {
        "wish": wish,
        "featured": card(featured) if featured and first else None,
        "cards": _laid_out(list(sheet), shorts=bool(shorts) and first),
        "shorts": [card(asset) for asset in shorts] if first else [],
        "sheet": sheet,
        "first_url": wish.but(),
        "more_url": wish.but(page=str(sheet.next_page_number())) if sheet.has_next() else "",
        "shown": sheet.end_index() + len(out),
        "left": sheet.paginator.count - sheet.end_index(),
        "found": sheet.paginator.count + len(out),
        "total": everything.count(),
        "open_total": everything.filter(gated=False).count(),
        "newest_at": newest.published_at if newest else None,
        "topics": _topics(everything, wish),
        "stages": _stages(everything, wish),
        **menu(at=at),
    }


def menu(*, at: datetime) -> dict[str, Any]:
    """Links of the head that exist only when there is something behind them."""
    counted = dict(pieces(at=at).order_by().values_list("kind__slug").annotate(Count("pk")))
    kinds = [kind for kind in AssetKind.objects.filter(slug__in=IN_THE_MENU) if counted.get(kind.slug)]
    return {
        "menu_kinds": sorted(kinds, key=lambda kind: IN_THE_MENU.index(kind.slug)),
        "ask_page": ask_page(at=at),
        "notes_page": newsletter_page(at=at),
    }


def ask_page(*, at: datetime) -> LandingPage | None:
    """The page where a visitor may ask a person."""
    return _in_our_language(LandingPage.objects.public(at=at).filter(inquiry="contact"))


def newsletter_page(*, at: datetime) -> LandingPage | None:
    """The page whose form subscribes to mail, shown again at the library's foot."""
    public = LandingPage.objects.public(at=at).for_render()
    return _in_our_language(public.filter(asset__kind__slug=NEWSLETTER))


def _in_our_language(pages: QuerySet[LandingPage]) -> LandingPage | None:
    """The first in the language of the moment, else the first of all."""
    return pages.order_by(Case(When(language=get_language() or "", then=0), default=1), "pk").first()


def read_next(
    asset: Asset | None, *, at: datetime, had: Collection[int] = (), language: str = ""
) -> Card | None:
    """One more piece after ``asset``, none of ``had``; None when all has been had.

    In the reader's language if there is one, for the same kind of reader or for all, of the same topic, open, a step
    further on the way to buying; then the newest.
    """
    mine = {asset.pk} if asset else set()
    others = list(pieces(at=at).exclude(pk__in=mine | set(had))[:60])
    if not others:
        return None
    language = language or (asset.language if asset else "")
    persona, topic, stage = (asset.persona_id, asset.topic_id, _step(asset)) if asset else (None, None, -1)
    return card(
        max(
            others,
            key=lambda other: (
                other.language == language,
                persona is None or other.persona_id in (None, persona),
                other.topic_id == topic,
                not other.gated,
                _step(other) > stage,
                other.published_at,
            ),
        )
    )


def _step(asset: Asset) -> int:
    return JourneyStage.values.index(asset.journey_stage)


def _matching(found: QuerySet[Asset], wish: Wish) -> QuerySet[Asset]:
    if wish.topic:
        found = found.filter(topic__slug=wish.topic)
    if wish.stage:
        found = found.filter(journey_stage=wish.stage)
    if wish.kind:
        found = found.filter(kind__slug=wish.kind)
    for word in wish.q.split()[:8]:
        found = found.filter(
            Q(title__icontains=word)
            | Q(summary__icontains=word)
            | Q(body__icontains=word)
            | Q(kind__name__icontains=word)
            | Q(topic__name__icontains=word)
        )
    return found


def _front(found: QuerySet[Asset]) -> tuple[Asset | None, list[Asset]]:
    """The featured piece and the short reads of the front page."""
    featured = found.filter(featured=True).first() or found.first()
    articles = found.filter(gated=False, kind__slug="article").exclude(pk=featured.pk if featured else None)
    shorts = [asset for asset in articles[:40] if _minutes(asset.length) <= SHORT_MINUTES][:SHORT_READS]
    return featured, shorts if len(shorts) >= 3 else []


def _minutes(length: str) -> int:
    """Minutes of "4 minutes"; a large number for any other length."""
    number = re.match(r"(\d+)\s*min", length)
    return int(number.group(1)) if number else 10**6


def _laid_out(assets: list[Asset], *, shorts: bool) -> list[Card]:
    """The second row of the front page holds one wide piece and the short reads, so that the index has a rhythm."""
    wide = 3 if shorts and len(assets) > 3 else -1
    return [
        card(asset, wide=place == wide, shorts_follow=place == wide) for place, asset in enumerate(assets)
    ]


def _topics(everything: QuerySet[Asset], wish: Wish) -> list[Choice]:
    others = _matching(everything, Wish(stage=wish.stage, kind=wish.kind, q=wish.q))
    counts = dict(others.order_by().values_list("topic__slug").annotate(Count("pk")))
    every = Choice(pgettext("public", "All"), wish.but(topic=""), sum(counts.values()), not wish.topic)
    return [every] + [
        Choice(topic.name, wish.but(topic=topic.slug), counts.get(topic.slug, 0), wish.topic == topic.slug)
        for topic in Topic.objects.in_use()
        if counts.get(topic.slug) or wish.topic == topic.slug
    ]


def _stages(everything: QuerySet[Asset], wish: Wish) -> list[Choice]:
    words = {
        JourneyStage.AWARENESS: _("understand a problem"),
        JourneyStage.CONSIDERATION: _("compare ways to solve it"),
        JourneyStage.DECISION: _("decide and buy"),
    }
    others = _matching(everything, Wish(topic=wish.topic, kind=wish.kind, q=wish.q))
    counts = dict(others.order_by().values_list("journey_stage").annotate(Count("pk")))
    return [
        Choice(
            label,
            wish.but(stage="" if wish.stage == stage else stage.value),
            counts.get(stage.value, 0),
            wish.stage == stage,
        )
        for stage, label in words.items()
    ]
