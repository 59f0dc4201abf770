"""Notices that were written for people: which part is the server's, and which words belong to which address. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from leads.feedback.parts import ADDRESS
from leads.feedback.verdicts import AFTER_DATA

# Where the notice ends and the mail that came back begins.
_ORIGINAL = re.compile(
    r"^[^\w\n]*(?:"
    r"(?:this|included|here|below|attached)[^\n]{0,40}\bcopy of (?:the|your|all)\b|copy of (?:the |"
    r"your )?(?:original )?(?:mail|message)|"
    r"(?:the )?(?:original|returned|unsent|undelivered|bounced|rejected) (?:e-?mail|message|mail)"
    r"(?: (?:header|text|follows|is|info|body|below|attached)\w*)*\W*$|"
    r"message headers? follow|original (?:mail|message)[^\n]{0,20}(?:follow|info)|"
    r"(?:the )?headers? of (?:the|your) original|your (?:original )?(?:e-?mail|message)[^\n]{0,30}(?:follows|"
    r"reads|begins)|"
    r"below this line|start of (?:returned|original)|unsent message|"
    r"(?:return-path|received|x-envelope-from|delivered-to):[ \t]*\S"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINS_WITH_ADDRESS = re.compile(
    rf"^[ \t>*\-.]*(?:(?:rfc822;|smtp:|to:|failed recipient:|recipient:|user:|unknown user:|[45]\d\d[ -])[ \t]*)?"
    rf"(?:[45]\.\d\.\d[ \t])?[\"'(<\[]*(?P<address>{ADDRESS.pattern})",
    re.IGNORECASE | re.MULTILINE,
)


@lru_cache(maxsize=2)
def without_original(text: str) -> str:
    """The server's own words."""
    found = _ORIGINAL.search(text)
    return text[: found.start()] if found and found.start() > 20 else text


def came_after_data(words: str) -> bool:
    """Whether the refusal came when the mail itself had been given over."""
    return bool(AFTER_DATA.search(words))


@lru_cache(maxsize=2)  # a report with many addresses asks of the same text for each
def pieces(text: str) -> list[tuple[str, str]]:
    """(address, the words that go with it); one piece without an address where no line begins with one."""
    notice = without_original(text)
    marks = list(_BEGINS_WITH_ADDRESS.finditer(notice))
    if not marks:
        found = ADDRESS.search(notice)
        return [(found[0].lower() if found else "", notice)]
    named: dict[str, list[str]] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        end = following.start() if following else len(notice)
        named.setdefault(mark["address"].lower(), []).append(notice[mark.start() : end])
    if len(named) == 1:
        return [(next(iter(named)), notice)]
    return [(address, "\n".join(words)) for address, words in named.items()]


def about(address: str, text: str) -> str:
    """What a notice says about one address of several; all of it where it speaks of one, or does not name it."""
    found = pieces(text)
    if len(found) == 1:
        return found[0][1]
    return "\n".join(words for whose, words in found if whose == address) or without_original(text)
