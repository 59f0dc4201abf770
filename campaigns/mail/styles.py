"""Styles a mail may carry: an allow list of properties, nothing that loads or runs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

PROPERTIES = {
    "background", "background-color", "background-image", "background-position", "background-repeat",
    "background-size", "border", "border-bottom", "border-bottom-color", "border-bottom-style", "border-bottom-width",
    "border-collapse", "border-color", "border-left", "border-radius", "border-right", "border-spacing",
    "border-style", "border-top", "border-width", "box-sizing", "clear", "color", "color-scheme", "cursor",
    "direction", "display", "float", "font", "font-family", "font-size", "font-style", "font-weight", "height",
    "letter-spacing", "line-height", "list-style", "list-style-type", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "max-height", "max-width", "min-height", "min-width", "outline", "overflow",
    "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "table-layout", "text-align",
    "text-decoration", "text-transform", "vertical-align", "white-space", "width", "word-break", "word-spacing",
    "word-wrap", "overflow-wrap", "mso-padding-alt", "mso-line-height-rule", "mso-table-lspace", "mso-table-rspace",
    "-webkit-text-size-adjust", "-ms-text-size-adjust", "-ms-interpolation-mode", "mso-hide",
}  # fmt: skip
_RUNS = re.compile(r"expression\s*\(|javascript:|vbscript:|-moz-binding|behavior|@|<|\\|[{}]|q7f\d+f7q", re.I)
_LOADS = re.compile(r"url\s*\(\s*['\"]?(?!https?://)", re.I)
_SELECTOR = re.compile(r"[\w\s.#:,>+~*()='\"\[\]-]+")
_MEDIA = re.compile(r"@media[\w\s():,.-]+", re.I)


def declarations(style: str) -> str:
    """The declarations of a style that may stay."""
    kept = []
    for part in re.split(r";(?![^(]*\))", style):
        name, _colon, value = part.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in PROPERTIES and value and not _RUNS.search(value) and not _LOADS.search(value):
            kept.append(f"{name}:{value}")
    return ";".join(kept)


def sheet(css: str) -> str:
    """The rules of a style sheet that may stay: plain ones and media queries of plain ones."""
    css = re.sub(r"/\*.*?(?:\*/|\Z)", "", css, flags=re.DOTALL)
    return "".join(_blocks(css, inside=False))


def _blocks(css: str, *, inside: bool) -> Iterator[str]:
    while css:
        head, brace, rest = css.partition("{")
        if not brace:
            return
        head = head.rpartition(";")[2].strip()  # what ends before with a semicolon is an @import or worse
        body, css = _until_closed(rest)
        if head.startswith("@"):
            if not inside and _MEDIA.fullmatch(head) and (found := "".join(_blocks(body, inside=True))):
                yield f"{head}{{{found}}}"
        elif _SELECTOR.fullmatch(head) and "{" not in body and (found := declarations(body)):
            yield f"{head}{{{found}}}"


def _until_closed(css: str) -> tuple[str, str]:
    """What stands up to the brace that closes, and what comes after it."""
    depth = 1
    for place, sign in enumerate(css):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return css[:place], css[place + 1 :]
    return css, ""
