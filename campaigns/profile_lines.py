"""Lines that look at what is known of a person or company: is one of them usable? Words for who edits it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.models import Channel, Seniority

NUMBERS = ("company_size", "company_age")
MAILBOXES = ("company", "free")
ANY = "*"
_LONGEST_WORD = 120
_PART = re.compile(r'(?:^|(?<=,))\s*"([^"]+)"\s*(?=,|$)|([^,]+)')


def words_in(text: str) -> tuple[str, ...]:
    """`Head, "Banking, Investment"` → the words between the commas, ready to compare without case.

    What stands in double quotes is one word, commas and all.
    """
    parts = (quoted or plain for quoted, plain in _PART.findall(text))
    return tuple(word for part in parts if (word := " ".join(part.casefold().split())))


def line_faults(
    *, field: str, words: str, minimum: object, maximum: object, fact_name: str | None = None
) -> Iterator[tuple[str, str]]:
    """(column, what is wrong with it and what to do). `fact_name` None: the line has no such column."""
    if not field:
        yield "field", _("say what it looks at.")
        return
    if minimum is not None and maximum is not None and minimum > maximum:  # type: ignore[operator]
        yield "minimum", _("the smallest number is above the largest.")
    if field == "fact" and not (fact_name or "").strip():
        yield "fact_name", _("name the fact.")
    if field != "fact" and (fact_name or "").strip():
        yield "fact_name", _("leave this empty, or look at “a fact by name”.")
    said = words_in(words)
    if words.strip() and not said:
        yield "words", _("write values between the commas, or nothing.")
    if field in NUMBERS:
        yield from _faults_of_numbers(said, minimum, maximum)
    else:
        yield from _faults_of_words(field, said, minimum, maximum)


def _faults_of_numbers(said: tuple[str, ...], minimum: object, maximum: object) -> Iterator[tuple[str, str]]:
    if set(said) - {ANY}:
        yield "words", _("this is a number: use “from” and “to” instead of values.")
    elif minimum is None and maximum is None and not said:
        yield "minimum", _("give the smallest or the largest number.")


def _faults_of_words(
    field: str, said: tuple[str, ...], minimum: object, maximum: object
) -> Iterator[tuple[str, str]]:
    if field != "fact" and not (minimum is None and maximum is None):
        yield "minimum", _("“from” and “to” are for numbers: write values instead.")
    if long := next((word for word in said if len(word) > _LONGEST_WORD), ""):
        yield "words", _("“%(word)s …” is too long for one value: put commas between.") % {"word": long[:30]}
    known = _known(field)
    wrong = sorted(set(said) - set(known) - {ANY}) if known else []
    if wrong:
        told = {"wrong": ", ".join(wrong[:5]), "known": ", ".join(known)}
        yield "words", _("unknown: %(wrong)s. Choose from: %(known)s.") % told
    if field == "country" and any(len(word) != 2 and word != ANY for word in said):
        yield "words", _("a country is two letters, such as CH.")


def _known(field: str) -> tuple[str, ...]:
    """The words that a field with a fixed list knows; empty: any."""
    match field:
        case "mailbox":
            return MAILBOXES
        case "seniority":
            return tuple(Seniority.values)
        case "channel":
            return tuple(Channel.objects.order_by("order", "pk").values_list("slug", flat=True))
    return ()
