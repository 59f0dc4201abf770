"""Merge fields put aside while the HTML around them is worked on, and put back where they stood.

Parsers and cleaners know nothing of Liquid: they move ``{% for %}`` out of a table and quote the quotation marks of a
``default``. So in text a field waits as a comment, which may stand anywhere, and inside a tag as a word that nobody
writes (letters only: mrml spells other signs out).
"""

from __future__ import annotations

import re

_OPEN, _CLOSE = "q7f", "f7q"
_FIELD = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_IN_TEXT = re.compile(r"<!--[mg]:(\d+)-->")
_IN_TAG = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
TAG = re.compile(r"""</?[a-zA-Z][^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")


class Marks:
    """The fields of one source. What is added after it (links, the footer's addresses) is put back as well."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._written = 0

    def add(self, words: str) -> str:
        """A mark that stands for these words, for inside a tag or for plain text."""
        self._kept.append(words)
        return f"{_OPEN}{len(self._kept) - 1}{_CLOSE}"

    def add_unread(self, markup: str) -> str:
        """A mark for markup that no reader sees: it is not in the text part."""
        self._kept.append(markup)
        return f"<!--g:{len(self._kept) - 1}-->"

    def aside(self, source: str) -> str:
        """The source with a mark for each field. Comments go; lines stay where they were."""
        source = without_comments(_IN_TAG.sub("", source))
        marked = _FIELD.sub(lambda field: self.add(field[0]) + _lines(field[0]), source)
        self._written = len(self._kept)
        found, end = [], 0
        for tag in TAG.finditer(marked):
            found += [_between(marked[end : tag.start()]), tag[0]]
            end = tag.end()
        return "".join([*found, _between(marked[end:])])

    def aside_line(self, line: str) -> str:
        """The same for one line of plain text, such as a subject."""
        return _FIELD.sub(lambda field: self.add(field[0]), _IN_TAG.sub("", line))

    def back(self, html: str, *, escape: str = "&#123;") -> str:
        """The fields in their places. A brace that was no field of the source becomes none now."""
        for sign in ("{{", "{%"):
            html = html.replace(sign, sign.replace("{", escape, 1))
        html = _IN_TEXT.sub(self._words, html)
        return _IN_TAG.sub(self._words, html)

    def lost(self, html: str) -> list[str]:
        """Fields of the source that are no longer in this HTML: they stood where nothing may stand."""
        there = {int(number) for way in (_IN_TEXT, _IN_TAG) for number in way.findall(html)}
        return [self._kept[number] for number in range(self._written) if number not in there]

    def _words(self, mark: re.Match[str]) -> str:
        number = int(mark[1])
        return self._kept[number] if number < len(self._kept) else ""


def without_comments(source: str) -> str:
    """The source without comments, each line where it was."""
    return _COMMENT.sub(lambda comment: _lines(comment[0]), source)


def is_marked(value: str) -> bool:
    """Whether a field stands in an attribute."""
    return bool(_IN_TAG.search(value))


def only_marks(html: str) -> str:
    """The HTML without any comment that is no mark."""
    return re.sub(r"<!--(?![mg]:\d+-->).*?-->", "", html, flags=re.DOTALL)


def in_text(comment: str) -> str:
    """The mark of a comment's content, as it stands in plain text."""
    found = re.fullmatch(r"m:(\d+)", comment)
    return f"{_OPEN}{found[1]}{_CLOSE}" if found else ""


def _between(text: str) -> str:
    return _IN_TAG.sub(r"<!--m:\1-->", text)


def _lines(text: str) -> str:
    return "\n" * text.count("\n")
