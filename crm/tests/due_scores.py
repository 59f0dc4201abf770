"""For tests of processes, in one of its own: leads whose scores are due, and runs over them that can be killed.

python -m crm.tests.due_scores seed 200    N leads with touches; a third of them qualify by their grade
python -m crm.tests.due_scores run AT      a full run by small ranges: a line for each, then it waits for one
python -m crm.tests.due_scores report      rows, moves and prospects as JSON
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
RANGE = 20
TOUCHES = {0: 4, 1: 1, 2: 0}  # forms a lead sent, by its number; four are enough to qualify


def seed(number: int) -> None:
    """N leads of companies with every required fact, marked and never scored. No two are the same."""
    from django.utils import timezone

    from campaigns.models import Channel
    from leads.models import Lead, LeadScore, Person, ScoringModel, Touch
    from leads.tests.scoring_world import a_model

    now = timezone.now()
    ScoringModel.objects.all().update(state=ScoringModel.State.RETIRED)
    a_model(number=90)
    addresses = [f"reader{one}@storm{one}.example" for one in range(number)]
    people = Person.objects.bulk_create(
        Person(
            email=address,
            email_key=address,
            first_name="R",
            job_title="Head of Maintenance",
            company_name="S",
        )
        for address in addresses
    )
    leads = Lead.objects.bulk_create(Lead(person=person) for person in people)
    channel = Channel.objects.get(slug="direct")
    Touch.objects.bulk_create(
        Touch(person=person, kind="form", channel=channel, at=now - timedelta(minutes=place + 10 * nth))
        for place, person in enumerate(people)
        for nth in range(TOUCHES[place % 3])
    )
    LeadScore.objects.bulk_create(LeadScore(lead=lead, dirty_at=now) for lead in leads)


def run(at: str) -> None:
    from leads.scoring import pace, runs

    score_range = runs.score_range

    def told(first: int, last: int, **named: Any) -> Any:
        counts = score_range(first, last, **named)
        sys.stdout.write(f"{first} {last} {counts['leads']}\n")
        sys.stdout.flush()
        sys.stdin.readline()  # the row that says how far it came is not written yet
        return counts

    pace.RANGE, runs.score_range = RANGE, told
    counts = runs.rescore_all(at=datetime.fromisoformat(at))
    sys.stdout.write(f"done {json.dumps(counts)}\n")


def report() -> dict[str, Any]:
    from leads.models import Lead, LeadMove, LeadScore, ScoreRun
    from prospects.models import Prospect

    rows = LeadScore.objects.order_by("lead").values_list("lead", "fit", "e1", "e2", "e3", "grade")
    moves = LeadMove.objects.filter(new="marketing_qualified").order_by("pk").values_list("lead", flat=True)
    return {
        "rows": [list(row) for row in rows],
        "unscored": LeadScore.objects.filter(grade="").count(),
        "waiting": LeadScore.objects.exclude(dirty_at=None).count()
        + LeadScore.objects.exclude(qualifies_at=None).count(),
        "qualified": list(moves),
        "not_handed": LeadMove.objects.filter(new="marketing_qualified", handed_at=None).count(),
        "prospects": sorted(Prospect.objects.values_list("person__lead", flat=True)),
        "runs": [list(one) for one in ScoreRun.objects.order_by("pk").values_list("kind", "last_lead")],
        "unfinished": ScoreRun.objects.filter(finished_at=None).count(),
        "leads": Lead.objects.count(),
    }


def again() -> None:
    """Every score as if nothing had been computed yet."""
    from leads.models import Lead, LeadScore, ScoreRun

    LeadScore.objects.all().delete()
    ScoreRun.objects.all().delete()
    LeadScore.objects.bulk_create(LeadScore(lead=lead) for lead in Lead.objects.all())


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "report":
        sys.stdout.write(json.dumps(report()))
    else:
        {"seed": lambda number: seed(int(number)), "run": run, "again": again}[sys.argv[1]](*sys.argv[2:])
