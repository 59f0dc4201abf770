"""Lines of a profile: which of the values there are does each hold for? The comparison is that of scoring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.models import IdealValue, Seniority
from campaigns.profile_lines import NUMBERS, words_in
from leads.ideal.people import Known
from leads.scoring.matching import FitRule, fit_value, value_of

Field, Wish = IdealValue.Field, IdealValue.Wish
# The value of `Known` that a line looks at.
_COLUMN = {Field.AGE: "founded_year", Field.SENIORITY: "job_title"}
ABOUT_PEOPLE = (Field.TITLE, Field.SENIORITY)


@dataclass(slots=True)
class Holds:
    """One line (or one value of it) with its answers so far; leads share titles and companies."""

    rule: FitRule
    year: int
    place: int
    _answers: dict[object, bool | None]

    @classmethod
    def of(cls, rule: FitRule, year: int) -> Holds:
        column = _COLUMN.get(Field(rule.field), rule.field)
        return cls(rule, year, Known._fields.index(column), {})

    def __call__(self, known: Known) -> bool | None:
        """Whether it holds; None where the value is not known."""
        value = known[self.place]
        if value not in self._answers:
            self._answers[value] = self._ask(known)
        return self._answers[value]

    def _ask(self, known: Known) -> bool | None:
        seen = known.seen()
        if value_of(self.rule, seen, self.year) in ("", None):
            return None
        return fit_value(self.rule, seen, self.year) is not None


def rule_of(line: IdealValue) -> FitRule:
    return FitRule(
        id=line.pk or 0,
        label=str(line.get_field_display()),
        field=line.field,
        words=words_in(line.words),
        minimum=None if line.minimum is None else float(line.minimum),
        maximum=None if line.maximum is None else float(line.maximum),
    )


def parts_of(line: IdealValue) -> list[tuple[str, FitRule]]:
    """Each value of the line in words, with a rule of its own; numbers are one."""
    rule = rule_of(line)
    if line.field in NUMBERS or not rule.words:
        return [(span(line.minimum, line.maximum), rule)]
    return [(in_words(line.field, word), FitRule(field=line.field, words=(word,))) for word in rule.words]


def in_words(field: str, word: str) -> str:
    """`c_level` → “runs the company”; a country in capitals."""
    if word == "*":
        return _("any that is known")
    if field == Field.SENIORITY and word in Seniority.values:
        return str(Seniority(word).label)
    if field == Field.INDUSTRY:
        return word[:1].upper() + word[1:]
    return word.upper() if field == Field.COUNTRY else word


def span(low: float | None, high: float | None) -> str:
    """`100 – 1,000`, `from 30`, `up to 9`."""
    if low is not None and high is not None:
        return f"{low:,.0f} – {high:,.0f}"
    if low is not None:
        return _("from %(low)s") % {"low": f"{low:,.0f}"}
    return _("up to %(high)s") % {"high": f"{high:,.0f}"} if high is not None else _("any that is known")


def sentence(line: IdealValue) -> str:
    """The line for who only reads it."""
    words = ", ".join(words for words, _rule in parts_of(line))
    return f"{line.get_field_display()}: {words}"


def excluding(lines: Iterable[IdealValue]) -> list[IdealValue]:
    """Those by which scoring excludes: a line that does not say as what excludes nobody."""
    return [line for line in lines if line.wish == Wish.EXCLUDED and line.exclusion]


def of_wish(lines: Sequence[IdealValue], wish: str) -> list[IdealValue]:
    return [line for line in lines if line.wish == wish]
