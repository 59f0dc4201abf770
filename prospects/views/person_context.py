"""What the person page shows at once: where the cycle stands, what comes next, the call, what is known."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.kept import Kept
from leads.scoring.reading import engagements_at, score_of
from leads.templatetags.staff_ui import stayed
from prospects.clocks.calling_hours import with_silence
from prospects.feedback.outcomes import in_words
from prospects.forms import FollowUpForm, NoteForm
from prospects.models import BantAnswer, FollowUp, Meeting, Prospect, Stage, StageMove
from prospects.models.prospect import ProspectQuerySet
from prospects.qualification import DONE, Card, card, done_of, missing_for, rule_words
from prospects.views.call_context import call_context
from prospects.views.verdict import verdict_context


@dataclass(frozen=True)
class StageStep:
    """One step of the stage line: done, here or todo, with the time spent or the usual one."""

    name: str
    state: str
    said: str


@dataclass(frozen=True)
class Check:
    """One entry rule of the next stage, held or not."""

    words: str
    ok: bool


@dataclass(frozen=True)
class Checks:
    lines: list[Check] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return all(line.ok for line in self.lines)


@dataclass(frozen=True)
class BantLine:
    """One question of the card with its latest answer, and what to ask where there is none."""

    question: str | Promise
    answer: BantAnswer | None
    look: str
    ask: str | Promise


LOOKS = {"claimed": "chip-info", "confirmed": "chip-good", "no": "chip-bad"}
ASK = {
    "budget": gettext_lazy("Ask what is set aside, and by whom."),
    "authority": gettext_lazy("Ask who decides, and who must agree."),
    "need": gettext_lazy("Ask what it costs them as it is."),
    "timing": gettext_lazy("Ask what happens on which date."),
}


def person_context(prospect: Prospect, **forms: Any) -> dict[str, Any]:
    """What stands there at once. `forms` are the bound ones of a refused answer; the others are fresh."""
    now = timezone.now()
    person, answers = prospect.person, card(prospect)
    stages = open_stages(prospect.pipeline_id)
    promises = list(prospect.follow_ups.filter(done_at=None)[:5])
    around = call_context(prospect, answers, now, anyway=forms.pop("anyway", False))
    return {
        "now": now,
        "prospect": prospect,
        "person": person,
        "company": person.company,
        "company_name": person.company.name if person.company else person.company_name,
        "engagement": next(iter(engagements_at([score_of(person)], now).values()), None),
        "stages": stages,
        "stage_line": stage_line(prospect, stages, now),
        "follow_up": promises[0] if promises else None,
        "reopened": _open_cycle(prospect),
        "outcome": _outcome(prospect),
        **_bant_context(answers),
        **_next_context(prospect, stages, answers),
        **verdict_context(prospect, answers, forms.pop("reject_form", None)),
        **around,
        "red": _is_red(prospect, promises, around["meetings"], now),
        "follow_up_form": FollowUpForm(),
        "note_form": NoteForm(),
        **forms,
    }


def _outcome(prospect: Prospect) -> str:
    """What the reason of a closed cycle made of the person."""
    return in_words(prospect.reason, is_lead=hasattr(prospect.person, "lead")) if prospect.reason else ""


def for_page(prospects: ProspectQuerySet) -> ProspectQuerySet:
    """With what the page asks beside the row itself, in the one statement that reads it."""
    return with_silence(prospects, timezone.now()).annotate(**DONE)


def _is_red(prospect: Prospect, promises: list[FollowUp], meetings: list[Meeting], now: datetime) -> bool:
    """As `ProspectQuerySet.without_next_step`, of rows that are read already."""
    ahead = any(one.due_at > now for one in promises) or any(one.at > now for one in meetings)
    clock = prospect.first_acted_at is None and prospect.answer_by is not None and prospect.answer_by > now
    return prospect.is_open and not ahead and not clock


def _read_stages(pipeline: Hashable) -> list[Stage]:
    rows = Stage.objects.filter(pipeline=pipeline, kind=Stage.Kind.OPEN).prefetch_related("rules")
    return list(rows)


# Every person page needs them and an admin changes them once a year.
open_stages: Kept[list[Stage]] = Kept(_read_stages)


def stage_line(prospect: Prospect, stages: list[Stage], now: datetime) -> list[StageStep]:
    """The open stages in order, then Won: time spent where it was, the usual time where it is to come."""
    spent, visited = _time_in_stages(prospect, now)
    here = next((n for n, stage in enumerate(stages) if stage.pk == prospect.stage_id), len(stages))
    steps = []
    for number, stage in enumerate(stages):
        if number == here:
            steps.append(StageStep(stage.name, "here", stayed(now - prospect.stage_since)))
        elif number < here and (prospect.is_open or stage.pk in visited):
            steps.append(
                StageStep(stage.name, "done", stayed(spent.get(stage.pk)) if stage.pk in visited else "")
            )
        else:
            steps.append(StageStep(stage.name, "todo", _usual(stage)))
    ended = not prospect.is_open
    last = prospect.stage.name if ended else _("Won")
    return [
        *steps,
        StageStep(last, "here" if ended else "todo", stayed(now - prospect.stage_since) if ended else ""),
    ]


def _time_in_stages(prospect: Prospect, now: datetime) -> tuple[dict[int, timedelta], set[int]]:
    """Time per stage from the history rows; a stage visited twice adds up."""
    moves: list[StageMove] = list(prospect.moves.order_by("at", "pk"))
    spent: dict[int, timedelta] = {}
    for move, after in zip_longest(moves, moves[1:]):
        until = after.at if after else (prospect.closed_at or now)
        spent[move.new_id] = spent.get(move.new_id, timedelta(0)) + (until - move.at)
    return spent, set(spent)


def _usual(stage: Stage) -> str:
    if not stage.ageing_days:
        return ""
    return ngettext("usually %(n)d day", "usually %(n)d days", stage.ageing_days) % {"n": stage.ageing_days}


def _bant_context(answers: dict[str, BantAnswer | None]) -> dict[str, Any]:
    lines = [
        BantLine(label, answers.get(key), LOOKS.get(getattr(answers.get(key), "state", ""), ""), ASK[key])
        for key, label in BantAnswer.Question.choices
    ]
    known = [line for line in lines if line.answer and line.answer.state != BantAnswer.State.UNKNOWN]
    return {"bant": lines, "bant_known": len(known)}


def _next_context(prospect: Prospect, stages: list[Stage], answers: Card) -> dict[str, Any]:
    """The stage that comes next with an entry rule, and which of its rules hold."""
    here = next((n for n, stage in enumerate(stages) if stage.pk == prospect.stage_id), None)
    ahead = stages[here + 1 :] if here is not None else []
    stage = next((one for one in ahead if one.rules.all()), ahead[0] if ahead else None)
    if stage is None or not prospect.is_open:
        return {"next_stage": None, "checks": Checks()}
    done = done_of(prospect) if hasattr(prospect, "talked") else None
    missing = set(missing_for(prospect, stage, answers=answers, stages=stages, done=done))
    rules = sorted(stage.rules.all(), key=lambda rule: rule.pk)
    words = rule_words(rules)
    lines = [Check(words[rule.pk], words[rule.pk] not in missing) for rule in rules]
    return {"next_stage": stage, "checks": Checks(lines)}


def _open_cycle(prospect: Prospect) -> Prospect | None:
    """The cycle at work now, when this one is over and its owner is the same."""
    if prospect.is_open:
        return None
    return Prospect.objects.open().filter(person=prospect.person, owner=prospect.owner).first()
