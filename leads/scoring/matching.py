"""Does a rule hold for what is known of a person? Pure; the same comparison for fit, exclusions and personas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from leads.mailboxes import domain_of, is_companys

_GROUPED = re.compile(r"\d{1,3}(?:[,.'’ \u00a0\u202f]\d{3})+(?!\d)")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsSeen:
    """What is known of a person and their company. Empty or None: not known. `named`: the latest of each fact."""

    email: str = ""
    phone: str = ""
    company: str = ""
    company_domain: str = ""
    job_title: str = ""
    country: str = ""
    industry: str = ""
    company_size: float | None = None
    founded_year: int | None = None
    named: Mapping[str, str] = field(default_factory=dict)


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
    """The value for which the rule holds, as words for its receipt; None where it does not. `year` is local."""
    value = _value(rule, facts, year)
    if value in ("", None):
        return None
    text = value if isinstance(value, str) else f"{value:.10g}"
    return text if _number_holds(rule, value) and _words_hold(rule, text) else None


def words_of(text: str) -> tuple[str, ...]:
    """`"Head, Plant Manager"` → the words between the commas, ready to compare without case."""
    return tuple(word for part in text.split(",") if (word := " ".join(part.casefold().split())))


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


def _value(rule: FitRule, facts: FactsSeen, year: int) -> str | float | None:
    match rule.field:
        case "company_size":
            return facts.company_size
        case "company_age":
            return None if facts.founded_year is None else float(year - facts.founded_year)
        case "industry" | "country" | "job_title":
            return getattr(facts, rule.field)
        case "mailbox":
            return mailbox(facts.email)
        case "domain":
            return _domain(facts)
        case "fact":
            return facts.named.get(rule.fact_name, "")
    return None  # a rule that looks at nothing never holds


def _domain(facts: FactsSeen) -> str:
    """The mail domain; behind a free or throw-away mailbox, the company's."""
    own = domain_of(facts.email)
    return own if is_companys(own) else facts.company_domain or own


def _number_holds(rule: FitRule, value: str | float) -> bool:
    if rule.minimum is None and rule.maximum is None:
        return True
    number = number_in(value) if isinstance(value, str) else value
    if number is None:
        return False
    return (rule.minimum is None or number >= rule.minimum) and (
        rule.maximum is None or number <= rule.maximum
    )


def _words_hold(rule: FitRule, value: str) -> bool:
    if not rule.words or "*" in rule.words:  # known at all
        return True
    if rule.field == "job_title":
        return any(in_title(word, value) for word in rule.words)
    text = " ".join(value.casefold().split())
    if rule.field == "domain":
        return any(text == word or text.endswith(f".{word}") for word in rule.words)
    return text in rule.words
