"""The HTML of a mail: cleaned, its links found and changed, its styles made inline, and a text made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import nh3
from css_inline import CSSInliner
from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.links import is_safe_target

_TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "hr", "i", "img", "li", "ol", "p", "s",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "lang", "dir"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"align", "valign", "width", "colspan"},
    "th": {"align", "valign", "width", "colspan"},
    "ol": {"start"},
}
_ALONE = re.compile(r"^\s*\{\{.*\}\}\s*$", re.DOTALL)  # an address that a merge field makes, our own only
_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False)


def clean(html: str) -> str:
    """What is on the allow list. Scripts, styles, handlers and foreign schemes are gone; merge fields stay."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )


def targets(html: str) -> list[str]:
    """The web addresses a mail links to, each once, in the order of the text. Paths are of our own site."""
    return [target for target in _hrefs(html) if _can_be_followed(target)]


def bad_targets(html: str) -> list[str]:
    """Addresses that cannot be clicked in a mail: relative ones, half merged ones, foreign schemes."""
    fine = ("mailto:", "tel:")
    return [
        target
        for target in _hrefs(html)
        if not _can_be_followed(target) and not target.lower().startswith(fine) and not _ALONE.match(target)
    ]


def _can_be_followed(target: str) -> bool:
    """Known when the mail is written, so that it can be kept on our side and led to later."""
    return is_safe_target(target) and "{{" not in target and "{%" not in target


def _hrefs(html: str) -> list[str]:
    found = (node.attributes.get("href") or "" for node in LexborHTMLParser(html).css("a[href]"))
    return list(dict.fromkeys(target.strip() for target in found))


def with_links(html: str, change: Callable[[str], str]) -> str:
    """The fragment with every web address given to `change` and replaced by its answer."""
    tree = LexborHTMLParser(f"<body>{html}</body>")
    for node in tree.css("a[href]"):
        target = (node.attributes.get("href") or "").strip()
        if is_safe_target(target):
            node.attrs["href"] = change(target)
    return tree.body.inner_html or "" if tree.body else ""


def inlined(page: str) -> str:
    """A whole page with its rules put on its tags, as mail programs need it. Nothing is loaded from elsewhere."""
    return _INLINER.inline(page)


_BLOCKS = {"p", "div", "h1", "h2", "h3", "ul", "ol", "table", "blockquote", "hr"}
_ROWS = {"tr", "li"}


def to_text(html: str) -> str:
    """The fragment as plain text: paragraphs apart, a dash before list items, an address after its words."""
    tree = LexborHTMLParser(f"<body>{html}</body>")
    text = "".join(_pieces(tree.body)) if tree.body else ""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(node: LexborNode) -> Iterator[str]:
    for child in node.iter(include_text=True):
        if child.is_text_node:
            yield re.sub(r"\s+", " ", child.text_content or "")
        elif child.tag == "br":
            yield "\n"
        elif child.tag == "a":
            yield _link(child)
        elif child.tag == "img":
            yield child.attributes.get("alt") or ""
        else:
            edge = "\n\n" if child.tag in _BLOCKS else "\n" if child.tag in _ROWS else ""
            yield edge + ("- " if child.tag == "li" else "")
            yield from _pieces(child)
            yield edge or (" " if child.tag in ("td", "th") else "")


def _link(node: LexborNode) -> str:
    words = " ".join("".join(_pieces(node)).split())
    target = node.attributes.get("href") or ""
    if not target or target.startswith(("mailto:", "tel:")) or words == target:
        return words or target
    return f"{words} <{target}>" if words else target
