"""The small company of the browser's story, and what no visitor can do: make it, move a clock, count rows.

`crm.tests.browser.teller` answers with these words in the house's own environment.
"""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm.tests.browser import outbound_world

PASSWORD = "between the lathe and the furnace"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
HELLO = '<p>Hello {{ person.first_name | default: "there" }},</p>'
FIELDS = ["email", "first_name", "last_name", "company", "job_title", "company_size", "phone", "message"]


def make() -> dict[str, int]:
    """Users, a campaign with its spend, a gated paper, an inquiry page, a sequence, and who gets new prospects."""
    from campaigns.models import ConsentText
    from leads.models import ScoringModel

    sam = _people()
    campaign, paper = _campaign(), _paper()
    texts = {text.purpose: text for text in ConsentText.objects.all()}
    _page(
        "bearing-paper",
        asset=paper,
        campaign=campaign,
        sequence=_sequence(campaign),
        consent_text=texts["marketing"],
        tracking_text=texts["tracking"],
    )
    _page("demo", inquiry="demo")
    # One form, one download and one click are enough here: the story is about the way, not about the points.
    ScoringModel.objects.filter(state="live").update(engagement_2=20, fit_b=40)
    return {"sam": sam}


def _people() -> int:
    from crm import roles
    from prospects.models import AssignmentMember, AssignmentRule

    users = {}
    for name, role in {"maya": roles.MARKETING, "sam": roles.SALES, "sara": roles.SALES_MANAGER}.items():
        users[name] = roles.make_user(
            username=name,
            role=role,
            password=PASSWORD,
            email=f"{name}@averdahl.example",
            first_name=name.title(),
        )
    rule = AssignmentRule.objects.create(name="Everybody", field=AssignmentRule.Field.ANY)
    AssignmentMember.objects.create(rule=rule, user=users["sam"])
    return users["sam"].pk


def _campaign() -> Any:
    from django.utils import timezone

    from campaigns.models import Campaign, Channel, Spend

    campaign = Campaign.objects.create(
        name="Bearing paper",
        slug="bearing-paper",
        utm_campaign="bearing-paper",
        utm_source="google",
        utm_medium="cpc",
        channel=Channel.objects.get(slug="paid-search"),
    )
    Spend.objects.create(campaign=campaign, on=timezone.localdate(), amount=Decimal(200), currency="CHF")
    return campaign


def _paper() -> Any:
    """The gated paper, and an open article for the mail to link to."""
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from campaigns.models import Asset, AssetKind

    now = timezone.now()
    kinds = {kind.slug: kind for kind in AssetKind.objects.all()}
    paper = Asset.objects.create(
        title="Catch a failing bearing",
        slug="bearing-paper",
        kind=kinds["white-paper"],
        published_at=now,
        journey_stage="consideration",
    )
    paper.file.save("bearing.pdf", ContentFile(PDF))
    Asset.objects.create(
        title="Two limits, one alarm",
        slug="two-limits",
        kind=kinds["article"],
        gated=False,
        published_at=now,
        body="<p>Set the first limit low and the second one late.</p>",
    )
    return paper


def _sequence(campaign: Any) -> Any:
    from django.utils import timezone

    from campaigns.models import EmailTemplate, Sequence, SequenceStep
    from campaigns.sequences import publish

    template = EmailTemplate.objects.create(
        name="First reading",
        slug="first-reading",
        subject="Which reading moves first",
        body=f'{HELLO}<p><a href="/r/two-limits/">Read about the two limits</a></p>',
    )
    sequence = Sequence.objects.create(name="Bearing series", slug="bearing-series", campaign=campaign)
    SequenceStep.objects.create(sequence=sequence, order=1, template=template)
    publish(sequence=sequence, by=None, at=timezone.now())
    return sequence


def _page(slug: str, **columns: Any) -> None:
    from campaigns.models import FormField, LandingPage

    page = LandingPage.objects.create(
        slug=slug,
        title="Catch a failing bearing six weeks early",
        state="published",
        button="Send",
        **columns,
    )
    for order, name in enumerate(FIELDS):
        required = name in ("email", "first_name")
        FormField.objects.create(page=page, maps_to=name, order=order, required=required)


