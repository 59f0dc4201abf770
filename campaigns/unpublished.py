"""Whether the steps of a sequence, as they are written now, differ from what was published last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from campaigns.models import (
    EmailTemplate,
    PublishedStep,
    PublishedWords,
    SequenceStep,
    SequenceVersion,
    StepKind,
)
from campaigns.models import Sequence as MailSequence
from campaigns.sequences import frozen, working_steps

COPIED = ("subject", "preheader", "format", "body", "language", "offer_id")
_OF_A_STEP = [
    field.attname for field in PublishedStep._meta.concrete_fields if field.name not in ("id", "version")
]


def has_changes(sequence: MailSequence) -> bool:
    """True where publishing would make a version unlike the newest one; also where there is none yet."""
    newest = sequence.versions.order_by("-number").first()
    return newest is None or _written(working_steps(sequence)) != _published(newest)


def _written(steps: list[SequenceStep]) -> list[Any]:
    return [
        (_rules(step), sorted(_wordings(working))) for working, step in zip(steps, frozen(steps), strict=True)
    ]


def _published(version: SequenceVersion) -> list[Any]:
    steps = version.steps.prefetch_related("words").order_by("position")
    return [
        (_rules(step), sorted(_words(one.persona_id, one.variant, one) for one in step.words.all()))
        for step in steps
    ]


def _rules(step: PublishedStep) -> tuple[Any, ...]:
    return tuple(getattr(step, name) for name in _OF_A_STEP)


def _wordings(step: SequenceStep) -> Iterable[tuple[Any, ...]]:
    if step.kind != StepKind.MAIL or step.template is None:
        return
    yield _words(None, PublishedWords.Variant.A, step.template)
    for wording in step.wordings.all():
        variant = PublishedWords.Variant.A if wording.persona_id else PublishedWords.Variant.B
        yield _words(wording.persona_id, variant, wording.template)


def _words(persona: int | None, variant: str, words: EmailTemplate | PublishedWords) -> tuple[Any, ...]:
    """Numbers first as text, so that lines without a persona or an offer can be put in order."""
    return (str(persona or ""), str(variant), *(str(getattr(words, name) or "") for name in COPIED))
