"""The picture that a social network shows beside a link: a marketer's own, or one drawn from the page's words.

1200 × 630 as JPEG, the size and the format that all of them take. Made once, kept under a name that follows from
what is on it, made again when that changes.
"""

import hashlib
import io
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.utils import translation
from PIL import Image, ImageDraw, ImageFont

from campaigns.covers import cover_for
from campaigns.models import Asset, LandingPage
from campaigns.pictures import NoPicture, cropped, opened

SIZE = (1200, 630)
DRAWN = 2  # a new number makes every picture anew
FONTS = Path(settings.BASE_DIR) / "static" / "vendor" / "inter-5.3.0"
# Palette of a topic: paper, ink, spark, title, the words below. The same as in static/css/public.css.
COLOURS = {
    "cv-vibration": ("#14153f", "#7b81f5", "#ffc94d", "#ffffff", "#c5c8f4"),
    "cv-pressure": ("#c9e7e1", "#0f6f69", "#e2492f", "#0a2f2c", "#23504c"),
    "cv-temperature": ("#f6b73c", "#8a4300", "#c3261a", "#2b1400", "#4d2600"),
    "cv-calibration": ("#e7e7ee", "#1b1b23", "#4a4fd6", "#1b1b23", "#444452"),
    "cv-monitoring": ("#4a4fd6", "#aeb1fb", "#ffffff", "#ffffff", "#e9eaff"),
    "cv-site": ("#1d1d26", "#8b8b9b", "#ff7d5c", "#ffffff", "#c9c9d4"),
}
MARGIN, COLUMN = 72, 690  # px: the words stand left, in a column of this width
LARGEST, LEAST, MOST_LINES = 76, 40, 5


def page_picture(page: LandingPage) -> Path:
    """The file of a landing page's picture, made now if it is not there yet."""
    return _made(key_of_page(page), lambda: _of_page(page))


def asset_picture(asset: Asset) -> Path:
    """The same of an open piece."""
    return _made(key_of_asset(asset), lambda: _drawn(asset.title, _kind(asset, asset.language), asset))


def library_picture(title: str) -> Path:
    """The same of the library."""
    return _made(_key(title, "library", settings.ORG_BRAND), lambda: _drawn(title, "", None))


def key_of_page(page: LandingPage) -> str:
    """Changes when the picture does."""
    own = str(page.social_image.name or "")
    return (own and _key(own)) or _key(page.title, _kicker(page), *_looks(page.asset))


def key_of_asset(asset: Asset) -> str:
    return _key(asset.title, _kind(asset, asset.language), *_looks(asset))


def _kicker(page: LandingPage) -> str:
    return page.kicker or _kind(page.asset, page.language)


def _kind(asset: Asset | None, language: str) -> str:
    """Named in the language of the page, whoever asks for its picture."""
    with translation.override(language):
        return asset.kind.shown if asset else ""


def _looks(asset: Asset | None) -> tuple[str, str, str]:
    return cover_for(asset).palette, str(asset.cover.name or "") if asset else "", settings.ORG_BRAND


def _key(*parts: str) -> str:
    return hashlib.sha256("\x00".join((str(DRAWN), *parts)).encode()).hexdigest()[:20]


def _made(key: str, draw: Callable[[], bytes]) -> Path:
    """Written beside its place and moved there, so that two who make it at once both find a whole one."""
    folder = Path(settings.MEDIA_ROOT) / "social" / "made"
    path = folder / f"{key}.jpg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(draw())
        os.replace(file.name, path)
    return path


def _of_page(page: LandingPage) -> bytes:
    if page.social_image:
        try:
            with page.social_image.open("rb") as own:
                return cropped(own, SIZE)
        except (NoPicture, OSError):
            pass  # the file is gone or broken: the link must still have a picture
    return _drawn(page.title, _kicker(page), page.asset)


def _drawn(title: str, kicker: str, asset: Asset | None) -> bytes:
    paper, ink, spark, words, _soft = COLOURS[cover_for(asset).palette]
    canvas = Image.new("RGB", SIZE, paper)
    pen = ImageDraw.Draw(canvas)
    if not (asset and asset.cover and _with_cover(canvas, asset)):
        _rings(canvas, ink, spark)
    y = MARGIN
    if kicker:
        pen.text((MARGIN, y), kicker, fill=words, font=_font(400, 30))
        y += 56
    size, lines = _fitted(title)
    for line in lines:
        pen.text((MARGIN, y), line, fill=words, font=_font(700, size))
        y += round(size * 1.12)
    _brand(pen, words)
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue()


def _with_cover(canvas: Image.Image, asset: Asset) -> bool:
    """The asset's own cover at the right, standing on the paper."""
    try:
        with asset.cover.open("rb") as file:
            cover = opened(file)
    except (NoPicture, OSError):
        return False
    cover.thumbnail((350, 500))
    canvas.paste(cover, (SIZE[0] - MARGIN - cover.width, (SIZE[1] - cover.height) // 2))
    return True


def _rings(canvas: Image.Image, ink: str, spark: str) -> None:
    """A bearing seen from the front, one ball of it alight. Drawn at double size and made smaller, for smooth edges."""
    sheet = Image.new("RGB", (1000, SIZE[1] * 2), canvas.getpixel((0, 0)))
    pen = ImageDraw.Draw(sheet)
    x, y = 820, SIZE[1]
    for radius in (760, 330):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ink, width=110)
    for dx, dy, fill in (
        (-500, -220, ink),
        (-545, 20, ink),
        (-480, 255, ink),
        (-380, -400, spark),
        (-335, 430, ink),
    ):
        pen.ellipse((x + dx - 88, y + dy - 88, x + dx + 88, y + dy + 88), fill=fill)
    canvas.paste(sheet.resize((500, SIZE[1]), Image.Resampling.LANCZOS), (SIZE[0] - 360, 0))


def _fitted(title: str) -> tuple[int, list[str]]:
    """The largest letters in which the title fits, and its lines."""
    for size in range(LARGEST, LEAST, -4):
        lines = _lines(title, size)
        if len(lines) <= MOST_LINES and len(lines) * size * 1.12 < 400:
            return size, lines
    lines = _lines(title, LEAST)
    return LEAST, lines[:8]


def _lines(title: str, size: int) -> list[str]:
    """The title broken into as few lines as the column allows, and those about equally long."""
    fewest = _broken(title, size, COLUMN)
    for column in range(COLUMN, COLUMN // 3, -20):
        lines = _broken(title, size, column)
        if len(lines) > len(fewest):
            break
        fewest = lines
    return fewest


def _broken(title: str, size: int, column: int) -> list[str]:
    lines, font = [""], _font(700, size)
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > column:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _brand(pen: ImageDraw.ImageDraw, colour: str) -> None:
    x, foot = MARGIN, SIZE[1] - MARGIN
    for number, top in enumerate((16, 26, 38, 20)):
        pen.rectangle((x + number * 12, foot - top, x + number * 12 + 5, foot), fill=colour)
    pen.text((x + 62, foot + 4), settings.ORG_BRAND, fill=colour, font=_font(700, 34), anchor="ls")


@cache
def _font(weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"inter-latin-{weight}-normal.woff"), size)
