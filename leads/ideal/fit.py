"""How well one person fits the ideal profile, 0 to 100, and why in words (docs/prospecting-lists.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from campaigns.models import IdealValue
from leads.ideal.lines import Holds, Wish, excluding, of_wish, rule_of, sentence
from leads.ideal.people import Known

REQUIRED, PREFERRED = 3, 1  # what a line weighs
UNKNOWN = 0.5  # of a required line: nothing speaks against it yet
WHY_LENGTH = 300


@dataclass(frozen=True)
class Fit:
    """`score` is None without a profile. `excluded` says why nobody should work on this person."""

    score: int | None = None
    why: str = ""
    excluded: str = ""


@dataclass(frozen=True)
class Judge:
    """The lines of one profile in words, ready to be asked about many people: each line remembers its answers."""

    required: list[tuple[str, Holds]]
    preferred: list[tuple[str, Holds]]
    against: list[tuple[str, Holds]]

    @classmethod
    def of(cls, lines: Sequence[IdealValue], *, year: int) -> Self:
        def asked(wish: str) -> list[tuple[str, Holds]]:
            return [(_field(line), Holds.of(rule_of(line), year)) for line in of_wish(lines, wish)]

        against = [
            (f"{line.get_exclusion_display()} ({sentence(line)})"[:WHY_LENGTH], Holds.of(rule_of(line), year))
            for line in excluding(lines)
        ]
        return cls(asked(Wish.REQUIRED), asked(Wish.PREFERRED), against)

    def fit(self, known: Known) -> Fit:
        """A required line that does not hold leaves nothing; a preferred one that is not known counts nothing."""
        for said, holds in self.against:
            if holds(known):
                return Fit(0, said, said)
        required = [(field, holds(known)) for field, holds in self.required]
        preferred = [(field, holds(known)) for field, holds in self.preferred]
        if not required and not preferred:
            return Fit(None, _("The ideal profile asks for nothing yet."))
        points = sum(REQUIRED * (UNKNOWN if answer is None else answer) for _line, answer in required)
        points += sum(PREFERRED * (answer is True) for _line, answer in preferred)
        whole = REQUIRED * len(required) + PREFERRED * len(preferred)
        failed = any(answer is False for _line, answer in required)
        return Fit(0 if failed else round(100 * points / whole), _words(required, preferred))


def _field(line: IdealValue) -> str:
    """Without the unit that the profile's page adds."""
    return str(line.get_field_display()).partition(" (")[0]


def _words(required: list[tuple[str, bool | None]], preferred: list[tuple[str, bool | None]]) -> str:
    """A field may be asked for twice: within a wide range it is a must, within a narrow one it is liked."""
    parts = {
        _("meets"): [field for field, answer in [*required, *preferred] if answer],
        _("does not meet"): [field for field, answer in required if answer is False],
        _("not as preferred"): [field for field, answer in preferred if answer is False],
        _("not known"): [field for field, answer in [*required, *preferred] if answer is None],
    }
    said = [f"{words}: {', '.join(dict.fromkeys(fields))}" for words, fields in parts.items() if fields]
    return "; ".join(said)[:WHY_LENGTH]
