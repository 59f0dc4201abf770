"""The parts of a person page that come a moment later, each by its own address: facts, story, score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from leads.models import Person
from leads.nurture.next_step import walks
from leads.person_facts import consent_chain, facts_of
from leads.scoring.panel import receipts_for
from leads.views.score_panel import score_panel
from leads.views.standing import standing_lines
from prospects.alike import alike
from prospects.collateral import collateral
from prospects.deal_terms import deals_with
from prospects.models import Prospect
from prospects.timeline import timeline

NEWEST, MOST = 25, 120  # lines of the story before "older entries", and in all
Part = Callable[[Prospect, Any, str], dict[str, Any]]


def facts(prospect: Prospect, user: Any, _asked: str) -> dict[str, Any]:
    """The left column: what we know and from where, the company, who is like them, the consent's evidence."""
    person, lead = prospect.person, getattr(prospect.person, "lead", None)
    company = person.company
    return {
        "facts": facts_of(person),
        "standing": standing_lines(lead, receipts_for(lead, timezone.now())) if lead else [],
        "evidence": consent_chain(person),
        "company": company,
        "known_there": Person.objects.filter(company=company, merged_into=None).count() if company else 0,
        "alike": alike(prospect, user),
    }


def story(prospect: Prospect, _user: Any, asked: str) -> dict[str, Any]:
    """The middle: one timeline, machine hits folded; its newest lines, all of it, or one side."""
    return story_of(timeline(prospect.person, MOST), asked)


def story_of(lines: list[Any], show: str) -> dict[str, Any]:
    """The lines to show, and how many lines each side has."""
    sides = {
        "all": lines,
        "touches": [line for line in lines if line.side == "theirs"],
        "ours": [line for line in lines if line.side != "theirs"],
    }
    shown = sides.get(show, lines[:NEWEST])
    return {
        "story": shown,
        "story_show": show if show in sides else "",
        "story_older": 0 if show in sides else len(lines) - len(shown),
        "story_counts": {side: len(rows) for side, rows in sides.items()},
    }


def score(prospect: Prospect, _user: Any, _asked: str) -> dict[str, Any]:
    """The right column below BANT: mails on their way, deals, what to send, why this grade."""
    now, person = timezone.now(), prospect.person
    lead = getattr(person, "lead", None)
    known = facts_of(person)
    return {
        "now": now,
        "walks": walks(person),
        "deals": deals_with(prospect),
        "collateral": collateral(prospect, now) if prospect.is_open else None,
        "score": score_panel(lead, receipts_for(lead, now), now, known),
    }


PARTS: dict[str, Part] = {"facts": facts, "story": story, "score": score}
