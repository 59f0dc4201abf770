"""What search engines and social networks read of a public page: address, description, picture, structured data.

Structured data follows schema.org (version 29) as JSON-LD. It says only what the page says too.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from campaigns import organisation
from campaigns.library import NEWSLETTER
from campaigns.models import Asset, LandingPage, PageBlock
from campaigns.social import SIZE, key_of_asset, key_of_page

DESCRIPTION = 160
# Kind of asset → schema.org type. What is not listed is a CreativeWork.
TYPES = {
    "article": "Article",
    "case-study": "Article",
    "guide": "Article",
    "white-paper": "Report",
    "report": "Report",
    "ebook": "Book",
    "e-book": "Book",
    "video": "VideoObject",
    "webinar": "VideoObject",
    "course": "Course",
    "template": "DigitalDocument",
    "worksheet": "DigitalDocument",
}
LOCALES = {"en": "en_GB", "de": "de_DE", "fr": "fr_FR", "it": "it_IT", "es": "es_ES"}
# Inside a script element only these could end it or begin a comment.
_HARMLESS = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Snippet:
    """The head of a public page. ``alternates`` are (language, address) of the same page in other languages."""

    title: str
    description: str
    url: str
    picture: str
    kind: str
    language: str
    graph: list[dict[str, Any]] = field(default_factory=list)
    alternates: list[tuple[str, str]] = field(default_factory=list)

    @property
    def locale(self) -> str:
        return LOCALES.get(self.language, self.language)

    @property
    def size(self) -> tuple[int, int]:
        return SIZE

    @property
    def json_ld(self) -> SafeString:
        """The structured data, safe inside a script element of type application/ld+json."""
        words = json.dumps({"@context": "https://schema.org", "@graph": self.graph}, ensure_ascii=False)
        return mark_safe(words.translate(_HARMLESS))


def of_page(page: LandingPage, blocks: Iterable[PageBlock]) -> Snippet:
    """The head of a landing page. ``page`` comes from ``for_render()``."""
    url = absolute("landing", page.slug)
    words = describe(page.search_text or page.lead_text)
    picture = f"{absolute('page_picture', page.slug)}?v={key_of_page(page)}"
    questions = [block for block in blocks if block.kind == PageBlock.Kind.FAQ and block.text]
    about: dict[str, Any] = {
        "@type": "ContactPage" if page.inquiry else "WebPage",
        "@id": url,
        "url": url,
        "name": page.title,
        "description": words,
        "inLanguage": page.language,
        "primaryImageOfPage": {"@type": "ImageObject", "url": picture},
        "publisher": {"@id": _home("#organisation")},
    }
    graph = [about, _trail(page.title, url), _organisation()]
    if page.asset and page.asset.kind.slug != NEWSLETTER:
        about["mainEntity"] = {"@id": f"{url}#piece"}
        graph.append(_piece(page.asset, f"{url}#piece", url, picture))
    if questions:
        graph.append(_questions(questions, url))
    return Snippet(page.title, words, url, picture, "website", page.language, graph, alternates_of(page))


def of_asset(asset: Asset) -> Snippet:
    """The head of an open piece that is read in place."""
    url = absolute("asset", asset.slug)
    words = describe(asset.summary)
    picture = f"{absolute('asset_picture', asset.slug)}?v={key_of_asset(asset)}"
    graph = [_piece(asset, f"{url}#piece", url, picture), _trail(asset.title, url), _organisation()]
    return Snippet(asset.title, words, url, picture, "article", asset.language, graph)


def of_library(*, language: str, page: int = 1) -> Snippet:
    """The head of the library; its later sheets are pages of their own, its filters are not."""
    url = absolute("library") + (f"?page={page}" if page > 1 else "")
    who = organisation.facts()
    words = describe(who["library_lead"])
    title = f"{_('Resources')} · {who['brand']}"
    about = {"@type": "CollectionPage", "@id": url, "url": url, "name": title, "description": words}
    picture = absolute("library_picture")
    return Snippet(title, words, url, picture, "website", language, [about, _organisation()])


def alternates_of(page: LandingPage) -> list[tuple[str, str]]:
    """The page in each of its public languages, itself among them; empty where there is one only."""
    family = getattr(page, "family", [])
    return sorted((one.language, absolute("landing", one.slug)) for one in family) if len(family) > 1 else []


def absolute(name: str, *args: str) -> str:
    """The full address of a public page."""
    return f"{settings.BASE_URL}{reverse(name, args=args)}"


def describe(text: str) -> str:
    """A sentence for search results, cut at a word."""
    return shorten(text, DESCRIPTION, placeholder="…")


def _piece(asset: Asset, own: str, url: str, picture: str) -> dict[str, Any]:
    kind = TYPES.get(asset.kind.slug, "CreativeWork")
    who = {"@id": _home("#organisation")}
    piece: dict[str, Any] = {
        "@type": kind,
        "@id": own,
        "name": asset.title,
        "headline": Truncator(asset.title).chars(110),
        "description": describe(asset.summary) or asset.title,
        "url": url,
        "image": picture,
        "inLanguage": asset.language,
        "author": who,
        "publisher": who,
        "isAccessibleForFree": True,
    }
    if asset.gated:
        piece["conditionsOfAccess"] = _("Free, we ask for your e-mail")
    if asset.topic:
        piece["about"] = asset.topic.name
    if asset.published_at:
        piece["datePublished"] = _day(asset.published_at)
    if kind == "VideoObject":
        piece |= {"thumbnailUrl": picture, "uploadDate": piece.get("datePublished", "")}
        del piece["headline"]
    if kind == "Course":
        piece["provider"] = who
        del piece["headline"]
    return piece


def _questions(blocks: list[PageBlock], url: str) -> dict[str, Any]:
    return {
        "@type": "FAQPage",
        "@id": f"{url}#faq",
        "mainEntity": [
            {
                "@type": "Question",
                "name": block.heading,
                "acceptedAnswer": {"@type": "Answer", "text": block.text},
            }
            for block in blocks
        ],
    }


def _trail(title: str, url: str) -> dict[str, Any]:
    steps = [(_("Resources"), absolute("library")), (title, url)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": where}
            for number, (name, where) in enumerate(steps, 1)
        ],
    }


def _organisation() -> dict[str, Any]:
    who = organisation.facts()
    return {
        "@type": "Organization",
        "@id": _home("#organisation"),
        "name": who["name"],
        "alternateName": who["brand"],
        "url": absolute("library"),
        "address": who["postal_address"],
        "description": who["about"],
    }


def _home(fragment: str) -> str:
    return f"{absolute('library')}{fragment}"


def _day(at: datetime) -> str:
    return at.date().isoformat()
