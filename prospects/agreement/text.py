"""The text, section by section. Every number and name in it comes from the rule that acts by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import IdealValue
from campaigns.models.page import InquiryKind
from leads.countries import country_names
from leads.ideal import editing
from leads.ideal.lines import excluding, parts_of, sentence
from leads.models import ScoringModel
from leads.scoring.words import required
from prospects.clocks import tries
from prospects.models import Reason, Stage, StageRule
from prospects.qualification import rule_words
from prospects.stages import SALES_QUALIFIED

Section = dict[str, Any]
Field = IdealValue.Field
BOUNDS = {
    "A": "fit_a",
    "B": "fit_b",
    "C": "fit_c",
    "1": "engagement_1",
    "2": "engagement_2",
    "3": "engagement_3",
}


def sections() -> list[Section]:
    """The agreement as the rules read now, in the language of the house: readers of two languages share one version."""
    with translation.override(settings.LANGUAGE_CODE):
        stages = list(Stage.objects.in_use().filter(pipeline__is_default=True).prefetch_related("rules"))
        return [
            _section("lead", _("What we call a lead"), _lead()),
            _section("marketing_qualified", _("What we call marketing-qualified"), _marketing_qualified()),
            _section("prospect", _("What we call a prospect"), _prospect()),
            _section("sales_qualified", _("What we call sales-qualified"), _sales_qualified(stages)),
            _section("response", _("How fast sales answers"), _response()),
            _section("stages", _("What a stage asks for"), _stages(stages)),
            _section("reasons", _("Why sales says no, and what becomes of the person"), _reasons()),
        ]


def _section(key: str, title: str, lines: Iterator[str]) -> Section:
    return {"key": key, "title": title, "lines": [str(line) for line in lines]}


def _lead() -> Iterator[str]:
    yield _("A person who has shown interest: a form, a reply, an event, a trial, a referral answered.")
    yield _("A contact of a bought or collected list is no lead before they answer with interest.")
    yield _("Marketing speaks to leads, one to many. A lead stays with marketing until it is qualified.")


def _marketing_qualified() -> Iterator[str]:
    kinds = [str(label) for value, label in InquiryKind.choices if value]
    yield _("An inquiry (%(kinds)s), within seconds, whatever the score.") % {"kinds": ", ".join(kinds)}
    model = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).first()
    if model is None:
        yield _("No scoring rules are live: only inquiries qualify.")
    else:
        yield from _by_grade(model)
    for line in excluding(editing.lines_of(editing.active())):
        yield _("Never: %(what)s (%(line)s).") % {
            "what": line.get_exclusion_display(),
            "line": _excluded(line),
        }


def _excluded(line: IdealValue) -> str:
    """The line as one says it to a colleague: countries by name, and no hint for whoever types it."""
    words = [part for part, _rule in parts_of(line)]
    if line.field == Field.COUNTRY:
        names = dict(country_names(settings.LANGUAGE_CODE))
        return ", ".join(names.get(code, code) for code in words)
    said = {
        Field.TITLE: _("job title with %(words)s"), Field.DOMAIN: _("mail from %(words)s"),
        Field.SIZE: _("%(words)s people"), Field.AGE: _("%(words)s years in business"),
    }  # fmt: skip
    if (template := said.get(Field(line.field))) is None:
        return sentence(line)
    return template % {"words": _(" or ").join(words) if line.field == Field.TITLE else ", ".join(words)}


def _needs(rule: StageRule) -> str:
    """“Need, confirmed” is made for a list to choose from."""
    return rule_words([rule])[rule.pk].replace(", ", " ")


def _by_grade(model: ScoringModel) -> Iterator[str]:
    letter, digit = model.qualify_fit, model.qualify_engagement
    said = {
        "grade": f"{letter}{digit}", "fit": getattr(model, BOUNDS.get(letter, ""), 0),
        "engagement": getattr(model, BOUNDS.get(digit, ""), 0), "number": model.number,
    }  # fmt: skip
    yield (
        _(
            "Or grade %(grade)s or better: fit from %(fit)s, engagement from %(engagement)s, "
            "by version %(number)s of the scoring rules."
        )
        % said
    )
    if model.required_facts:
        yield _("With the grade these facts must be known: %(facts)s.") % {"facts": required(model)}
    yield _("Whom sales gave back needs %(n)s points of engagement more than that.") % {
        "n": model.again_margin
    }


def _prospect() -> Iterator[str]:
    yield _("One cycle of work by sales on one person; the next cycle is linked to the last.")
    yield _("A marketing-qualified lead is handed over at once and has an owner and a clock.")
    yield _("A cold contact that fits the ideal profile may become a prospect without being a lead.")
    yield _("Sales accepts, or rejects with a reason. The verdict is given once and is never taken back.")


def _sales_qualified(stages: list[Stage]) -> Iterator[str]:
    yield _("A real conversation about the person's position and the company's need took place.")
    for stage in stages:
        if stage.slug == SALES_QUALIFIED:
            yield from _asked_by(stage)


def _asked_by(stage: Stage) -> Iterator[str]:
    for rule in sorted(stage.rules.all(), key=lambda rule: rule.pk):
        words = _needs(rule)
        yield f"{words[:1].upper()}{words[1:]}."


def _response() -> Iterator[str]:
    from prospects import handover  # it stands on the moves of stages, and they name the agreement

    yield _("An inquiry: within %(n)s working minutes.") % {"n": handover.INQUIRY_MINUTES}
    yield _("Grade A: within %(n)s working minutes. All others: within a working day.") % {
        "n": handover.GRADE_A_MINUTES
    }
    yield _(
        "The clock stops with the first act of a person: a call, a mail, a meeting, a social touch, a verdict."
    )
    yield _("After %(n)s tries in %(days)s days without an answer, the person may go back to nurture.") % {
        "n": tries.MOST_TRIES, "days": tries.WITHIN.days,
    }  # fmt: skip


def _stages(stages: list[Stage]) -> Iterator[str]:
    for stage in stages:
        parts = [_needs(rule) for rule in sorted(stage.rules.all(), key=lambda rule: rule.pk)]
        if stage.limit_days:
            days = ngettext("at most %(n)d day", "at most %(n)d days", stage.limit_days)
            parts.append(days % {"n": stage.limit_days})
        if stage.managers_only:
            parts.append(_("only a manager moves prospects here"))
        yield f"{stage.name}: {'; '.join(parts) or _('asks for nothing')}."


def _reasons() -> Iterator[str]:
    for reason in Reason.objects.in_use():
        when = _("rejected") if reason.for_rejection else _("lost")
        out = (
            _(", excluded as %(what)s") % {"what": reason.get_exclusion_display()} if reason.exclusion else ""
        )
        yield _("%(name)s (%(when)s): %(outcome)s%(out)s.") % {
            "name": reason.name, "when": when, "outcome": reason.get_outcome_display(), "out": out,
        }  # fmt: skip
