"""Text that somebody else wrote, made harmless for a spreadsheet (OWASP, CSV injection)."""

from __future__ import annotations

import re

BOM = "\ufeff"  # so that a spreadsheet reads the file as UTF-8
FORMULA = frozenset("=+-@＝＋－＠")
_LEAD = re.compile('[ "\ufeff\u00a0\u200b\0\t\r]*')


def inert(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula; our import reads it as it was.

    A tab or line break before the text, which may begin a formula too, is left out.
    """
    lead = _LEAD.match(cell)
    assert lead is not None
    rest = cell[lead.end() :]
    bare = re.sub("[\t\r]", "", lead[0]) + rest
    return f"'{bare}" if rest[:1] in FORMULA and rest else bare
