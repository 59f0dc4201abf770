"""What a search engine would find wanting on a page, before it is published. Pure: reads the page's HTML.

The limits are those at which Google's result list cuts (about 60 characters of a title, 160 of a description) and
those of the budget that this site keeps (docs/pages.md).
"""

import gzip
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

ERROR, WARNING, NOTICE = "error", "warning", "notice"
TITLE, DESCRIPTION = (20, 60), (60, 160)
LONGEST_SLUG = 60
MOST_HTML = 40_000  # bytes, compressed
MOST_WORDS_OF_A_HEADING = 14
PICTURE = (1200, 630)


@dataclass(frozen=True)
class Finding:
    """One line of the panel: how bad, and what to do."""

    level: str
    text: str


@dataclass
class Read:
    """What the parser saw of a page."""

    title: str = ""
    language: str = ""
    description: str = ""
    canonical: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    pictures_without_words: int = 0
    data: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read, self._into, self._level = Read(), "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.read.language = found.get("lang", "")
        elif tag == "meta" and found.get("name") == "description":
            self.read.description = found.get("content", "")
        elif tag == "link" and found.get("rel") == "canonical":
            self.read.canonical = found.get("href", "")
        elif tag == "img":
            self.read.pictures_without_words += "alt" not in found
        elif tag == "script" and found.get("type") == "application/ld+json":
            self._into = "data"
        elif tag == "title" and not self.read.title:
            self._into = "title"
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._into, self._level = "heading", int(tag[1])
            self.read.headings.append((self._level, ""))

    def handle_data(self, data: str) -> None:
        if self._into == "title":
            self.read.title += data
        elif self._into == "data":
            self.read.data += data
        elif self._into == "heading":
            level, words = self.read.headings[-1]
            self.read.headings[-1] = (level, words + data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"title", "script", f"h{self._level}"}:
            self._into = ""


def read(html: str) -> Read:
    reader = _Reader()
    reader.feed(html)
    return reader.read


def examine(
    html: str,
    *,
    slug: str,
    url: str,
    brand: str = "",
    picture: tuple[int, int] | None = None,
    title: str = "",
) -> list[Finding]:
    """All findings of a rendered page, the worst first. ``picture``: size of a marketer's own picture, if any.

    ``url`` is the address the page will have; ``title`` its headline, where that differs from the title's words.
    """
    seen = read(html)
    words = title or seen.title.removesuffix(f" · {brand}")
    found = [
        *_of_title(words.strip()),
        *_of_description(seen.description),
        *_of_headings(seen.headings),
        *_of_address(slug, seen.canonical, url),
        *_of_picture(picture),
        *_of_data(seen.data),
        *_of_weight(html),
    ]
    if seen.pictures_without_words:
        found.append(Finding(ERROR, _("A picture has no words for those who cannot see it.")))
    if not seen.language:
        found.append(Finding(ERROR, _("The page does not say its language.")))
    order = {ERROR: 0, WARNING: 1, NOTICE: 2}
    return sorted(found, key=lambda one: order[one.level])


def _of_title(words: str) -> list[Finding]:
    if not words:
        return [Finding(ERROR, _("There is no headline yet."))]
    if len(words) > TITLE[1]:
        text = _("The headline has %(length)d characters; search results cut it after about %(most)d.")
        return [Finding(WARNING, text % {"length": len(words), "most": TITLE[1]})]
    if len(words) < TITLE[0]:
        text = _("The headline is short. Say what the reader gets, in %(least)d to %(most)d characters.")
        return [Finding(NOTICE, text % {"least": TITLE[0], "most": TITLE[1]})]
    return []


def _of_description(words: str) -> list[Finding]:
    if not words:
        return [Finding(ERROR, _("There is no text for search engines, and no lead text to take its place."))]
    if words.endswith("…"):
        text = _(
            "The text for search engines is the lead text, cut. Write one of at most %(most)d characters."
        )
        return [Finding(WARNING, text % {"most": DESCRIPTION[1]})]
    if len(words) < DESCRIPTION[0]:
        text = _("The text for search engines is short: %(length)d characters. There is room for %(most)d.")
        return [Finding(NOTICE, text % {"length": len(words), "most": DESCRIPTION[1]})]
    return []


def _of_headings(headings: list[tuple[int, str]]) -> list[Finding]:
    found = []
    first = [words for level, words in headings if level == 1]
    if len(first) != 1:
        found.append(
            Finding(ERROR, _("A page has one headline; here are %(number)d.") % {"number": len(first)})
        )
    levels = [level for level, _words in headings]
    if any(after > before + 1 for before, after in pairwise(levels)):
        found.append(
            Finding(WARNING, _("A heading skips a level, so that its order is lost to a screen reader."))
        )
    if any(not words.strip() for _level, words in headings):
        found.append(Finding(ERROR, _("A heading is empty.")))
    if any(len(words.split()) > MOST_WORDS_OF_A_HEADING for level, words in headings if level > 1):
        found.append(
            Finding(NOTICE, _("A heading reads like a sentence of the text. Shorter ones are found."))
        )
    return found


def _of_address(slug: str, canonical: str, url: str) -> list[Finding]:
    if not slug:
        return [Finding(ERROR, _("The page has no address yet."))]
    found = []
    if canonical != url:
        found.append(
            Finding(ERROR, _("The page names another address than its own as the one to be listed."))
        )
    if len(slug) > LONGEST_SLUG:
        found.append(Finding(WARNING, _("The address is long. A few words are easier to read and to share.")))
    if "_" in slug:
        found.append(Finding(NOTICE, _("Search engines part words at hyphens, not at underscores.")))
    return found


def _of_picture(size: tuple[int, int] | None) -> list[Finding]:
    if size is None:
        return [
            Finding(
                NOTICE, _("Shared links show a picture drawn from the headline. You may upload your own.")
            )
        ]
    if size[0] < PICTURE[0] or size[1] < PICTURE[1]:
        text = _("The picture for social networks is %(w)d × %(h)d; below 1200 × 630 it is blurred.")
        return [Finding(WARNING, text % {"w": size[0], "h": size[1]})]
    return []


def _of_data(data: str) -> list[Finding]:
    try:
        kinds = [one["@type"] for one in json.loads(data)["@graph"]]
    except (ValueError, KeyError, TypeError):
        return [Finding(ERROR, _("The structured data cannot be read."))]
    if "FAQPage" not in kinds:
        return [
            Finding(NOTICE, _("No questions and answers yet. They may be shown right in the search results."))
        ]
    return []


def _of_weight(html: str) -> list[Finding]:
    size = len(gzip.compress(html.encode()))
    if size <= MOST_HTML:
        return []
    text = _("The page alone weighs %(size)d KB compressed. Below %(most)d KB it opens at once on a phone.")
    return [Finding(WARNING, text % {"size": size // 1000, "most": MOST_HTML // 1000})]


def summary(findings: list[Finding]) -> dict[str, Any]:
    """How many of each level."""
    return {level: sum(one.level == level for one in findings) for level in (ERROR, WARNING, NOTICE)}
