"""Does a rule hold for what is known of a person? Pure; the same comparison for fit, exclusions and personas."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from campaigns.profile_lines import words_in
from leads.mailboxes import domain_of, is_companys
from leads.scoring.seniority import seniority_of

log = logging.getLogger(__name__)

CUSTOM = "custom_"  # how facts of an organisation's own fields of people begin

_GROUPED = re.compile(r"\d{1,3}(?:[,.'’ \u00a0\u202f]\d{3})+(?!\d)")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsSeen:
    """What is known of a person and their company. Empty or None: not known.

    `channel` is the slug of the first touch's; `named` the fact that counts of each name, `custom` the company's
    own fields.
    """

    email: str = ""
    phone: str = ""
    company: str = ""
    company_domain: str = ""
    job_title: str = ""
    country: str = ""
    industry: str = ""
    company_size: float | None = None
    founded_year: int | None = None
    channel: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRule:
    """Words are lower case already; without words and numbers the fact only has to be known."""

    field: str
    id: int = 0
    label: str = ""
    points: int = 0
    fact_name: str = ""
    words: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def fit_value(rule: FitRule, facts: FactsSeen, year: int) -> str | None:
    """The value for which the rule holds, as words for its receipt; None where it does not. `year` is local.

    A rule that cannot be compared holds for nobody; the log says so once.
    """
    try:
        value = value_of(rule, facts, year)
        if value in ("", None):
            return None
        return _held(rule.field, rule.words, rule.minimum, rule.maximum, value)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        _say_once(rule.id, rule.label, repr(error)[:200])
        return None


@lru_cache(maxsize=100_000)
def _held(
    looks_at: str, words: tuple[str, ...], minimum: float | None, maximum: float | None, value: str | float
) -> str | None:
    """A batch asks the same of the same few values again and again."""
    text = value if isinstance(value, str) else f"{value:.10g}"
    return text if _number_holds(minimum, maximum, value) and _words_hold(looks_at, words, text) else None


@lru_cache(maxsize=1000)
def _say_once(rule: int, label: str, error: str) -> None:
    log.error("Fit rule %s (%s) holds for nobody: %s", rule, label, error)


def words_of(text: str) -> tuple[str, ...]:
    """`"Head, Plant Manager"` → the words between the commas, ready to compare without case."""
    return words_in(text)


def number_in(text: str) -> float | None:
    """The first number of a text: 51 of `51–200`, 1000 of `1,000+`; of a range the lower end."""
    grouped, plain = _GROUPED.search(text), _PLAIN.search(text)
    if plain is None:
        return None
    if grouped is not None and grouped.start() <= plain.start():
        return float(re.sub(r"\D", "", grouped.group()))
    return float(plain.group())


def in_title(word: str, title: str) -> bool:
    """True where `word` (or a phrase, lower case) stands in the title as a whole word."""
    return bool(_whole(word).search(" ".join(title.casefold().split())))


@lru_cache(maxsize=2000)
def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def mailbox(email: str) -> str:
    """`company`, `free`, or empty without an address."""
    domain = domain_of(email)
    return ("company" if is_companys(domain) else "free") if domain else ""


def value_of(rule: FitRule, facts: FactsSeen, year: int) -> str | float | None:
    """What the rule looks at, before it compares; empty or None: not known."""
    match rule.field:
        case "company_size":
            return facts.company_size
        case "company_age":
            return None if facts.founded_year is None else float(year - facts.founded_year)
        case "industry" | "country" | "job_title":
            return getattr(facts, rule.field)
        case "seniority":
            return seniority_of(facts.job_title)
        case "channel":
            return facts.channel
        case "mailbox":
            return mailbox(facts.email)
        case "domain":
            return _domain(facts)
        case "fact":
            return fact_named(rule.fact_name, facts)
    return None  # a rule that looks at nothing never holds


def fact_named(name: str, facts: FactsSeen) -> str:
    """The person's fact of this name; where they have none, their company's own field."""
    if said := facts.named.get(name):
        return said
    own = facts.custom.get(name.removeprefix(CUSTOM))
    return "" if own is None else str(own)


def _domain(facts: FactsSeen) -> str:
    """The mail domain; behind a free or throw-away mailbox, the company's."""
    own = domain_of(facts.email)
    return own if is_companys(own) else facts.company_domain or own


def _number_holds(minimum: float | None, maximum: float | None, value: str | float) -> bool:
    if minimum is None and maximum is None:
        return True
    number = number_in(value) if isinstance(value, str) else value
    if number is None:
        return False
    return (minimum is None or number >= minimum) and (maximum is None or number <= maximum)


def _words_hold(looks_at: str, words: tuple[str, ...], value: str) -> bool:
    if not words or "*" in words:  # known at all
        return True
    if looks_at == "job_title":
        return any(in_title(word, value) for word in words)
    text = " ".join(value.casefold().split())
    if looks_at == "domain":
        return any(text == word or text.endswith(f".{word}") for word in words)
    return text in words
