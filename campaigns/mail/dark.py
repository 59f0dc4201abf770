"""Dark mode for a mail whose colours a marketer chose: what the same places look like on a dark screen. Pure.

Light grounds become dark ones of the same hue, dark ones stay; letters keep their colour where it can be read on the
ground they then stand on as well as before, else they are made lighter until it can. The rules name classes and say
``!important``, since the light colours stand in ``style`` attributes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.colours import (
    BLACK,
    READABLE,
    WHITE,
    Colour,
    contrast,
    lightness,
    luminance,
    parse,
    with_lightness,
    written,
)

# The house's own light grounds and what they are in the dark (docs: tokens of the public face).
_GROUNDS = {"#ffffff": (0x1C, 0x1C, 0x24), "#f7f7f9": (0x0F, 0x0F, 0x14)}
_LIGHT = 0.4  # luminance above which a ground is turned
_ENOUGH = 13.0  # contrast beyond which letters only glare


@dataclass(frozen=True)
class _Place:
    """The ground of a place as written and in the dark, the colour of its letters as written and in the dark."""

    written: Colour
    ground: Colour
    ink: Colour = BLACK
    dark_ink: Colour = BLACK


def darkened(html: str, *, ground: str = "#f7f7f9") -> tuple[str, str]:
    """The fragment with a class where a colour changes, and the rules to stand inside the dark media query."""
    tree = LexborHTMLParser(f"<body>{html}</body>")
    classes: dict[str, str] = {}
    if tree.body is None:
        return html, ""
    light = parse(ground) or WHITE
    start = dark_ground(light)
    _walk(tree.body, _Place(light, start, BLACK, readable(BLACK, start)), classes, first=True)
    rules = "".join(f".{name}{{{rule}}}" for rule, name in classes.items())
    return tree.body.inner_html or "", rules


def dark_ground(colour: Colour) -> Colour:
    """What a ground becomes."""
    known = _GROUNDS.get(written(colour))
    if known:
        return known
    if luminance(colour) <= _LIGHT:
        return colour
    return with_lightness(colour, 0.10 + (1 - lightness(colour)) * 0.25, 0.35)


def readable(ink: Colour, ground: Colour, wanted: float = READABLE) -> Colour:
    """The colour itself, or the nearest lighter one of its hue that stands off this ground as wanted."""
    step, found = lightness(ink), ink
    while contrast(found, ground) < wanted and step < 1:
        step = min(step + 0.04, 1)
        found = with_lightness(ink, step)
    return found if contrast(found, ground) >= contrast(BLACK, ground) else BLACK


def _walk(node: LexborNode, place: _Place, classes: dict[str, str], *, first: bool = False) -> None:
    style = _style(node)
    own_ground = parse(style.get("background-color") or style.get("background") or "") or parse(
        node.attributes.get("bgcolor") or ""
    )
    own_ink = parse(style.get("color", ""))
    rules = []
    if own_ground:
        place = replace(place, written=own_ground, ground=dark_ground(own_ground))
        if place.ground != own_ground:
            rules.append(f"background:{written(place.ground)}!important")
    ink = own_ink or place.ink
    dark = readable(ink, place.ground, min(max(contrast(ink, place.written), READABLE), _ENOUGH))
    if dark != (ink if own_ink else place.dark_ink) or (first and dark != ink):
        rules.append(f"color:{written(dark)}!important")
    if rules and not first:
        name = classes.setdefault(";".join(rules), f"d{len(classes) + 1}")
        node.attrs["class"] = f"{node.attributes.get('class') or ''} {name}".strip()
    for child in node.iter():
        _walk(child, replace(place, ink=ink, dark_ink=dark), classes)


def _style(node: LexborNode) -> dict[str, str]:
    parts = (part.partition(":") for part in (node.attributes.get("style") or "").split(";"))
    return {name.strip().lower(): value.strip() for name, _colon, value in parts if value.strip()}
