"""Cold outreach of the demo: a cadence of mail, social touch, call and mail, and a few cold contacts on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from campaigns.models import EmailTemplate, Sequence, SequenceStep
from campaigns.sequences import publish
from crm.demo.mails import BYE
from leads.models import ContactBasis
from leads.nurture.enrolment import enrol
from prospects import follow_ups, social
from prospects.models import FollowUp, Prospect

COLD = "cold-outreach"
SOURCE = "maintenance fair, list of exhibitors"
MOST = 6
HELLO = "<p>Hello {{ person.first_name | default: 'and good morning' }},</p>"
# slug, name, subject, preview line, body
TEMPLATES = [
    (
        "cold-1", "Cold outreach 1: one question", "Which of your machines would you rather not hear fail?",
        "One question, and why I ask it.",
        """<p>we read bearings by sound, three weeks to three months before they stop a line. Which machine at
{{ person.company | default: 'your plant' }} would you put one sensor on, if you had only one?</p>
<p>One line back is enough. If it is none, tell me so, and I leave you alone.</p>""",
    ),
    (
        "cold-2", "Cold outreach 2: the last one", "I stop here",
        "A page to keep, and no more mail.",
        """<p>you did not answer, and that is an answer. Should a bearing ever stop your line on a Friday, this
page says what to look at first.</p>
<p><a href="/r/two-limits/">Two limits, and why there are two</a></p>""",
    ),
]  # fmt: skip


def write(by: Any, at: datetime) -> Sequence:
    """The templates and the published cadence."""
    mails = [
        EmailTemplate.objects.create(
            slug=slug, name=name, subject=subject, preheader=line, body=f"{HELLO}{body}{BYE}"
        )
        for slug, name, subject, line, body in TEMPLATES
    ]
    sequence = Sequence.objects.create(
        slug=COLD, name="Cold outreach: mail, social, call, mail", audience=Sequence.Audience.PROSPECTS,
        priority=60, goal=Sequence.Goal.MEETING,
    )  # fmt: skip
    steps: list[dict[str, Any]] = [
        {"template": mails[0], "delay_hours": 24, "weekdays": "234"},
        {
            "kind": "follow_up",
            "rep_does": "social",
            "delay_hours": 48,
            "note": "Ask to connect, without selling",
        },
        {"kind": "follow_up", "rep_does": "call", "delay_hours": 72, "note": "Which machine would it be?"},
        {"template": mails[1], "delay_hours": 168, "weekdays": "234"},
    ]
    for order, step in enumerate(steps, 1):
        SequenceStep.objects.create(sequence=sequence, order=order, **step)
    publish(sequence=sequence, by=by, at=at)
    return sequence


def set_off(now: datetime) -> None:
    """A few cold contacts begin, their first mail is a day away; each rep writes to one on a network today."""
    sequence = Sequence.objects.get(slug=COLD)
    cold = Prospect.objects.open().filter(
        origin=Prospect.Origin.OUTBOUND,
        stage__slug="contacting",
        owner__isnull=False,
        person__lead=None,
        stage_since__lt=now - timedelta(days=2),
    )
    seen: set[int] = set()
    for prospect in (
        cold.exclude(person__enrolments__state="active")
        .select_related("person", "owner")
        .order_by("-stage_since", "pk")[:MOST]
    ):
        _ground(prospect)
        enrol(person=prospect.person, sequence=sequence, at=now, by=prospect.owner)
        if prospect.owner_id and prospect.owner_id not in seen:
            seen.add(prospect.owner_id)
            _on_a_network(prospect, now)


def _ground(prospect: Prospect) -> None:
    """Where the contact has none of a list."""
    ContactBasis.objects.get_or_create(
        person=prospect.person,
        defaults={
            "kind": ContactBasis.Kind.LEGITIMATE_INTEREST, "source": SOURCE, "at": prospect.opened_at,
            "why": "They run machines that stand still when a bearing fails", "by": prospect.owner,
        },
    )  # fmt: skip


def _on_a_network(prospect: Prospect, now: datetime) -> None:
    social.log_social(
        prospect=prospect, network="linkedin", what="asked", by=prospect.owner, at=now - timedelta(hours=20),
    )  # fmt: skip
    follow_ups.plan_follow_up(
        prospect=prospect, kind=FollowUp.Kind.SOCIAL, due_at=now, by=prospect.owner, at=now - timedelta(hours=20),
        text="Write to them, once they have connected",
    )  # fmt: skip