def count() -> dict[str, Any]:
    """What the tables say, to hold beside what the dashboard says."""
    from leads.models import Hit, Lead, LeadMove, Message, Touch
    from prospects.models import Prospect

    qualified = LeadMove.objects.filter(new="marketing_qualified")
    return {
        "leads": Lead.objects.count(),
        "marketing_qualified": qualified.values("lead").distinct().count(),
        "accepted": Prospect.objects.filter(accepted_at__isnull=False).count(),
        "sales_qualified": Prospect.objects.filter(sales_qualified_at__isnull=False).count(),
        "won": Prospect.objects.filter(stage__kind="won").count(),
        "touches": sorted(Touch.objects.values_list("kind", flat=True)),
        "messages": sorted(Message.objects.values_list("state", flat=True)),
        "visits": Hit.objects.filter(kind="page").count(),
    }


def lead(email: str) -> dict[str, Any]:
    """One lead as the tables have it; empty where there is none."""
    from leads.models import Lead

    row = Lead.objects.select_related("person", "score").filter(person__email_key=email).first()
    if row is None:
        return {}
    return {
        "status": row.status,
        "grade": row.score.grade,
        "person": row.person_id,
        "dirty": row.score.dirty_at is not None,
        "marketing_qualified": bool(row.marketing_qualified_at),
        "exclusion": row.exclusion,
    }


def personal(email: str) -> dict[str, str]:
    """The addresses that only this person was given, by name; and that of a page that has ended."""
    from unittest import mock

    from django.urls import reverse

    from campaigns.models import LandingPage
    from leads import tokens
    from leads.models import Submission

    sent = Submission.objects.filter(email_key=email).latest("pk")
    with mock.patch("time.time", return_value=time.time() - 8 * 86400):
        old = tokens.download_token(sent.pk)
    if not LandingPage.objects.filter(slug="over").exists():
        _page("over", inquiry="contact")
        LandingPage.objects.filter(slug="over").update(state="archived")
    return {
        "thanks": reverse("thanks", args=[sent.page.slug, tokens.thanks_token(sent.pk)]),
        "expired": reverse("download", args=[old]),
        "preferences": reverse("preferences", args=[tokens.unsubscribe_token(sent.person_id)]),
        "confirm": reverse("confirm", args=[tokens.confirm_token(sent.pk)]),
        "known": f"/p/{sent.page.slug}/?me={tokens.person_token(sent.person_id)}",
        "over": "/p/over/",
    }


def prospects(email: str) -> list[dict[str, Any]]:
    """The cycles of one person, oldest first."""
    from prospects.models import Prospect

    rows = Prospect.objects.filter(person__email_key=email).order_by("round").select_related("stage")
    return [
        {
            "id": row.pk,
            "stage": row.stage.slug,
            "origin": row.origin,
            "open": row.is_open,
            "marketing_qualified": bool(row.marketing_qualified_at),
        }
        for row in rows
    ]


def day_in(days: str) -> str:
    """The day so many days ahead, by the calendar of the house and not of UTC: 2026-12-24."""
    from django.utils import timezone

    return (timezone.localdate() + timedelta(days=int(days))).isoformat()


def pass_days(days: str) -> dict[str, int]:
    """Let the clock of the returns say that so many days have gone by."""
    from django.utils import timezone

    from prospects.pipeline import return_due

    return dict(return_due(at=timezone.now() + timedelta(days=int(days))))


def embed(origin: str) -> str:
    """A site that may show the form of the paper; returns its key."""
    from campaigns.models import EmbedSite, LandingPage

    site, _made = EmbedSite.objects.get_or_create(name=origin, defaults={"origins": origin})
    site.pages.set(LandingPage.objects.filter(slug="bearing-paper"))
    return site.key


