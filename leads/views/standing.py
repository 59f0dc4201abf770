"""Persona and journey stage of a lead, each with why, and the small form that sets them by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.errors import Refused
from campaigns.models import JourneyStage, Persona
from leads.models import Fact, Lead, Person, TouchKind
from leads.scoring.facts import Seen
from leads.scoring.panel import Receipts, kept_setup
from leads.scoring.rules import Setup, Why, stage_and_why
from leads.scoring.standing import PERSONA, STAGE, by_hand, set_by_hand
from leads.templatetags.staff_ui import shortday

Choices = list[tuple[str, str | Promise]]


@dataclass(frozen=True)
class StandingLine:
    """A line of the facts panel. An empty `value` is unknown; `chosen` is the slug held; `hand`: set by a colleague."""

    field: str
    label: str | Promise
    value: str | Promise
    why: str
    chosen: str
    hand: bool
    choices: Choices


def standing_lines(lead: Lead, receipts: Receipts) -> list[StandingLine]:
    """Persona, then stage, as the rules see them now. Two queries, besides the rules that are kept for a moment."""
    personas = {one.pk: one for one in Persona.objects.in_use()}
    if lead.persona and lead.persona.pk not in personas:
        personas[lead.persona.pk] = lead.persona  # archived since
    hand, setup, seen = by_hand(lead.person), kept_setup(""), receipts.seen
    persona, stage = lead.persona_id, lead.journey_stage
    why_persona = why_stage = _("not worked out: no rules are live, or this person objected to it")
    if seen is not None:
        persona, why = setup.persona_and_why(seen.facts, by_hand=_value(hand, PERSONA), old=lead.persona_id)
        why_persona = persona_words(why, hand.get(PERSONA), setup)
        stage, why = _stage(seen, receipts, hand, lead)
        why_stage = stage_words(why, hand.get(STAGE), seen)
    known = personas.get(persona) if persona else None
    return [
        StandingLine(
            PERSONA, gettext_lazy("Persona"), known.name if known else "", why_persona,
            known.slug if known else "", PERSONA in hand,
            [(one.slug, one.name) for one in personas.values()],
        ),
        StandingLine(
            STAGE, gettext_lazy("Journey stage"), JourneyStage(stage).label if stage else "", why_stage, stage,
            STAGE in hand, list(JourneyStage.choices),
        ),
    ]  # fmt: skip


def _stage(seen: Seen, receipts: Receipts, hand: Mapping[str, Fact], lead: Lead) -> tuple[str, Why]:
    past = [touch for touch in seen.touches if touch.at <= timezone.now()]
    journey = {"journey": receipts.rules.journey} if receipts.rules else {}
    return stage_and_why(past, by_hand=_value(hand, STAGE), old=lead.journey_stage, **journey)


def _value(hand: Mapping[str, Fact], field: str) -> str:
    return hand[field].value if field in hand else ""


def persona_words(why: Why, fact: Fact | None, setup: Setup) -> str:
    """`the job title holds “plant manager”`, `Industry: gears`, `set by Maya, 3 Nov`."""
    match why.how:
        case "hand":
            return _by_hand(fact)
        case "title":
            return _("the job title holds “%(words)s”") % {"words": why.source}
        case "rule":
            label = next((rule.label for rule, _pk in setup.persona_rules if rule.id == why.rule), "")
            return f"{label}: {why.source}" if label else why.source
        case "kept":
            return _("from before; no rule says so now")
    return _("no word of the title and no rule tells it")


def stage_words(why: Why, fact: Fact | None, seen: Seen) -> str:
    """`asked for contact “Demo”, 3 Nov`: the first touch that was enough; or who set it and when."""
    if why.how == "hand":
        return _by_hand(fact)
    touch = next((one for one in seen.touches if one.id == why.touch), None)
    if touch is not None:
        kind = str(TouchKind(touch.kind).label)
        about = f"{kind} “{touch.source}”" if touch.source else kind
        return f"{about}, {shortday(touch.at)}"
    return _("from before; no touch says so now") if why.how == "kept" else _("no touch tells it yet")


def _by_hand(fact: Fact | None) -> str:
    if fact is None:
        return _("set by hand")
    who = fact.by.get_full_name() or fact.by.get_username() if fact.by else fact.detail
    if not who:
        return _("set by hand, %(day)s") % {"day": shortday(fact.at)}
    return _("set by %(who)s, %(day)s") % {"who": who, "day": shortday(fact.at)}


@login_required
@permission_required("leads.change_lead", raise_exception=True)
@require_POST
def set_standing(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/leads/<person id>/standing/: persona or stage by hand; an empty value gives it back to the rules."""
    person = get_object_or_404(Person, pk=pk, erased_at=None, lead__isnull=False)
    value = request.POST.get("value", "")
    asked: dict[str, Any] = {"field": request.POST.get("field", ""), "value": value}
    try:
        set_by_hand(person=person, by=request.user, at=timezone.now(), **asked)
    except Refused as no:
        messages.error(request, no.message)
    else:
        messages.success(
            request, _("Set. It stays until somebody changes it.") if value else _("The rules decide again.")
        )
    return redirect("staff-lead", pk=pk)
