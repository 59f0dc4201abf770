"""The draft as it would be published now: the working steps, frozen in memory by the same code as publishing."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from campaigns import sequences, step_words
from campaigns.errors import Refused
from campaigns.models import Sequence as MailSequence
from campaigns.models import StepKind
from campaigns.step_rules import BEHAVIOUR
from leads.nurture.walk import ASKS, Steps


@dataclass
class Draft:
    """A sequence as if it were live, and its steps by position. `words`: what each step does, in one line."""

    sequence: MailSequence
    steps: Steps
    words: dict[int, str]

    @cached_property
    def behaviour_decides(self) -> bool:
        """Whether what people do changes what they get; then there are two bounds."""
        return any(step.kind in ASKS and step.looks_at in BEHAVIOUR for step in self.steps.values())


def draft_of(sequence: MailSequence) -> Draft:
    """The working copy of `sequence`; raises Refused where it sends no mail yet. Nothing is written."""
    working = list(
        sequence.steps.select_related("template", "asset", "page", "topic").order_by("order", "pk")
    )
    if not any(step.kind == StepKind.MAIL for step in working):
        raise Refused(_("There is nothing to rehearse yet: add a step that sends a mail."))
    words = step_words.of_working(working)
    live = copy(sequence)
    live.state = MailSequence.State.LIVE
    return Draft(
        sequence=live,
        steps={step.position: step for step in sequences.frozen(working)},
        words={said.position: said.what for said in words.values()},
    )
