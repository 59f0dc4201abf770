"""Whether letters can be read: contrast on the ground they stand on, in light and in dark. Pure.

Formula and limits: WCAG 2.2, success criterion 1.4.3 (4.5 : 1; 3 : 1 from 24 px, or 18.66 px bold).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.colours import READABLE, Colour, contrast, parse
from campaigns.preflight.findings import WARNING, Finding, Mail
from campaigns.preflight.markup import is_unseen, style_of

SMALL, LARGE = READABLE, 3.0


@dataclass(frozen=True)
class Ink:
    """How text would look at a place of the tree."""

    colour: Colour = (0, 0, 0)
    ground: Colour | None = (255, 255, 255)  # None: a picture, nobody knows
    size: float = 16
    bold: bool = False


def check(mail: Mail) -> Iterator[Finding]:
    """Text that is hard to read, and colours that only one of the two themes expects."""
    tree = LexborHTMLParser(mail.html)
    if tree.body:
        yield from _walk(tree.body, Ink())
    if "prefers-color-scheme" not in mail.html and "color-scheme" not in mail.html:
        words = _("The mail says nothing about dark mode; programs will turn its colours as they like.")
        yield Finding("dark-mode", WARNING, words)


def _walk(node: LexborNode, ink: Ink) -> Iterator[Finding]:
    if is_unseen(node):
        return
    style = style_of(node)
    ink, sets_ground = _inked(node, style, ink)
    text = " ".join((node.text(deep=False) or "").split())
    if text and ink.ground is not None:
        wanted = LARGE if ink.size >= 24 or (ink.bold and ink.size >= 18.66) else SMALL
        found = contrast(ink.colour, ink.ground)
        if found < wanted:
            words = _("Hard to read: contrast %(found).1f : 1, at least %(wanted)s : 1 is needed.")
            yield Finding("contrast", WARNING, words % {"found": found, "wanted": wanted}, text[:60])
    if sets_ground and not _ink_set(style, node):
        words = _("A ground colour is set without a text colour: in dark mode light letters may stand on it.")
        yield Finding("dark-half", WARNING, words, text[:60] or (node.tag or ""))
    for child in node.iter():
        yield from _walk(child, ink)


def _ink_set(style: dict[str, str], node: LexborNode) -> bool:
    """A colour of its own, or nothing written straight on this ground."""
    return "color" in style or not " ".join((node.text(deep=False) or "").split())


def _inked(node: LexborNode, style: dict[str, str], ink: Ink) -> tuple[Ink, bool]:
    ground = style.get("background-color") or style.get("background") or node.attributes.get("bgcolor") or ""
    sets_ground = False
    if "url(" in ground:
        ink = replace(ink, ground=None)
    elif ground and (colour := parse(ground)):
        sets_ground = "background" in "".join(style) and colour != ink.ground
        ink = replace(ink, ground=colour)
    if "color" in style and (colour := parse(style["color"])):
        ink = replace(ink, colour=colour)
    size = re.fullmatch(r"([\d.]+)px", style.get("font-size", ""))
    weight = style.get("font-weight", "")
    bold = weight in ("bold", "bolder", "600", "700", "800", "900") or node.tag in (
        "b",
        "strong",
        "h1",
        "h2",
        "h3",
        "th",
    )
    return replace(
        ink, size=float(size[1]) if size else ink.size, bold=bold or (ink.bold and not weight)
    ), sets_ground
