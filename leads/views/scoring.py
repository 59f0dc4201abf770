"""Scoring on staff pages: how the live rules divide the leads, all versions, and one version in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from leads.models import Backtest, Lead, LeadStatus, ScoreRun, ScoringModel, ScoringRule
from leads.scoring.backtest.asking import MOST_WEEKS
from leads.scoring.backtest.today import SAMPLE, today
from leads.scoring.facts import read
from leads.scoring.overview import overview
from leads.scoring.panel import Receipts, add_up
from leads.scoring.rules import rules_of
from leads.scoring.versions import faults
from leads.scoring.words import Difference, condition, differences, limits, required
from leads.views import learned
from leads.views.backtest import SEES

VERSIONS = 12
WEEKS = (13, 26, 52)


@dataclass(frozen=True)
class Version:
    """A line of the list: the version, what it changed, and its newest backtest."""

    model: ScoringModel
    changes: list[Difference]
    backtest: Backtest | None


@dataclass(frozen=True)
class Line:
    """One line of an example's score: its points under the live rules and under the draft."""

    label: str
    source: str
    old: float | None
    new: float | None

    @property
    def differs(self) -> bool:
        return round(self.old or 0.0, 3) != round(self.new or 0.0, 3)


@dataclass(frozen=True)
class Example:
    """A lead under two versions."""

    lead: Lead
    old: Receipts
    new: Receipts
    lines: list[Line]


@login_required
@permission_required(SEES, raise_exception=True)
def home(request: HttpRequest) -> HttpResponse:
    """/staff/scoring/: the grid of the live version, what is not known, versions, and an example lead beside."""
    now = timezone.now()
    models = list(ScoringModel.objects.all())
    live = next((one for one in models if one.state == ScoringModel.State.LIVE), None)
    draft = next((one for one in models if one.state == ScoringModel.State.DRAFT), None)
    context: dict[str, Any] = {
        "live": live,
        "draft": draft,
        "overview": overview(live, now),
        "run": ScoreRun.objects.select_related("model").first(),
        "versions": _versions(models[:VERSIONS], models),
        "typed": _typed(request),
    }
    context |= learned.overview(request)
    if live:
        context["example"], context["offered"] = _example(request, live, draft or live, now)
    return render(request, "leads/scoring/home.html", context)


@login_required
@permission_required(SEES, raise_exception=True)
def model_page(request: HttpRequest, pk: int) -> HttpResponse:
    """/staff/scoring/<pk>/: one version in words, beside the live one, and its backtests.

    `?part=today` answers with how grades change now: it looks at up to 5,000 leads, so the page asks for it apart.
    """
    model = get_object_or_404(ScoringModel, pk=pk)
    live = ScoringModel.objects.filter(state=ScoringModel.State.LIVE).first()
    beside = live if live and live.pk != model.pk else None
    asked = request.GET.get("part") == "today"
    context: dict[str, Any] = {"model": model, "live": live, "beside": beside, "sample": SAMPLE}
    if asked and beside:
        context["today"] = today(draft=model, live=beside, at=timezone.now())
        if request.headers.get("HX-Request"):
            return render(request, "leads/scoring/_today.html", context)
    rules = list(model.rules.select_related("asset_kind").order_by("group", "order", "pk"))
    context |= {
        "groups": [
            (group, [(rule, condition(rule), limits(rule, model)) for rule in rules if rule.group == group])
            for group in (ScoringRule.Group.FIT, ScoringRule.Group.ENGAGEMENT)
        ],
        "journey": list(model.journey_rules.select_related("asset_kind")),
        "changes": differences(beside, model) if beside else [],
        "required": required(model),
        "faults": list(faults(model)) if model.state == ScoringModel.State.DRAFT else [],
        "backtests": Backtest.objects.filter(model=model).select_related("asked_by", "beside")[:10],
        "weeks": WEEKS,
        "most_weeks": MOST_WEEKS,
        "capacity": Backtest.objects.values_list("capacity", flat=True).first() or 20,
    }
    return render(request, "leads/scoring/model.html", context)


def _versions(shown: list[ScoringModel], models: list[ScoringModel]) -> list[Version]:
    """Each with what it changed against the version before it."""
    newest: dict[int, Backtest] = {}
    for row in Backtest.objects.filter(model__in=shown).defer("result").order_by("asked_at", "pk"):
        newest[row.model_id] = row
    before = dict(zip([one.pk for one in models], models[1:], strict=False))
    return [
        Version(one, differences(before[one.pk], one) if one.pk in before else [], newest.get(one.pk))
        for one in shown
    ]


# The example at the side


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:80]


def _example(
    request: HttpRequest, live: ScoringModel, draft: ScoringModel, at: datetime
) -> tuple[Example | None, list[Lead]]:
    """The lead asked for, by number or name, or the warmest that is not with sales; and who else has that name."""
    leads = Lead.objects.filter(person__erased_at=None, person__merged_into=None, person__no_profiling=False)
    leads = leads.select_related("person")
    chosen, typed = request.GET.get("lead", ""), _typed(request)
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
        found = list(leads.filter(person_id=int(chosen)))
    elif typed:
        found = list(leads.filter(_named(typed)).order_by("-created_at")[:8])
    else:
        warm = leads.filter(status__in=[LeadStatus.NEW, LeadStatus.NURTURING]).exclude(score__grade="")
        found = list(warm.order_by("score__grade", "-score__total", "pk")[:1])
    if len(found) != 1:
        return None, found
    return _beside(found[0], live, draft, at), []


def _named(typed: str) -> Q:
    named = Q(person__email_key__startswith=typed.lower())
    for word in typed.split()[:3]:
        named |= Q(person__last_name__istartswith=word) | Q(person__first_name__istartswith=word)
    return named


def _beside(lead: Lead, live: ScoringModel, draft: ScoringModel, at: datetime) -> Example:
    seen = read([lead.pk], at=at, in_words=True)[0]
    old, new = (add_up(seen, rules_of(model), model, at) for model in (live, draft))
    return Example(lead, old, new, _lines(old, new))


def _lines(old: Receipts, new: Receipts) -> list[Line]:
    """Sums of each line's name under both, those that differ first, then the weightiest."""
    sums: dict[tuple[str, str], list[float | None]] = {}
    for place, side in enumerate((old, new)):
        for line in side:
            both = sums.setdefault((line.group, line.label), [None, None])
            both[place] = (both[place] or 0.0) + line.points
    lines = [Line(label, group, both[0], both[1]) for (group, label), both in sums.items()]
    return sorted(lines, key=lambda line: (not line.differs, -abs(line.new or line.old or 0.0)))
