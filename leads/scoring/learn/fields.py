"""Which fields are learned from: all that a fit rule can look at, as rules compare them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.models import CustomField
from leads.models import ScoringRule
from leads.scoring.learn.closed import Closed
from leads.scoring.learn.examples import Column, Examples
from leads.scoring.matching import FitRule, in_title, value_of

Looks = ScoringRule.Field
COLUMNS = (
    Looks.SENIORITY,
    Looks.INDUSTRY,
    Looks.SIZE,
    Looks.AGE,
    Looks.COUNTRY,
    Looks.CHANNEL,
    Looks.MAILBOX,
)
MOST_FACTS = 60
MOST_TITLE_WORDS = 30
SHORTEST_WORD = 4  # letters: no "of", "de", "und"
# Columns of their own, and what a colleague judged.
NOT_FACTS = {"persona", "journey_stage", "job_title", "company", "phone", "country", "industry"} | {
    "company_size",
    "founded_year",
}


@dataclass(frozen=True, slots=True)
class Known:
    """`late`: facts that most leads had only after the outcome, so nothing can be learned from them beforehand."""

    examples: Examples
    late: tuple[Column, ...]


def known_of(closed: Sequence[Closed]) -> Known:
    """Columns in a fixed order: the person's and company's, title words, then facts by name. What is known of hardly
    anybody is not offered.
    """
    won = tuple(one.won for one in closed)
    least = Examples((), won).least()
    columns = [column_of(Column(str(field), "", str(field.label), ()), closed) for field in COLUMNS]
    columns += [column_of(column, closed) for column in _title_words(closed, least)]
    names, labels = _fact_names(closed, least), _labels()
    late = [name for name in names if _is_late(name, closed)]
    facts = {name: Column(str(Looks.FACT), name, labels.get(name) or _words(name), ()) for name in names}
    columns += [column_of(column, closed) for name, column in facts.items() if name not in late]
    offered = (
        column for column in columns if sum(value not in (None, "") for value in column.values) >= least
    )
    return Known(Examples(tuple(offered), won), tuple(facts[name] for name in late))


def column_of(column: Column, closed: Iterable[Closed]) -> Column:
    """The same column with the values of these leads."""
    if column.field == Looks.TITLE:
        values = [column.label if in_title(column.label, one.facts.job_title) else None for one in closed]
    else:
        rule = FitRule(field=column.field, fact_name=column.fact_name)
        values = [value_of(rule, one.facts, one.year) for one in closed]
    return Column(column.field, column.fact_name, column.label, values)


def _title_words(closed: Iterable[Closed], least: int) -> list[Column]:
    """The commonest words of job titles; each is a field of two bins, for a title has many."""
    counts = Counter(word for one in closed for word in {*one.facts.job_title.casefold().split()})
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    chosen = [
        word for word in ranked if counts[word] >= least and len(word) >= SHORTEST_WORD and word.isalpha()
    ]
    return [Column(str(Looks.TITLE), "", word, ()) for word in chosen[:MOST_TITLE_WORDS]]


def _fact_names(closed: Iterable[Closed], least: int) -> list[str]:
    """Names of facts and of companies' own fields, the commonest first."""
    counts = Counter(
        name for one in closed for name in {*one.facts.named, *one.facts.custom, *one.later} - NOT_FACTS
    )
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return [name for name in ranked if counts[name] >= least and len(name) <= 60][:MOST_FACTS]


def _is_late(name: str, closed: Iterable[Closed]) -> bool:
    """Whether at least half of those who have it got it after their outcome."""
    after = before = 0
    for one in closed:
        after += name in one.later
        before += name in one.facts.named or name in one.facts.custom
    return after >= before and after > 0


def _labels() -> dict[str, str]:
    """Facts of people's own fields are named `custom_<key>`; those of companies by the key."""
    rows = CustomField.objects.values_list("entity", "key", "label")
    named = {"person": "custom_{}", "company": "{}"}
    return {named[entity].format(key): label for entity, key, label in rows if entity in named}


def _words(name: str) -> str:
    """`lead_origin` → `Lead origin`."""
    text = name.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]
