"""Small worlds for tests: a page with its form, a person with a lead, one submitted form."""

from collections.abc import Sequence
from datetime import UTC, datetime

from campaigns.models import (
    Asset,
    AssetKind,
    Campaign,
    Channel,
    ConsentText,
    EmailTemplate,
    FormField,
    LandingPage,
    PageState,
    SequenceStep,
)
from campaigns.models import (
    Sequence as MailSequence,
)
from campaigns.sequences import publish
from leads.capture import Captured, capture
from leads.lifecycle import make_lead
from leads.models import Lead, LeadMove, Person
from leads.tracking import VisitContext

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday


def a_campaign(slug: str = "bearing-paper", channel: str = "paid-search") -> Campaign:
    campaign, _ = Campaign.objects.get_or_create(
        slug=slug,
        defaults={"name": slug, "utm_campaign": slug, "channel": Channel.objects.get(slug=channel)},
    )
    return campaign


def an_asset(slug: str = "paper", gated: bool = True) -> Asset:
    asset, _ = Asset.objects.get_or_create(
        slug=slug,
        defaults={
            "title": "Catch a failing bearing",
            "kind": AssetKind.objects.get(slug="white-paper"),
            "gated": gated,
            "file": "assets/paper.pdf" if gated else "",
            "published_at": NOON,
        },
    )
    return asset


def a_page(slug: str = "bearing-paper", **columns) -> LandingPage:
    """A published page with e-mail, first name, company and message, and a consent box."""
    columns.setdefault("asset", None if columns.get("inquiry") else an_asset())
    columns.setdefault("campaign", a_campaign())
    columns.setdefault("consent_text", ConsentText.objects.filter(purpose="marketing").first())
    page = LandingPage.objects.create(slug=slug, title="Catch it early", state=PageState.PUBLISHED, **columns)
    for order, name in enumerate(("email", "first_name", "company", "message")):
        FormField.objects.create(page=page, maps_to=name, order=order, required=name == "email")
    return page


def a_sequence(slug: str = "guide-series", mails: int = 2, audience: str = "leads") -> MailSequence:
    """A published sequence: a mail at once, then one a day."""
    sequence = MailSequence.objects.create(name=slug, slug=slug, audience=audience)
    for number in range(mails):
        template = EmailTemplate.objects.create(
            name=f"{slug} {number}",
            slug=f"{slug}-{number}",
            subject="One reading moves first",
            body='<p>Hello {{ person.first_name | default: "there" }}</p><p><a href="https://averdahl.example/a">Read</a></p>',
        )
        SequenceStep.objects.create(
            sequence=sequence, order=number, template=template, delay_hours=24 if number else 0
        )
    publish(sequence=sequence, by=None, at=NOON)
    sequence.refresh_from_db()
    return sequence


def a_lead(email: str = "piet@maasland.example", at: datetime = NOON, **said) -> Lead:
    person = Person.objects.create(email=email, email_key=email, created_at=at, **said)
    return make_lead(person=person, at=at, way=LeadMove.Way.CAPTURE)


def submitted(
    page: LandingPage,
    email: str = "piet@maasland.example",
    at: datetime = NOON,
    nonce: str = "n1",
    consent: bool = True,
    query: str = "",
    suspicions: Sequence[str] = (),
    **answers: str,
) -> Captured:
    """Send a form as the page's view does."""
    utm = dict(pair.split("=") for pair in query.split("&") if pair)
    return capture(
        page=page,
        answers={"email": email, **answers},
        consents=[page.consent_text] if consent and page.consent_text else [],
        visit=VisitContext(url=f"https://averdahl.example/p/{page.slug}/?{query}", utm=utm, ip="192.0.2.7"),
        nonce=nonce,
        at=at,
        suspicions=suspicions,
    )
