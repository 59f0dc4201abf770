"""What a landing page is and how it renders. No request here: `leads` owns the addresses."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import nh3
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import search, wording
from campaigns.covers import cover_for
from campaigns.kept import Kept
from campaigns.library import NEWSLETTER, read_next
from campaigns.models import Asset, LandingPage, PageBlock, PageState

Kind = PageBlock.Kind
READ_TAGS = {
    "a", "b", "blockquote", "br", "code", "em", "figcaption", "figure", "h2", "h3", "h4", "hr", "i", "li",
    "ol", "p", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
FIGURES = frozenset({"two-readings"})


@dataclass(frozen=True)
class Section:
    """Lines of one kind that follow each other, shown as one block of the page."""

    kind: str
    lines: list[PageBlock]
    figure: PageBlock | None = None

    @property
    def template(self) -> str:
        return f"campaigns/blocks/{self.kind}.html"

    @property
    def drawing(self) -> str:
        """The template of the figure beside these lines; empty when there is none."""
        known = self.figure is not None and self.figure.note in FIGURES
        return f"campaigns/figures/{self.figure.note}.html" if known else ""


def find_page(slug: str, *, at: datetime) -> LandingPage | None:
    """The page a visitor may see under this address at ``at``, loaded for rendering. Threads share it: never change it.

    It may be as old as ``settings.KEEP_SECONDS``, and older while the database is away.
    """
    page = _page_at(slug)
    return page if page is not None and is_public(page, at) else None


def is_public(page: LandingPage, at: datetime) -> bool:
    """``LandingPage.objects.public`` for a page in hand."""
    begun = page.publish_from is None or page.publish_from <= at
    return page.state == PageState.PUBLISHED and begun and (not page.publish_until or page.publish_until > at)


def _read_page(slug: str) -> LandingPage | None:
    page = LandingPage.objects.for_render().filter(slug=slug).first()
    if page and (page.is_translated or page.translation_of_id):
        page.family = list(
            LandingPage.objects.public(at=timezone.now()).family(page).only("slug", "language")
        )
    return page


_page_at = Kept(_read_page)


def find_ended(slug: str, *, at: datetime) -> LandingPage | None:
    """The page that stood at this address and has had its time."""
    return LandingPage.objects.ended(at=at).for_render().filter(slug=slug).first()


def page_context(page: LandingPage, *, variant: str = "") -> dict[str, Any]:
    """What a landing page shows besides its form. ``variant`` is the wording ``wording.choose`` gave."""
    blocks = list(page.blocks.all())
    snippet = search.of_page(page, blocks)  # search engines read the first wording, whoever asks
    if variant == wording.B:
        page = wording.worded(page, variant, wording.running_test(page))
    return {
        "snippet": snippet,
        "page": page,
        "asset": page.asset,
        "cover": cover_for(page.asset),
        "kicker": page.kicker or (page.asset.kind.shown if page.asset else ""),
        "points": [block for block in blocks if block.kind == Kind.POINT],
        "sections": sections(page, blocks),
        "form_title": page.form_title or _form_title(page.asset),
        "form_note": page.form_note or (file_facts(page.asset) if page.asset else ""),
    }


def sections(page: LandingPage, blocks: Iterable[PageBlock]) -> list[Section]:
    """The page's blocks below the form, in the marketer's order; "What happens next" is never missing."""
    groups = [
        Section(kind, list(lines))
        for kind, lines in groupby((block for block in blocks if block.kind != Kind.POINT), lambda b: b.kind)
    ]
    out: list[Section] = []
    for group in groups:
        if group.kind == Kind.FIGURE:
            if out and out[-1].kind == Kind.INSIDE:
                out[-1] = Section(Kind.INSIDE, out[-1].lines, group.lines[0])
            continue
        out.append(group)
    if not any(section.kind == Kind.NEXT for section in out):
        tail = next((i for i, s in enumerate(out) if s.kind in (Kind.FAQ, Kind.CLOSING)), len(out))
        out.insert(tail, Section(Kind.NEXT, _usual_steps(page)))
    return out


def asset_context(asset: Asset, *, at: datetime) -> dict[str, Any]:
    """What the reading page of an open piece shows. ``asset`` comes from ``library.pieces()``."""
    return {
        "snippet": search.of_asset(asset),
        "asset": asset,
        "cover": cover_for(asset),
        "body": clean_html(asset.body),
        "file_url": reverse("asset_file", args=[asset.slug]) if asset.file else "",
        "file_facts": file_facts(asset),
        "next": read_next(asset, at=at),
    }


def file_facts(asset: Asset) -> str:
    """ "PDF, 3.2 MB" of an asset's file; empty when there is no file to look at."""
    if not asset.file:
        return ""
    try:
        size = filesizeformat(asset.file.size)
    except OSError:  # the file is gone from the disk: the page must still render
        return ""
    kind = os.path.splitext(str(asset.file.name))[1].lstrip(".").upper() or _("File")
    return f"{kind}, {size}"


def clean_html(body: str) -> str:
    """A marketer's HTML, reduced to what an article needs."""
    return nh3.clean(
        body, tags=READ_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}
    )


def _form_title(asset: Asset | None) -> str:
    if asset and asset.kind.slug == NEWSLETTER:
        return _("Where shall we send it?")
    return _("Get the %(kind)s") % {"kind": asset.kind.word} if asset else _("Write to us")


def _usual_steps(page: LandingPage) -> list[PageBlock]:
    steps = _after_a_question() if page.inquiry or not page.asset else _after_a_download()
    if page.asset and page.asset.kind.slug == NEWSLETTER:
        steps = _after_subscribing()
    return [PageBlock(kind=Kind.NEXT, heading=heading, text=text) for heading, text in steps]


def _after_a_question() -> list[tuple[str, str]]:
    return [
        (_("Right away"), _("Your message reaches the people who can answer it, not a list.")),
        (_("Within a working day"), _("One of us writes or calls, whichever you asked for.")),
        (
            _("After that"),
            _("We stay with your question until it is settled, and then we leave you in peace."),
        ),
    ]


def _after_a_download() -> list[tuple[str, str]]:
    return [
        (_("Right away"), _("The next page has the download. Nothing to confirm first.")),
        (_("Within two minutes"), _("The same link is in your mailbox, yours alone, good for seven days.")),
        (
            _("Later, if you asked for it"),
            _("Mail from us now and then. If you didn’t ask, you won’t hear from us."),
        ),
    ]


def _after_subscribing() -> list[tuple[str, str]]:
    return [
        (
            _("Right away"),
            _("A mail asks whether it was you. One press on its page, and you are on the list."),
        ),
        (_("Now and then"), _("A mail on the topics you choose. Pause it whenever you like.")),
        (_("When you have had enough"), _("The foot of every mail has a link that ends them. No login.")),
    ]
