"""What the mail links to, as far as it can be seen without asking anybody. Own pages are looked up, not fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser

from campaigns import library, links, pages
from campaigns.preflight.findings import ERROR, WARNING, Finding, Mail
from campaigns.preflight.markup import is_unseen

NOT_MEANT = re.compile(
    r"^(#.*|https?://(www\.)?(example\.(com|org|net)|yoursite|link)\b.*|javascript:.*|)$", re.I
)
INSIDE = re.compile(
    r"^(localhost|127\.|10\.|192\.168\.|169\.254\.|\[?::1|.*\.(local|internal|lan|test)$)", re.I
)
SAYS_NOTHING = {
    "click here",
    "here",
    "hier",
    "ici",
    "qui",
    "aquí",
    "link",
    "read more",
    "more",
    "mehr",
    "click",
}


def check(mail: Mail, *, at: datetime) -> Iterator[Finding]:
    """Addresses nobody can follow, words that say nothing, and pages of ours that are not there."""
    tree = LexborHTMLParser(mail.html)
    written = {node.attributes.get("href") or "" for node in LexborHTMLParser(mail.written).css("a")}
    for target in sorted(written):
        if NOT_MEANT.match(target.strip()):
            words = _("A link leads nowhere. Put the address in that you mean.")
            yield Finding("link-nowhere", ERROR, words, target or 'href=""')
    for node in tree.css("a[href]"):
        words = " ".join((node.text() or "").split())
        if is_unseen(node):
            continue
        if words.casefold().strip(" .»›→") in SAYS_NOTHING:
            told = _("“%(words)s” does not say where the link leads; screen readers read links alone.")
            yield Finding("link-words", WARNING, told % {"words": words}, node.attributes.get("href") or "")
        elif not words and not node.css_first("img[alt]:not([alt=''])"):
            yield Finding("link-empty", WARNING, _("A link has no words."), node.attributes.get("href") or "")
    for source, target in mail.targets:
        yield from _address(source, target, at)


def _address(source: str, target: str, at: datetime) -> Iterator[Finding]:
    parts = urlsplit(source)
    if is_own(source):
        yield from _own_page(parts.path, source, at)
        yield from _campaign_marks(source, target)
        return
    if INSIDE.match(parts.hostname or ""):
        words = _("This address is inside a private network; readers cannot reach it.")
        yield Finding("link-private", ERROR, words, source)
    elif parts.scheme == "http":
        words = _("The link is not encrypted (http). Use https if the site has it.")
        yield Finding("link-http", WARNING, words, source)


def is_own(target: str) -> bool:
    """A path, or an address under our own name."""
    return target.startswith("/") or urlsplit(target).netloc == urlsplit(settings.BASE_URL).netloc


def _own_page(path: str, source: str, at: datetime) -> Iterator[Finding]:
    try:
        found = resolve(path)
    except Resolver404:
        yield Finding("link-own", ERROR, _("There is no such page on our site."), source)
        return
    slug = found.kwargs.get("slug", "")
    missing = {
        "landing": lambda: pages.find_page(slug, at=at) is None,
        "asset": lambda: not library.pieces(at=at).filter(slug=slug).exists(),
        "short_link": lambda: links.resolve(found.kwargs["code"]) is None,
    }.get(found.url_name or "", lambda: False)
    if missing():
        words = _("That page of ours is not published, or no longer. Readers would find it gone.")
        yield Finding("link-own", ERROR, words, source)


def _campaign_marks(source: str, target: str) -> Iterator[Finding]:
    """Visits by this mail should be counted for its campaign."""
    given = parse_qs(urlsplit(source).query)
    sent = parse_qs(urlsplit(target).query)
    if "utm_campaign" not in sent:
        words = _(
            "Visits by this link belong to no campaign. Give the sequence a campaign, or the link its UTM."
        )
        yield Finding("utm-missing", WARNING, words, source)
    elif given.get("utm_medium", ["email"])[0].lower() not in ("email", "e-mail"):
        words = _(
            "The link says that it does not come by e-mail (utm_medium). Reports would count it elsewhere."
        )
        yield Finding("utm-wrong", WARNING, words, source)
