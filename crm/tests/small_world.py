"""A hand-made funnel of a dozen people. The tests count it by hand; change it only together with them.

March 2026, first touch in brackets; spend in March: search 300, fair 90 (and 50 in April).
  anna   (search)  lead 2, qualified 4, accepted 5, sales-qualified 9, proposal 12, won 20
  ben    (search)  lead 3, qualified 3, accepted 6, still open
  cleo   (search)  lead 5, qualified 6, rejected 7 as "not now", returned to nurture
  dora   (search)  lead 8, never qualified
  emil   (fair)    lead 10, qualified 11, accepted 12, lost 25 on "price"
  finn   (fair)    lead 10, qualified 12, no verdict yet
  gina   (none)    lead 31 at 23:30 local time, never qualified
  hugo   (search)  lead in February, qualified 1 March, accepted 2 March, won 3 March
  ida, jon         cold: ida called 4 (no answer), 5 (conversation), met 6, qualified 7, won 16; jon called 4
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from campaigns.models import Campaign, Channel, Spend
from leads.models import Lead, Person, Touch
from prospects.defaults import install
from prospects.models import Call, Meeting, Pipeline, Prospect, Reason, Stage, StageMove

NOW = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)


def march(day: int) -> datetime:
    return datetime(2026, 3, day, 9, 0, tzinfo=UTC)


def a_campaign(slug: str, channel: str) -> Campaign:
    return Campaign.objects.create(
        slug=slug, name=slug.title(), utm_campaign=slug, channel=Channel.objects.get(slug=channel)
    )


def a_lead(name: str, at: datetime, campaign: Campaign | None, qualified: datetime | None = None) -> Lead:
    person = Person.objects.create(
        first_name=name, email=f"{name}@corp.example", email_key=f"{name}@corp.example", created_at=at
    )
    touch = None
    if campaign:
        touch = Touch.objects.create(
            person=person, kind="form", at=at, channel=campaign.channel, campaign=campaign
        )
    return Lead.objects.create(
        person=person, created_at=at, first_touch=touch, last_touch=touch, marketing_qualified_at=qualified
    )


def a_cycle(person: Person, opened: datetime, stage: str = "to_contact", **columns: Any) -> Prospect:
    """A prospect; inbound unless `origin` says otherwise."""
    pipeline = Pipeline.objects.get(is_default=True)
    columns.setdefault("origin", "inbound")
    if columns["origin"] == "inbound":
        columns.setdefault("marketing_qualified_at", opened)
    return Prospect.objects.create(
        person=person,
        pipeline=pipeline,
        opened_at=opened,
        stage=Stage.objects.get(pipeline=pipeline, slug=stage),
        **columns,
    )


def build(sam: Any = None) -> dict[str, Any]:
    """The world above; `sam`, where given, owns anna's and ida's cycles."""
    install()
    search, fair = a_campaign("search", "paid-search"), a_campaign("fair", "offline-event")
    for campaign, day, amount in (
        (search, date(2026, 3, 1), 100),
        (search, date(2026, 3, 31), 200),
        (fair, date(2026, 3, 10), 90),
        (fair, date(2026, 4, 1), 50),
    ):
        Spend.objects.create(campaign=campaign, on=day, amount=Decimal(amount))
    leads = {
        "anna": a_lead("anna", march(2), search, march(4)),
        "ben": a_lead("ben", march(3), search, march(3)),
        "cleo": a_lead("cleo", march(5), search, march(6)),
        "dora": a_lead("dora", march(8), search),
        "emil": a_lead("emil", march(10), fair, march(11)),
        "finn": a_lead("finn", march(10), fair, march(12)),
        "gina": a_lead("gina", datetime(2026, 3, 31, 21, 30, tzinfo=UTC), None),
        "hugo": a_lead("hugo", datetime(2026, 2, 20, 9, 0, tzinfo=UTC), search, march(1)),
    }
    _inbound({name: lead.person for name, lead in leads.items()}, sam)
    _outbound(sam)
    return leads


def _inbound(people: dict[str, Person], sam: Any) -> None:
    anna = a_cycle(
        people["anna"],
        march(4),
        "won",
        owner=sam,
        verdict="accepted",
        accepted_at=march(5),
        sales_qualified_at=march(9),
        closed_at=march(20),
    )
    StageMove.objects.create(prospect=anna, new=Stage.objects.get(slug="proposal"), at=march(12))
    a_cycle(people["ben"], march(3), "contacting", verdict="accepted", accepted_at=march(6))
    not_now, price = Reason.objects.get(slug="not-now"), Reason.objects.get(slug="price")
    a_cycle(people["cleo"], march(6), "returned", verdict="rejected", closed_at=march(7), reason=not_now)
    a_cycle(
        people["emil"],
        march(11),
        "lost",
        verdict="accepted",
        accepted_at=march(12),
        closed_at=march(25),
        reason=price,
    )
    a_cycle(people["finn"], march(12))
    a_cycle(people["hugo"], march(1), "won", verdict="accepted", accepted_at=march(2), closed_at=march(3))


def _outbound(sam: Any) -> None:
    cold = {}
    for name in ("ida", "jon"):
        person = Person.objects.create(first_name=name, email_key=f"{name}@corp.example")
        cold[name] = person
    ida = a_cycle(
        cold["ida"],
        march(3),
        "won",
        origin="outbound",
        owner=sam,
        sales_qualified_at=march(7),
        closed_at=march(16),
    )
    jon = a_cycle(cold["jon"], march(3), origin="outbound")
    Call.objects.create(prospect=ida, at=march(4), outcome="no_answer")
    Call.objects.create(prospect=ida, at=march(5), outcome="conversation")
    Meeting.objects.create(prospect=ida, at=march(6), outcome="held")
    Call.objects.create(prospect=jon, at=march(4), outcome="no_answer")
