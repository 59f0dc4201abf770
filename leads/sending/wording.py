"""Which words of a mail step one person gets: their persona's own, else the usual; half and half in a test. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from campaigns.models import PublishedWords

A, B = PublishedWords.Variant.A, PublishedWords.Variant.B


def choose(
    *, words: Sequence[PublishedWords], persona_id: int | None, enrolment_id: int, kept: str = ""
) -> PublishedWords:
    """The words for this person, of all that a step has. Raises LookupError where it has none for everybody.

    Who has words for their persona gets those, test or not. Of two usual wordings the enrolment's number decides, so
    it is the same each time it is asked; ``kept`` is the one a test ended with, which from then on everybody gets.
    """
    if persona_id is not None:
        for own in words:
            if own.persona_id == persona_id:
                return own
    usual = {own.variant: own for own in words if own.persona_id is None}
    if A not in usual:
        raise LookupError("this step has no words for everybody")
    return usual.get(kept or _half(usual[A].step_id, enrolment_id)) or usual[A]


def _half(step_id: int, enrolment_id: int) -> str:
    """A number's own parity would not do: a form that enrols in two sequences gives one of them the odd numbers only.
    With the step in it, two tests of one sequence do not split people alike."""
    return B if hashlib.sha256(f"{step_id}:{enrolment_id}".encode()).digest()[0] & 1 else A
