"""Why a sequence cannot be published as it is: what is wrong with the list, and with each step. Words, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from campaigns import step_rules
from campaigns.mail import body as mail_body
from campaigns.mail.checks import check
from campaigns.models import EmailTemplate, LooksAt, SequenceStep, StepKind, StepWording
from campaigns.models import Sequence as MailSequence
from campaigns.models.sequence import MOST_STEPS

LONGEST_TARGET = 1000
UTM_ROOM = 200  # what the tags may add to a target
LONGEST_HOURS = 2 * 366 * 24  # a delay or a limit; two years
LEAST_OF_A_TEST = 50
ASKS = (StepKind.BRANCH, StepKind.WAIT_FOR)
ONLY_LEADS_HAVE = (LooksAt.GRADE, LooksAt.STATUS)


def problems(sequence: MailSequence, steps: Sequence[SequenceStep]) -> list[str]:
    """All that is wrong, in the order of the list; empty when it can be published."""
    found = list(_of_the_list(steps))
    positions = {step.pk: number for number, step in enumerate(steps, start=1)}
    for number, step in enumerate(steps, start=1):
        words = [
            *step_rules.problems(step),
            *_long(step),
            *_jumps(step, number, positions),
            *_audience(sequence, step),
            *(_mail(step) if step.kind == StepKind.MAIL else ()),
        ]
        found += [_("Step %(number)d: %(problem)s") % {"number": number, "problem": one} for one in words]
    return found


def _of_the_list(steps: Sequence[SequenceStep]) -> Iterator[str]:
    if not any(step.kind == StepKind.MAIL for step in steps):
        yield _("at least one step that sends a mail")
    if len(steps) > MOST_STEPS:
        yield _("at most %(most)d steps; this has %(number)d") % {"most": MOST_STEPS, "number": len(steps)}


def _long(step: SequenceStep) -> Iterator[str]:
    if max(step.delay_hours, step.limit_hours or 0) > LONGEST_HOURS:
        yield _("no step waits longer than two years")


def _jumps(step: SequenceStep, number: int, positions: dict[int, int]) -> Iterator[str]:
    """Forward only, so that every walk ends."""
    asked = [step.then_id, step.otherwise_id if step.kind in ASKS else None]
    for target in asked if step.kind != StepKind.END else ():
        if target is None:
            continue
        if target not in positions:
            yield _("it leads to a step that is not in this sequence")
        elif positions[target] <= number:
            yield _("it leads back to step %(target)d; steps lead forward only") % {
                "target": positions[target]
            }


def _audience(sequence: MailSequence, step: SequenceStep) -> Iterator[str]:
    prospects = sequence.audience == MailSequence.Audience.PROSPECTS
    if prospects and step.kind in ASKS and step.looks_at in ONLY_LEADS_HAVE:
        yield _("“%(asks)s” is known of leads only, and this sequence is for prospects") % {
            "asks": step.get_looks_at_display()
        }


def _mail(step: SequenceStep) -> Iterator[str]:
    if step.template is None:
        yield _("an e-mail template is missing")
    else:
        yield from _template(step.template)
    wordings = list(step.wordings.all())
    yield from _test(step, wordings)
    for wording in wordings:
        whose = str(wording.persona) if wording.persona else "B"
        for problem in _template(wording.template):
            yield _("wording %(whose)s: %(problem)s") % {"whose": whose, "problem": problem}


def _test(step: SequenceStep, wordings: Iterable[StepWording]) -> Iterator[str]:
    second = any(wording.persona_id is None for wording in wordings)
    if step.test_mails is None and second:
        yield _("there is a wording B: say how many mails of each wording the test takes")
    elif step.test_mails is not None and not second:
        yield _("a test needs a second wording (B)")
    elif step.test_mails is not None and step.test_mails < LEAST_OF_A_TEST:
        yield _("a test takes at least %(number)d mails of each wording") % {"number": LEAST_OF_A_TEST}


def _template(template: EmailTemplate) -> list[str]:
    found = check(template)
    if found:
        return found
    targets = mail_body.targets(template.body, template.format)
    return [
        _("an address is too long: %s…") % target[:60]
        for target in targets
        if len(target) > LONGEST_TARGET - UTM_ROOM
    ]
