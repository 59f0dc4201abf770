"""Pictures as they go out: re-encoded as WebP, in sizes that pages ask for. What came in is never sent on."""

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from campaigns import first_page

LARGE, SMALL = 800, 400
MOST_PIXELS = 40_000_000
PATIENCE = 12  # seconds for a PDF's first page
QUALITY = 82


class NoPicture(Exception):
    """Nothing can be drawn from this file. ``locked``: a password keeps it shut."""

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__("locked" if locked else "broken")
        self.locked = locked


@dataclass(frozen=True)
class Sizes:
    """One picture at both widths, as WebP."""

    large: bytes
    small: bytes


def sizes_of(source: IO[bytes]) -> Sizes:
    """Both sizes of an uploaded picture, without its hidden data (place, camera). Raises NoPicture."""
    picture = opened(source)
    return Sizes(large=as_webp(_narrowed(picture, LARGE)), small=as_webp(_narrowed(picture, SMALL)))


def sizes_of_first_page(path: Path | str) -> Sizes:
    """Both sizes of a PDF's first page, drawn by a process of its own. Raises NoPicture."""
    command = [sys.executable, "-I", first_page.__file__, str(path), str(LARGE)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise NoPicture from None
    if done.returncode or not done.stdout:
        raise NoPicture(locked=done.returncode == first_page.LOCKED)
    return sizes_of(io.BytesIO(done.stdout))


def cropped(source: IO[bytes], size: tuple[int, int]) -> bytes:
    """An uploaded picture cut to exactly ``size``, as JPEG, which every network reads. Raises NoPicture."""
    out = io.BytesIO()
    ImageOps.fit(opened(source), size).save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def opened(source: IO[bytes]) -> Image.Image:
    """A picture the right way up, in colours that can be saved. Its size is looked at before it is unpacked."""
    try:
        picture = Image.open(source)
        if picture.width * picture.height > MOST_PIXELS:
            raise NoPicture
        return _on_white(ImageOps.exif_transpose(picture))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise NoPicture from None


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparent parts become white, as on paper; `convert` alone would make them black."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")


def as_webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    return picture.resize((width, max(round(picture.height * width / picture.width), 1)))
