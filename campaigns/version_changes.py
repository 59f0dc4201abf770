"""What publishing would change, in words: steps added, taken out, moved or changed since the newest version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import step_words
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
from campaigns.unpublished import COPIED

Key = tuple[int | None, str]  # persona id, variant
Variant = PublishedWords.Variant
USUAL: Key = (None, Variant.A.value)


class What(TextChoices):
    ADDED = "added", gettext_lazy("added")
    REMOVED = "removed", gettext_lazy("taken out")
    CHANGED = "changed", gettext_lazy("changed")
    WORDS = "words", gettext_lazy("other words")
    MOVED = "moved", gettext_lazy("other place")


@dataclass(frozen=True)
class Change:
    """One step that differs. ``position`` in the new list (0: no more there), ``was`` in the old one (0: not yet)."""

    what: What
    position: int
    was: int
    words: str
    before: str = ""


def changes(sequence: MailSequence) -> list[Change]:
    """Empty where publishing would make a version like the newest one; every step is new where there is none."""
    working = working_steps(sequence)
    newest = sequence.versions.order_by("-number").first()
    old = {step.origin: step for step in _steps(newest)} if newest else {}
    found = [_change(step, new, old.get(step.pk)) for step, new in zip(working, frozen(working), strict=True)]
    kept = {step.pk for step in working}
    gone = [step for origin, step in old.items() if origin not in kept]
    removed = [Change(What.REMOVED, 0, step.position, _line(step, _subject(step))) for step in gone]
    return [change for change in found if change] + removed


def signature(sequence: MailSequence) -> str:
    """Changes as soon as the steps, their words or the newest version do: what a page was looked at with."""
    working = working_steps(sequence)
    newest = sequence.versions.order_by("-number").values_list("number", flat=True).first() or 0
    lines = [(_line(step, ""), _written(one)) for one, step in zip(working, frozen(working), strict=True)]
    return f"{newest}-{sha256(repr(lines).encode()).hexdigest()[:24]}"


def _steps(version: SequenceVersion) -> Sequence[PublishedStep]:
    return list(
        version.steps.select_related("asset", "page", "topic").prefetch_related("words").order_by("position")
    )


def _change(working: SequenceStep, new: PublishedStep, old: PublishedStep | None) -> Change | None:
    mail = working.template.subject if working.template else ""
    line = _line(new, mail)
    if old is None:
        return Change(What.ADDED, new.position, 0, line)
    before = _line(old, _subject(old))
    if line != before:
        return Change(What.CHANGED, new.position, old.position, line, before)
    if _written(working) != _published(old):
        return Change(What.WORDS, new.position, old.position, _which_words(working, old))
    return Change(What.MOVED, new.position, old.position, line) if new.position != old.position else None


def _which_words(working: SequenceStep, old: PublishedStep) -> str:
    """The mail, and for whom its words differ."""
    now, was = _written(working), _published(old)
    names = {one.persona_id: str(one.persona) for one in working.wordings.all() if one.persona_id}
    differ = [key for key in {*now, *was} if now.get(key) != was.get(key)]
    said = [_for_whom(key, names) for key in sorted(differ, key=str)]
    subject = working.template.subject if working.template else ""
    return _("Mail “%(mail)s”: %(words)s") % {"mail": subject, "words": ", ".join(said)}


def _for_whom(key: Key, names: dict[int, str]) -> str:
    if key == USUAL:
        return _("the usual words")
    return _("wording B") if key[0] is None else names.get(key[0], _("a persona that has none any more"))


def _written(step: SequenceStep) -> dict[Key, tuple[str, ...]]:
    if step.kind != StepKind.MAIL or step.template is None:
        return {}
    others = {
        (one.persona_id, (Variant.A if one.persona_id else Variant.B).value): _copied(one.template)
        for one in step.wordings.all()
    }
    return {USUAL: _copied(step.template), **others}


def _published(step: PublishedStep) -> dict[Key, tuple[str, ...]]:
    return {(one.persona_id, one.variant): _copied(one) for one in step.words.all()}


def _copied(words: EmailTemplate | PublishedWords) -> tuple[str, ...]:
    return tuple(str(getattr(words, name) or "") for name in COPIED)


def _subject(step: PublishedStep) -> str:
    usual = [one for one in step.words.all() if one.persona_id is None and one.variant == Variant.A]
    return usual[0].subject if usual else ""


def _line(step: PublishedStep, mail: str) -> str:
    """Everything about the step but its place: a step that only stands elsewhere has not changed."""
    tests = _("test of %(n)d each") % {"n": step.test_mails} if step.test_mails else ""
    return ", ".join(part for part in (step_words.of_one(step, mail).line, tests) if part)
