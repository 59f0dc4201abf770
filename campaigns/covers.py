"""The drawn cover of an asset that has no picture: one palette per topic, one drawing per kind."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

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
    small: str = ""
    width: int = 0
    height: int = 0

    @property
    def upright(self) -> bool:
        """The picture is a page, higher than wide: it stands on the palette instead of filling the frame."""
        return self.height > self.width


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
        on_plate=name not in ROUND,
        **_picture(asset),
    )


def _picture(asset: Asset | None) -> dict[str, Any]:
    """Where the cover picture lies in both sizes. The address changes with the picture, so it may be kept for long."""
    if asset is None or not asset.cover:
        return {"picture": ""}
    url = f"{reverse('cover', args=[asset.slug])}?v={PurePosixPath(str(asset.cover.name)).stem[:12]}"
    return {
        "picture": url,
        "small": f"{url}&size=small",
        "width": asset.cover_width or 800,
        "height": asset.cover_height or 600,
    }


def _palette(asset: Asset) -> str:
    if asset.kind.slug == "case-study" or not asset.topic:
        return NIGHT
    return asset.topic.palette if asset.topic.palette in PALETTES else NIGHT