def came_from(email: str) -> dict[str, Any]:
    """How the last form of somebody came in."""
    from leads.models import Submission

    row = Submission.objects.filter(email_key=email).order_by("-pk").values(
        "door", "source_url", "utm_source", "utm_campaign", "click_id_kind", "referrer", "state", "visitor__key"
    ).first()  # fmt: skip
    return {name: str(value or "") for name, value in row.items()} if row else {}


def site_hits(origin: str) -> list[dict[str, Any]]:
    """What other pages told of themselves, oldest first."""
    from leads.models import Hit

    rows = Hit.objects.filter(site__name=origin).order_by("pk")
    return [
        {"label": hit.label, "utm_source": hit.utm_source, "page": hit.page_id, "visitor": hit.visitor_id}
        for hit in rows
    ]


def readings() -> list[dict[str, Any]]:
    """What the script of an open piece told."""
    from leads.models import Hit

    return [
        {"seconds": hit.seconds, "depth": hit.depth, "person": hit.person_id}
        for hit in Hit.objects.filter(kind="view").order_by("pk")
    ]


def left_at() -> list[str]:
    """Fields at which a form was left."""
    from leads.models import Hit

    return list(Hit.objects.filter(kind=Hit.Kind.LEFT).values_list("label", flat=True))


def reader(email: str) -> int:
    """A lead who agreed to mail, in the segment "Readers"; returns the person's number."""
    from django.utils import timezone

    from leads.consent import MARKETING, record_consent
    from leads.models import Person, Segment, SegmentCondition

    now = timezone.now()
    segment, made = Segment.objects.get_or_create(name="Readers")
    if made:
        SegmentCondition.objects.create(segment=segment, field="country", value="SE")
    person_id = known(email, "SE", "Linnea Berg")
    person = Person.objects.get(pk=person_id)
    record_consent(person=person, purpose=MARKETING, given=True, at=now)
    return person_id


def known(email: str, country: str, name: str) -> int:
    """A lead of a country; returns the person's number."""
    from django.utils import timezone

    from leads.lifecycle import make_lead
    from leads.models import Person

    now, (first, last) = timezone.now(), name.split()
    person = Person.objects.create(
        email=email, email_key=email, first_name=first, last_name=last, country=country, created_at=now
    )
    make_lead(person=person, at=now, way="capture")
    return person.pk


def inquiry(email: str, name: str) -> int:
    """Somebody asked for contact just now; returns the person's number."""
    from django.utils import timezone

    from leads.lifecycle import qualify
    from leads.models import Person

    person_id = known(email, "CH", name)
    person = Person.objects.select_related("lead").get(pk=person_id)
    qualify(lead=person.lead, way="inquiry", at=timezone.now())
    return person_id


def promised(cycle: str) -> int:
    """Accepted, with a call promised for an hour ago."""
    from django.utils import timezone

    from prospects import follow_ups, pipeline
    from prospects.models import Prospect

    prospect, now = Prospect.objects.get(pk=int(cycle)), timezone.now()
    pipeline.accept(prospect=prospect, by=prospect.owner, at=now)
    due = now - timedelta(hours=1)
    return follow_ups.plan_follow_up(prospect=prospect, kind="call", due_at=due, by=prospect.owner, at=now).pk


def card(email: str) -> dict[str, Any]:
    """What the last call of somebody taught, its words, and how many promises lie ahead."""
    from django.utils import timezone

    from prospects.models import Call

    call = Call.objects.filter(prospect__person__email_key=email).latest("pk")
    ahead = call.prospect.follow_ups.filter(done_at=None, due_at__gt=timezone.now())
    answers = dict(call.bant.values_list("question", "state"))
    return {"answers": answers, "words": call.note, "ahead": ahead.count()}


WORDS = {
    **outbound_world.WORDS,
    "inquiry": inquiry,
    "promised": promised,
    "card": card,
    "reader": reader,
    "known": known,
    "left_at": left_at,
    "make": make,
    "count": count,
    "lead": lead,
    "prospects": prospects,
    "day_in": day_in,
    "pass_days": pass_days,
    "personal": personal,
    "embed": embed,
    "came_from": came_from,
    "site_hits": site_hits,
    "readings": readings,
}
