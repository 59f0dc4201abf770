"""A very small PDF writer: headings and paragraphs on A4, in the fonts that every viewer has. No dependency."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 595, 842, 64
Line = tuple[str, int, str]  # font, size, text


def _escaped(text: str) -> bytes:
    plain = text.encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _sheet(lines: Sequence[Line], number: int, name: str) -> bytes:
    """The drawing commands of one page: an accent bar, the lines, the foot."""
    out = [b"0.29 0.31 0.84 rg 0 %d %d 10 re f 0.11 0.11 0.14 rg BT" % (HEIGHT - 10, WIDTH)]
    y = HEIGHT - MARGIN - 20
    for font, size, text in lines:
        y -= round(size * 1.45)
        out.append(
            b"/%s %d Tf 1 0 0 1 %d %d Tm (%s) Tj" % (font.encode(), size, MARGIN, max(y, 60), _escaped(text))
        )
    foot = _escaped(f"{name} · {number}")
    out.append(b"/F1 9 Tf 1 0 0 1 %d 36 Tm (%s) Tj ET" % (MARGIN, foot))
    return b"\n".join(out)


def lines_of(heading: str, paragraphs: Sequence[str], *, size: int = 20) -> list[Line]:
    """A heading and its paragraphs as lines that fit the page."""
    lines: list[Line] = [("F2", size, part) for part in textwrap.wrap(heading, 1000 // size)]
    for paragraph in paragraphs:
        lines.append(("F1", 11, ""))
        lines += [("F1", 11, part) for part in textwrap.wrap(paragraph, 84)]
    return lines


def document(*, title: str, sheets: Sequence[Sequence[Line]]) -> bytes:
    """A PDF file of these sheets."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    for font in (b"Helvetica", b"Helvetica-Bold"):
        objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % font)
    kids = []
    for number, lines in enumerate(sheets, 1):
        drawing = _sheet(lines, number, title)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (WIDTH, HEIGHT, len(objects))
        )
    pages = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (pages, len(kids))
    objects.append(b"<< /Title (%s) /Producer (Headwater demo) >>" % _escaped(title))
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, len(objects), start,
    )  # fmt: skip
    return bytes(out)
