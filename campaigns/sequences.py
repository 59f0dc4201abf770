"""Sequences: freezing the working steps as a version, and pausing, resuming and ending what runs.

A person walks on a published version, which never changes: its words and the targets of its links are copied,
so every mail ever sent can be made again, and a click leads where it led on that day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.mail import body as mail_body
from campaigns.models import (
    EmailTemplate,
    MailLink,
    Persona,
    PublishedStep,
    PublishedWords,
    SequenceStep,
    SequenceVersion,
    StepKind,
    StepRule,
)
from campaigns.models import Sequence as MailSequence
from campaigns.sequence_rules import ASKS, problems


def publish(
    *, sequence: MailSequence, by: Any, at: datetime, findings: Sequence[Mapping[str, Any]] = ()
) -> SequenceVersion:
    """Freeze the working steps as the next version and set a draft live.

    Raises Refused with all that is missing: no mail, a jump back, a question without words, a template that would
    fail for somebody. ``findings``: what the check before publishing said, and why it was accepted. People who walk
    an older version stay on it.
    """
    with transaction.atomic():
        sequence = MailSequence.objects.select_for_update().get(pk=sequence.pk)
        if sequence.state == MailSequence.State.ENDED:
            raise Conflict(now=str(sequence.get_state_display()))
        steps = working_steps(sequence)
        if missing := problems(sequence, steps):
            raise Refused(_("This sequence cannot be published yet:"), missing=missing)
        last = sequence.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = SequenceVersion.objects.create(
            sequence=sequence, number=last + 1, published_at=at, published_by=by, findings=list(findings)
        )
        _freeze(steps, version)
        if sequence.state == MailSequence.State.DRAFT:
            _set_state(sequence, MailSequence.State.LIVE, by)
    return version


def working_steps(sequence: MailSequence) -> list[SequenceStep]:
    """The steps as they are being written, in order, with all their wordings."""
    steps = sequence.steps.select_related("template__offer").prefetch_related(
        "wordings__template__offer", "wordings__persona"
    )
    return list(steps.order_by("order", "pk"))


_RULES = [field.attname for field in StepRule._meta.get_fields()]


def frozen(steps: Sequence[SequenceStep]) -> list[PublishedStep]:
    """The steps as a version holds them, unsaved and of no version: positions from 1, jumps by position. Pure."""
    positions = {step.pk: position for position, step in enumerate(steps, start=1)}
    return [
        PublishedStep(
            position=positions[step.pk],
            origin=step.pk,
            then_position=positions.get(step.then_id or 0) if step.kind != StepKind.END else None,
            otherwise_position=positions.get(step.otherwise_id or 0) if step.kind in ASKS else None,
            **{name: getattr(step, name) for name in _RULES},
        )
        for step in steps
    ]


def _freeze(steps: Sequence[SequenceStep], version: SequenceVersion) -> None:
    for working, step in zip(steps, frozen(steps), strict=True):
        step.version = version
        step.save(force_insert=True)
        if step.kind != StepKind.MAIL or working.template is None:
            continue
        _freeze_words(step, working.template, version)
        for wording in working.wordings.all():
            variant = PublishedWords.Variant.A if wording.persona_id else PublishedWords.Variant.B
            _freeze_words(step, wording.template, version, wording.persona, variant)


def _freeze_words(
    step: PublishedStep,
    mail: EmailTemplate,
    version: SequenceVersion,
    persona: Persona | None = None,
    variant: str = PublishedWords.Variant.A,
) -> None:
    """The body is copied as it was written; it is cleaned when it is made into a mail, its merge fields put aside."""
    words = PublishedWords.objects.create(
        step=step,
        persona=persona,
        variant=variant,
        **{
            name: getattr(mail, name)
            for name in ("subject", "preheader", "format", "body", "language", "offer")
        },
    )
    found = enumerate(mail_body.targets(words.body, words.format), start=1)
    MailLink.objects.bulk_create(
        MailLink(
            words=words,
            position=number,
            source=target,
            target=tagged(target, version.sequence, step.position),
        )
        for number, target in found
    )


def tagged(target: str, sequence: MailSequence, position: int) -> str:
    """A target on a site of ours with the UTM set of this mail; anybody else's address stays as it is.

    The campaign is named by its own `utm_campaign`; source and medium say that the visit came by this mail.
    """
    if sequence.campaign is None or not _is_ours(target):
        return target
    utm = {
        "utm_source": sequence.slug,
        "utm_medium": "email",
        "utm_campaign": sequence.campaign.utm_campaign,
        "utm_content": f"step-{position}",
    }
    parts = urlsplit(target)
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([*given, *((key, value) for key, value in utm.items() if key not in dict(given))])
    return urlunsplit(parts._replace(query=query))


def _is_ours(target: str) -> bool:
    host = (urlsplit(target).hostname or "").lower()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()
    return not host or host == urlsplit(settings.BASE_URL).hostname or f".{host}".endswith(f".{domain}")


def pause(*, sequence: MailSequence, by: Any, at: datetime) -> MailSequence:
    """Stop sending at once; people stay where they are. Raises Conflict where it is not live."""
    return _move(sequence, {MailSequence.State.LIVE}, MailSequence.State.PAUSED, by)


def resume(*, sequence: MailSequence, by: Any, at: datetime) -> MailSequence:
    """Go on where it was paused. Raises Conflict where it is not paused."""
    return _move(sequence, {MailSequence.State.PAUSED}, MailSequence.State.LIVE, by)


def end(*, sequence: MailSequence, by: Any, at: datetime) -> MailSequence:
    """Take in nobody any more and send nothing more; it cannot be started again."""
    return _move(sequence, {MailSequence.State.LIVE, MailSequence.State.PAUSED}, MailSequence.State.ENDED, by)


def _move(sequence: MailSequence, from_states: set[str], to: str, by: Any) -> MailSequence:
    with transaction.atomic():
        sequence = MailSequence.objects.select_for_update().get(pk=sequence.pk)
        if sequence.state not in from_states:
            raise Conflict(now=str(sequence.get_state_display()))
        _set_state(sequence, to, by)
    return sequence


def _set_state(sequence: MailSequence, to: str, by: Any) -> None:
    if not MailSequence.objects.filter(pk=sequence.pk, state=sequence.state).update(state=to):
        raise Conflict(now=str(sequence.get_state_display()))
    sequence.state = to
    sequence._history_user = by  # type: ignore[attr-defined]
    sequence.save(update_fields=["state"])  # a conditional UPDATE leaves no version behind; this does
