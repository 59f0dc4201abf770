"""The drawn cover of an asset that has no picture: one palette per topic, one drawing per kind."""

import re
from dataclasses import dataclass

from django.urls import reverse

from campaigns.models import Asset

# Kind of asset → drawing, a file in templates/campaigns/covers/. Unknown kinds get WAVES.
BY_KIND = {
    "white-paper": "bearing",
    "guide": "contours",
    "article": "dots",
    "case-study": "figure",
    "report": "bars",
    "webinar": "steps",
    "infographic": "spectrum",
    "ebook": "bends",
    "e-book": "bends",
    "course": "trace",
    "template": "gauge",
    "video": "play",
    "worksheet": "sheet",
    "newsletter": "waves",
}
WAVES = "waves"
DRAWINGS = frozenset(BY_KIND.values()) | {"rings", "tower", "pipes", "scatter"}
PALETTES = frozenset(
    {"cv-vibration", "cv-pressure", "cv-temperature", "cv-calibration", "cv-monitoring", "cv-site"}
)
NIGHT = "cv-site"

# These have an outline of their own; the others are cut at their edge and stand on a plate.
ROUND = frozenset({"bearing", "rings"})
# A drawing is 400 × 300. Those that go on beyond that edge are seen from farther away on other sheets.
WIDE_BOX = {"bearing": "-72 -25 568 405"}
SHEET_BOX = {"bearing": "12 -36 400 290"}

_NUMBER = re.compile(r"[−+-]?\d[\d.,]*(?:\s?[%×])?")


@dataclass(frozen=True)
class Cover:
    """What a template needs to draw one: ``include`` is a template's name, boxes are SVG view boxes."""

    palette: str
    include: str
    figure: str
    wide_box: str
    sheet_box: str
    picture: str
    on_plate: bool = False


def cover_for(asset: Asset | None, *, palette: str = "cv-monitoring") -> Cover:
    """The cover of an asset, or a neutral one for a page without an asset.

    ``Asset.art`` may name a drawing (``spectrum``), and for the big number also its words (``figure −38 %``).
    """
    name, _, figure = (asset.art if asset else "").partition(" ")
    if asset and name not in DRAWINGS:
        name = BY_KIND.get(asset.kind.slug, WAVES)
    name = name or WAVES
    if asset and name == "figure" and not figure:
        found = _NUMBER.search(asset.title)
        figure = found.group() if found else ""
        name = name if figure else WAVES
    return Cover(
        palette=_palette(asset) if asset else palette,
        include=f"campaigns/covers/{name}.html",
        figure=figure,
        wide_box=WIDE_BOX.get(name, "0 0 400 300"),
        sheet_box=SHEET_BOX.get(name, "0 0 400 290"),
        picture=reverse("cover", args=[asset.slug]) if asset and asset.cover else "",
        on_plate=name not in ROUND,
    )


def _palette(asset: Asset) -> str:
    if asset.kind.slug == "case-study" or not asset.topic:
        return NIGHT
    return asset.topic.palette if asset.topic.palette in PALETTES else NIGHT
