"""Whether letters can be read: contrast on the ground they stand on, in light and in dark. Pure.

Formula and limits: WCAG 2.2, success criterion 1.4.3 (4.5 : 1; 3 : 1 from 24 px, or 18.66 px bold).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.preflight.findings import WARNING, Finding, Mail
from campaigns.preflight.markup import is_unseen, style_of

Colour = tuple[int, int, int]
NAMES: dict[str, Colour] = {
    "black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255),
    "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "navy": (0, 0, 128), "green": (0, 128, 0), "orange": (255, 165, 0), "purple": (128, 0, 128),
}  # fmt: skip
SMALL, LARGE = 4.5, 3.0
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+%?))?\s*\)")


@dataclass(frozen=True)
class Ink:
    """How text would look at a place of the tree."""

    colour: Colour = (0, 0, 0)
    ground: Colour | None = (255, 255, 255)  # None: a picture, nobody knows
    size: float = 16
    bold: bool = False


def parse(value: str) -> Colour | None:
    """A CSS colour; None for what is none, or is seen through."""
    value = value.strip().lower()
    if value in NAMES:
        return NAMES[value]
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        return (int(value[1] * 2, 16), int(value[2] * 2, 16), int(value[3] * 2, 16))
    if re.fullmatch(r"#[0-9a-f]{6}", value):
        return (int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16))
    found = _RGB.fullmatch(value)
    if not found or (found[4] and found[4] not in ("1", "100%", "1.0")):
        return None
    return (int(found[1]), int(found[2]), int(found[3]))


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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
