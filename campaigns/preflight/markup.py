"""What stands in the mail: pictures, text part, size, fonts, and what big mail programs do not show. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.preflight.findings import ERROR, NOTE, WARNING, Finding, Mail

# Gmail shows the first 102 KB of a mail's HTML and hides the rest, the way out with it.
CLIPPED_AT = 102 * 1024
NEARLY_CLIPPED = 90 * 1024
SMALLEST_FONT = 12  # px: below it iOS makes letters larger by itself and the layout breaks
MOST_OF_A_PICTURE_MAIL = 120  # characters of text, below which a mail with pictures is a picture
GENERIC = {
    "serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "ui-sans-serif", "ui-serif",
    "ui-monospace", "inherit", "initial",
}  # fmt: skip
EVERYWHERE = {
    "arial", "helvetica", "georgia", "verdana", "tahoma", "trebuchet ms", "times", "times new roman", "courier",
    "courier new", "segoe ui",
}  # fmt: skip
# Not shown, or shown wrongly, by one of Gmail, Outlook for Windows, Apple Mail, Yahoo. Facts: caniemail.com.
TAGS = {
    "form": ERROR, "input": ERROR, "button": ERROR, "select": ERROR, "textarea": ERROR, "iframe": ERROR,
    "object": ERROR, "embed": ERROR, "script": ERROR, "video": WARNING, "audio": WARNING, "svg": WARNING,
    "canvas": ERROR, "base": ERROR,
}  # fmt: skip
PROPERTIES = {
    "position": r"(absolute|fixed|sticky|relative)",
    "display": r"(inline-)?(flex|grid)",
    "float": r"(left|right)",
    "background-image": r"url\(",
    "animation": r".+",
    "transform": r".+",
    "clip-path": r".+",
    "object-fit": r".+",
}


def check(mail: Mail) -> Iterator[Finding]:
    """Everything that can be seen in the page itself."""
    tree = LexborHTMLParser(mail.html)
    yield from _pictures(tree)
    yield from _undescribed(
        LexborHTMLParser(mail.written)
    )  # making it ready puts empty words where there are none
    yield from _features(tree)
    yield from _features(
        LexborHTMLParser(mail.written)
    )  # what cleaning takes away is missed by the writer, too
    yield from _fonts(tree)
    yield from _size(mail)
    yield from _text_part(mail, tree)
    yield from _way_out(mail, tree)


def style_of(node: LexborNode) -> dict[str, str]:
    """The inline style of a tag, property → value, both in lower case."""
    pairs = (part.partition(":") for part in (node.attributes.get("style") or "").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _colon, value in pairs if value.strip()}


def is_unseen(node: LexborNode) -> bool:
    """Hidden from eyes on purpose: the preview line, what only programs meet, pictures of one pixel."""
    style = style_of(node)
    if style.get("display") == "none" or "hidden" in node.attributes:
        return True
    return node.tag == "img" and (node.attributes.get("width"), node.attributes.get("height")) == ("1", "1")


def _pictures(tree: LexborHTMLParser) -> Iterator[Finding]:
    for node in tree.css("img"):
        if is_unseen(node):
            continue
        source = node.attributes.get("src") or ""
        if source.startswith("data:"):
            words = _("A picture is written into the mail; Gmail does not show it. Upload it and link to it.")
            yield Finding("picture-data", ERROR, words, source[:40])
        elif not source.startswith(("https://", "http://")):
            yield Finding(
                "picture-address", ERROR, _("A picture has no whole address (https://…)."), source[:120]
            )
        if not node.attributes.get("width"):
            words = _("A picture has no width; Outlook shows it at its full size.")
            yield Finding("picture-width", WARNING, words, source[:120])


def _undescribed(written: LexborHTMLParser) -> Iterator[Finding]:
    for node in written.css("img, mj-image"):
        if "alt" not in node.attributes:
            words = _("A picture has no description. Most readers see the description first; write alt text.")
            yield Finding("picture-alt", WARNING, words, (node.attributes.get("src") or "")[:120])


def _features(tree: LexborHTMLParser) -> Iterator[Finding]:
    for tag, level in TAGS.items():
        if tree.css_first(tag):
            words = _("<%(tag)s> is not shown, or stripped, by big mail programs.") % {"tag": tag}
            yield Finding("unsupported-tag", level, words, tag)
    for node in tree.css("[style]"):
        for name, value in style_of(node).items():
            wanted = PROPERTIES.get(name)
            if "var(" in value or (wanted and re.search(wanted, value)):
                words = _("“%(name)s: %(value)s” does not work in every big mail program.")
                yield Finding(
                    "unsupported-style", WARNING, words % {"name": name, "value": value[:40]}, node.tag or ""
                )


def _fonts(tree: LexborHTMLParser) -> Iterator[Finding]:
    for node in tree.css("[style]"):
        style = style_of(node)
        family = [
            name.strip().strip("'\"").lower() for name in style.get("font-family", "").split(",") if name
        ]
        if family and not set(family) & (GENERIC | EVERYWHERE):
            words = _("The font has no fallback; where it is missing the mail looks accidental.")
            yield Finding("font-fallback", WARNING, words, style["font-family"][:80])
        size = re.fullmatch(r"([\d.]+)px", style.get("font-size", ""))
        if size and 0 < float(size[1]) < SMALLEST_FONT and _own_text(node):
            words = _("Letters of %(size)s px are too small for a phone.")
            yield Finding("font-small", WARNING, words % {"size": size[1]}, _own_text(node)[:60])
    for node in tree.css("link[rel=stylesheet], style"):
        if node.tag == "link" or "@import" in (node.text() or ""):
            words = _(
                "A web font or style sheet is loaded from elsewhere; most mail programs do not load it."
            )
            yield Finding("font-remote", WARNING, words, (node.attributes.get("href") or "@import")[:120])


def _own_text(node: LexborNode) -> str:
    return " ".join((node.text(deep=False) or "").split())


def _size(mail: Mail) -> Iterator[Finding]:
    size = len(mail.html.encode())
    if size > CLIPPED_AT:
        words = _("The mail has %(size)d KB; Gmail cuts at 102 KB and hides the way out. Shorten it.")
        yield Finding("size", ERROR, words % {"size": size // 1024})
    elif size > NEARLY_CLIPPED:
        words = _("The mail has %(size)d KB; Gmail cuts at 102 KB.")
        yield Finding("size", WARNING, words % {"size": size // 1024})


def _text_part(mail: Mail, tree: LexborHTMLParser) -> Iterator[Finding]:
    said = " ".join(mail.text.partition("\n-- \n")[0].split())
    pictures = [node for node in tree.css("img") if not is_unseen(node)]
    if not said:
        yield Finding(
            "text-part", ERROR, _("There is no text part; programs that show text only show nothing.")
        )
    elif pictures and len(said) < MOST_OF_A_PICTURE_MAIL:
        words = _("The mail is nearly all picture: with pictures blocked nothing is left to read.")
        yield Finding("picture-only", WARNING, words)
    elif len(said) < 30:
        yield Finding("text-short", NOTE, _("The mail says very little."))


def _way_out(mail: Mail, tree: LexborHTMLParser) -> Iterator[Finding]:
    seen = {node.attributes.get("href") for node in tree.css("a[href]") if not is_unseen(node)}
    if not mail.unsubscribe_url or mail.unsubscribe_url not in seen:
        yield Finding("unsubscribe", ERROR, _("There is no way to unsubscribe in the mail."))
    elif mail.text.strip() and mail.unsubscribe_url not in mail.text:
        yield Finding("unsubscribe", ERROR, _("There is no way to unsubscribe in the text part."))
    if not mail.postal_address or mail.postal_address not in _plain(tree):
        words = _(
            "The postal address is missing (CAN-SPAM Act; the imprint laws of DE, AT, CH ask for it, too)."
        )
        yield Finding("postal-address", ERROR, words)


def _plain(tree: LexborHTMLParser) -> str:
    return " ".join((tree.body.text() if tree.body else "").split())
