"""Draws the first page of a PDF as WebP. A program of its own, because a PDF may be made to hurt its reader:

    python campaigns/first_page.py FILE WIDTH > picture.webp

Exit 3: locked by a password. Exit 4: no PDF that can be drawn. Time and memory are bounded here, and by the caller.
"""

import io
import resource
import sys

import pypdfium2

SECONDS, BYTES = 10, 1 << 30
LOCKED, BROKEN = 3, 4
LONGEST = 4  # a page four times as high as wide is no page any more
PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD


def draw(path: str, width: int) -> bytes:
    """The page at ``width`` pixels as WebP."""
    document = pypdfium2.PdfDocument(path)
    page = document[0]
    wide, high = page.get_size()
    if min(wide, high) < 1 or high > LONGEST * wide:
        raise ValueError("no page to look at")
    picture = page.render(scale=width / wide).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    try:
        picture = draw(sys.argv[1], int(sys.argv[2]))
    except pypdfium2.PdfiumError as error:
        return LOCKED if error.err_code == PASSWORD_NEEDED else BROKEN
    except (ValueError, IndexError, MemoryError, OSError):
        return BROKEN
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
