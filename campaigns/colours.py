"""Colours and whether they can be told apart. Pure. Formula: WCAG 2.2, success criterion 1.4.3."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls

Colour = tuple[int, int, int]
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
READABLE = 4.5
_NAMES: dict[str, Colour] = {
    "black": BLACK, "white": WHITE, "red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255),
    "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "navy": (0, 0, 128), "green": (0, 128, 0), "orange": (255, 165, 0), "purple": (128, 0, 128),
}  # fmt: skip
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+(?:1|1\.0|100%))?\s*\)")


def parse(value: str) -> Colour | None:
    """A colour of a style; None for what is none, or is seen through."""
    value = value.strip().lower()
    if value in _NAMES:
        return _NAMES[value]
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        value = "#" + "".join(sign * 2 for sign in value[1:])
    if re.fullmatch(r"#[0-9a-f]{6}", value):
        return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)
    found = _RGB.fullmatch(value)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def written(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1."""
    parts = [part / 255 for part in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def with_lightness(colour: Colour, lightness: float, saturation: float = 1.0) -> Colour:
    """The same hue, lighter or darker, and as much of its saturation as is said."""
    hue, _old, own = rgb_to_hls(*(part / 255 for part in colour))
    red, green, blue = (round(part * 255) for part in hls_to_rgb(hue, lightness, own * saturation))
    return red, green, blue


def lightness(colour: Colour) -> float:
    return rgb_to_hls(*(part / 255 for part in colour))[1]
