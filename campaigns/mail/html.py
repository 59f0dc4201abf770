"""The HTML of a mail: cleaned, its links found and changed, its styles made inline, and a text made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import nh3
from css_inline import CSSInliner
from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.links import is_safe_target
from campaigns.mail.marks import in_text, only_marks

TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "hr", "i", "img", "li", "ol", "p", "s",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"class", "lang", "dir"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"align", "valign", "width", "colspan"},
    "th": {"align", "valign", "width", "colspan"},
    "ol": {"start"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
# An address that a merge field makes: ours only, never what somebody typed about themselves.
_ALONE = re.compile(r"^\s*\{\{\s*(?:unsubscribe_url|preferences_url|piece\.url)\s*\}\}\s*$")
_BUTTON = re.compile(r'<p>\s*(<a\b[^>]*\bclass="button"[^>]*>(?:(?!</?(?:a|p)\b).)*</a>)\s*</p>', re.DOTALL)
_BULLETPROOF = (
    '<table role="presentation" class="w b" cellpadding="0" cellspacing="0" border="0"><tr>'
    '<td class="b" bgcolor="#4a4fd6">\\1</td></tr></table>'
)
_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False)


def clean(html: str, *, keep_marks: bool = False) -> str:
    """What is on the allow list. Scripts, styles, handlers and foreign schemes are gone; merge fields that were put
    aside (`campaigns.mail.marks`) stay."""
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=not keep_marks,
    )
    return only_marks(cleaned) if keep_marks else cleaned


def with_buttons(html: str) -> str:
    """A button that has a paragraph to itself becomes a coloured table cell: Outlook gives a link no padding."""
    return _BUTTON.sub(_BULLETPROOF, html)


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


def to_text(html: str, links: Callable[[str], str] = str) -> str:
    """The fragment as plain text: paragraphs apart, a dash before list items, an address (``links`` says which) after
    its words."""
    tree = LexborHTMLParser(f"<body>{html}</body>")
    text = "".join(_pieces(tree.body, links)) if tree.body else ""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(node: LexborNode, links: Callable[[str], str]) -> Iterator[str]:
    for child in node.iter(include_text=True):
        if child.is_text_node:
            yield re.sub(r"\s+", " ", child.text_content or "")
        elif child.is_comment_node:
            yield in_text(child.comment_content or "")
        elif child.tag == "br":
            yield "\n"
        elif child.tag == "a":
            yield _link(child, links)
        elif child.tag == "img":
            yield child.attributes.get("alt") or ""
        else:
            edge = "\n\n" if child.tag in _BLOCKS else "\n" if child.tag in _ROWS else ""
            yield edge + ("- " if child.tag == "li" else "")
            yield from _pieces(child, links)
            yield edge or (" " if child.tag in ("td", "th") else "")


def _link(node: LexborNode, links: Callable[[str], str]) -> str:
    words = " ".join("".join(_pieces(node, links)).split())
    target = node.attributes.get("href") or ""
    if not target or target.startswith(("mailto:", "tel:")):
        return words or target
    led = links(target) if is_safe_target(target) else target
    return led if words in ("", target) else f"{words} <{led}>"
