"""MJML: checked before it is given to the engine, which takes nothing in from elsewhere, and looking like our mails.

The engine (mrml) is a native library that dies of deep nesting and passes over what it does not know. So the source is
walked here first: its size, how deep it goes, which tags it uses and whether each is closed, all with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import mrml
from django.utils.translation import gettext as _

from campaigns.mail.marks import TAG, without_comments

LONGEST = 60_000
DEEPEST = 40  # measured: mrml 0.2.4 ends the process somewhere beyond 1,000
OURS = {
    "mjml", "mj-head", "mj-attributes", "mj-all", "mj-class", "mj-style", "mj-title", "mj-preview", "mj-breakpoint",
    "mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-text", "mj-button", "mj-image", "mj-divider",
    "mj-spacer", "mj-table", "mj-raw", "mj-hero",
}  # fmt: skip
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_NAME = re.compile(r"</?\s*([a-zA-Z][\w:-]*)")
_WELL_SAID = re.compile(r"""</?[\w-]+(\s+[\w:-]+\s*=\s*("[^"<]*"|'[^'<]*'))*\s*/?>""")
_SAID_ELSEWHERE = re.compile(r"<(mj-title|mj-preview)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.I)
_FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
LOOK = (
    f'<mj-attributes><mj-all font-family="{_FONT}" />'
    '<mj-text font-size="17px" line-height="27px" color="#1b1b23" padding="0 40px 18px" />'
    '<mj-button background-color="#4a4fd6" color="#ffffff" font-size="17px" font-weight="bold" line-height="22px" '
    'border-radius="6px" inner-padding="15px 28px" align="left" padding="4px 40px 24px" />'
    '<mj-section background-color="#ffffff" padding="18px 0 0" /><mj-body background-color="#f7f7f9" />'
    '<mj-divider border-color="#d3d3dc" border-width="1px" padding="10px 40px" />'
    '<mj-image padding="0 40px 18px" /><mj-table font-size="16px" line-height="25px" padding="0 40px 18px" />'
    "</mj-attributes>"
)


class Broken(ValueError):
    """A source that cannot be made into a mail; says why, in words."""


def problems(source: str) -> list[str]:
    """Why this source cannot be made into a mail, with the line; empty when it can."""
    found = list(dict.fromkeys(_problems(source)))
    if not found:
        try:
            _html(source)
        except OSError as error:
            found = [_("it cannot be read: %s") % _place(source, str(error))]
    return found


def to_html(source: str) -> str:
    """A whole page. Raises Broken."""
    if found := problems(source):
        raise Broken("; ".join(found))
    return _html(source)


def _html(source: str) -> str:
    ready = _with_look(_SAID_ELSEWHERE.sub("", _closed(source)))
    options = mrml.ParserOptions(include_loader=mrml.noop_loader())
    return mrml.to_html(ready, options, mrml.RenderOptions(fonts={})).content


def _problems(source: str) -> Iterator[str]:
    if len(source) > LONGEST:
        yield _("it is longer than %d characters") % LONGEST
        return
    source = without_comments(source)
    opened: list[tuple[str, int]] = []
    seen = set()
    for tag in TAG.finditer(source):
        name, line = _name(tag[0]), source.count("\n", 0, tag.start()) + 1
        seen.add(name)
        if name.startswith("mj") and name not in OURS:
            yield _unknown(name, line)
        elif name.startswith("mj") and not _WELL_SAID.fullmatch(tag[0]):
            yield _('line %(line)d: write each attribute of <%(name)s> as name="value"') % {
                "line": line,
                "name": name,
            }
        if tag[0].startswith("</"):
            if not opened or opened[-1][0] != name:
                yield _("line %(line)d: </%(name)s> closes nothing that is open here") % {
                    "line": line,
                    "name": name,
                }
                return
            opened.pop()
        elif not tag[0].endswith("/>") and name not in _VOID:
            opened.append((name, line))
            if len(opened) > DEEPEST:
                yield _("line %(line)d: more than %(most)d tags inside each other") % {
                    "line": line,
                    "most": DEEPEST,
                }
                return
    for name, line in opened[-1:]:
        yield _("line %(line)d: <%(name)s> is never closed") % {"line": line, "name": name}
    if not {"mjml", "mj-body"} <= seen:
        yield _("it has no <mjml> with an <mj-body>")


def _unknown(name: str, line: int) -> str:
    if name == "mj-include":
        return _("line %d: <mj-include> takes in a file from elsewhere; write it here") % line
    if name == "mj-font":
        return _("line %d: <mj-font> tells another server who reads; name a font that readers have") % line
    return _("line %(line)d: <%(name)s> is not offered") % {"line": line, "name": name}


def _name(tag: str) -> str:
    found = _NAME.match(tag)
    return found[1].lower() if found else ""


def _closed(source: str) -> str:
    """``<br>`` as the engine wants it: ``<br/>``."""

    def close(tag: re.Match[str]) -> str:
        void = _name(tag[0]) in _VOID and not tag[0].startswith("</") and not tag[0].endswith("/>")
        return f"{tag[0][:-1]}/>" if void else tag[0]

    return TAG.sub(close, source)


def _with_look(source: str) -> str:
    """Our type and colours as defaults; what the source says itself comes later and wins."""
    if re.search(r"<mj-head\b[^>]*[^/]>|<mj-head>", source):
        return re.sub(r"(<mj-head\b[^>]*>)", lambda tag: tag[1] + LOOK, source, count=1)
    return re.sub(r"(<mjml\b[^>]*>)", lambda tag: f"{tag[1]}<mj-head>{LOOK}</mj-head>", source, count=1)


def _place(source: str, words: str) -> str:
    """The engine counts characters; people count lines."""
    found = re.search(r" at position (\d+):\d+", words)
    if not found:
        return words
    line = source.count("\n", 0, int(found[1])) + 1
    return _("line %(line)d, %(words)s") % {"line": line, "words": words[: found.start()]}
