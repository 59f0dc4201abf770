"""One of everything, with hostile text in every column: who stands in it, and the address of each page."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from campaigns.models import (
    Asset,
    AssetKind,
    EmailTemplate,
    EmbedSite,
    LandingPage,
    Sequence,
    SequenceStep,
    ShortLink,
    Topic,
)
from campaigns.sequences import publish
from crm import roles
from crm.importing import asked
from crm.models import ImportRun
from crm.tests import hostile, small_world
from crm.tests.hostile_addresses import MORE
from leads import requests, tokens
from leads.answers import LENGTHS, Maps
from leads.consent import record_consent
from leads.models import (
    Inbound,
    MailEvent,
    Message,
    Person,
    Submission,
)
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.sending.delivery import deliver_due
from leads.tests.builders import a_page, submitted
from prospects.models import (
    Account,
    BantAnswer,
    Call,
    Deal,
    FollowUp,
    Meeting,
    MeetingGuest,
    Note,
    Prospect,
    SocialTouch,
    Target,
)

BODY = (
    f"<p>Read <b>this</b> <script>{hostile.MARK}()</script><img src=x onerror={hostile.MARK}()></p>"
    f'<a href="javascript:{hostile.MARK}()">x</a><{hostile.TAG} onclick={hostile.MARK}()>y</{hostile.TAG}>'
    f"<style>*{{color:{hostile.MARK}}}</style><iframe srcdoc='<script>{hostile.MARK}()</script>'></iframe>"
)

ABOUT_THE_CYCLE = set(
    "person accept reject call move follow-up note meeting assign take deal-new won lost".split()  # noqa: SIM905
)

NAME, FIRM = (f"{{{{ person.{name} | default: 'you' }}}}" for name in ("first_name", "company"))
GREETING = f"<p>Hello {NAME} of {FIRM}</p>"


class World:
    """The rows that the addresses below are about."""

    def __init__(self) -> None:
        self.root = roles.make_user(username="root", role=roles.OPERATOR, password="x" * 20)
        type(self.root).objects.filter(pk=self.root.pk).update(is_superuser=True, is_staff=True)
        self.users = {
            role: roles.make_user(username=role, role=role, first_name="A", last_name="B", password="x" * 20)
            for role in (roles.MARKETING, roles.SALES, roles.SALES_MANAGER, roles.VIEWER)
        }
        self.sales = self.users[roles.SALES]
        small_world.build(self.sales)
        self.page, self.open = _content()
        self.submission = _a_form(self.page)
        person = self.submission.person
        assert person is not None
        self.person: Person = person
        self.prospect = _a_cycle(person, self.sales)
        _some_mail(person)
        self.request = requests.ask(person=person, kind="erasure", at=timezone.now())
        self.link = ShortLink.objects.create(
            code="hostile", target="https://averdahl.example/", campaign=self.page.campaign
        )
        self.run = _an_import(self.root)
        self.site = EmbedSite.objects.create(name="x", origins="https://partner.example")
        self.site.pages.add(self.page)
        _rows_with_conditions(self)
        hostile.one_of_each()
        self.poisoned = hostile.poison()
        Asset.objects.filter(pk=self.open.pk).update(body=BODY, link="")
        Asset.objects.exclude(file="").update(link="")
        deliver_due(at=timezone.now() + timedelta(seconds=1))

    def fill(self, name: str) -> dict[str, Any] | None:
        """The parameters of an address; None where it is not known what to put in."""
        pk, slug = {"pk": self.prospect.pk}, {"slug": self.page.slug}
        about_assets = ("asset", "asset_file", "cover", "asset_picture", "share")
        known = {
            "landing": slug, "page_picture": slug, **{one: {"slug": self.open.slug} for one in about_assets},
            "thanks": {**slug, "token": tokens.thanks_token(self.submission.pk)},
            "short_link": {"code": self.link.code},
            "download": {"token": tokens.download_token(self.submission.pk)},
            "confirm": {"token": tokens.confirm_token(self.submission.pk)},
            "preferences": {"token": tokens.unsubscribe_token(self.person.pk)},
            "privacy_request": {"token": tokens.request_token(self.request.pk)},
            "staff-rows": {"key": "leads"}, "staff-lead": {"pk": self.person.pk},
            "staff-lead-outcome": {"person_pk": self.person.pk},
            "staff-lead-standing": {"pk": self.person.pk},
            "staff-account": {"pk": self.prospect.account_id or Account.objects.order_by("pk")[0].pk},
            "staff-follow-up-done": {"pk": FollowUp.objects.order_by("pk")[0].pk},
            "staff-meeting-done": {"pk": Meeting.objects.order_by("pk")[0].pk},
        }  # fmt: skip
        if name.removeprefix("staff-") in ABOUT_THE_CYCLE:
            return pk
        return known.get(name) or (MORE[name](self) if name in MORE else None)

    def address(self, name: str) -> str:
        """Raises NoReverseMatch where parameters are missing."""
        return reverse(name, kwargs=self.fill(name) or {}) + QUERIES.get(name, "")


QUERIES = {
    "staff-person": "?all=1",
    "embed": "?page=hostile",
    "staff-search": "?q=evil",
    "staff-notices": "?show=all",
}


def _rows_with_conditions(world: World) -> None:
    """Rows that a table takes only in a certain shape, which `one_of_each` would not hit upon."""
    MORE["staff-double"](world)
    meeting = Meeting.objects.order_by("pk")[0]
    MeetingGuest.objects.get_or_create(meeting=meeting, person=world.person)
    Target.objects.create(month=date(2026, 11, 1), measure="leads", value=1)


def _content() -> tuple[LandingPage, Asset]:
    """A gated piece behind a page with everything on it, and an open one to read."""
    page = a_page(
        "hostile", double_opt_in=True, thanks_text="x", facts_line="x", small_print="x", form_note="x"
    )
    for kind in ("point", "inside", "figure", "quote", "next", "faq", "closing"):
        page.blocks.create(kind=kind, heading="x", text="x", note="x")
    piece = page.asset
    assert piece is not None
    piece.file.save("paper.pdf", ContentFile(b"%PDF-1.4"))
    topic = Topic.objects.order_by("pk").first() or Topic.objects.create(name="x", slug="x")
    opened = Asset.objects.create(
        title="x", slug="open", kind=AssetKind.objects.get(slug="article"), gated=False, summary="x", body="x",
        length="x", published_at=timezone.now() - timedelta(days=1), topic=topic,
    )  # fmt: skip
    opened.file.save("open.pdf", ContentFile(b"%PDF-1.4"))
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30)).save(drawn, "PNG")
    opened.cover.save("cover.png", ContentFile(drawn.getvalue()))
    Asset.objects.filter(pk=piece.pk).update(topic=topic, summary="x", length="x", featured=True)
    return page, opened


def _a_form(page: LandingPage) -> Submission:
    """Sent with hostile text in every field and UTM, as a visitor would: a form takes so much and no more."""
    said = {name: hostile.LONG[: LENGTHS[name]] for name in (Maps.FIRST_NAME, Maps.COMPANY, Maps.MESSAGE)}
    result = submitted(page, email="evil@maasland.example", at=timezone.now(), **said)
    return result.submission


def _a_cycle(person: Person, rep: Any) -> Prospect:
    """A prospect of `rep` with a row of everything that a person page shows."""
    cycle = small_world.a_cycle(person, timezone.now(), "contacting", owner=rep, verdict="accepted")
    now = timezone.now()
    Call.objects.create(prospect=cycle, at=now, outcome="conversation", note="x")
    Note.objects.create(prospect=cycle, text="x", at=now)
    SocialTouch.objects.create(prospect=cycle, what="answered", text="x", at=now)
    Meeting.objects.create(prospect=cycle, at=now + timedelta(hours=1), subject="x", outcome="booked")
    FollowUp.objects.create(prospect=cycle, due_at=now, text="x", owner=rep)
    Deal.objects.create(prospect=cycle, title="x", amount=1, status="open")
    BantAnswer.objects.create(prospect=cycle, question="need", state="confirmed", quote="x", at=now)
    return cycle


def _an_import(by: Any) -> ImportRun:
    """A list with hostile headings and cells, read without its rows being taken in."""
    rows = [
        ["E-mail", "First name", hostile.LONG],
        ["a@maasland.example", hostile.LONG, "=1+1"],
        [hostile.LONG, "x", "@y"],
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = SimpleUploadedFile(f"{hostile.SIZES[2].replace('/', '')}.csv", text.getvalue().encode())
    return asked.upload(
        file=file,
        kind="lead",
        source="x",
        campaign=None,
        mapping="",
        submit_key=uuid4(),
        by=by,
        at=timezone.now(),
    )


def _a_sequence() -> Sequence:
    """A mail whose own body is hostile too, beside what it says of the person."""
    template = EmailTemplate.objects.create(
        name="x", slug="hostile", subject=f"For {NAME}", preheader=FIRM,
        body=GREETING + BODY.replace("javascript:", "https://averdahl.example/"),  # else it is refused
    )  # fmt: skip
    sequence = Sequence.objects.create(name="x", slug="hostile")
    SequenceStep.objects.create(sequence=sequence, order=1, template=template)
    publish(sequence=sequence, by=None, at=timezone.now())
    return sequence


def _some_mail(person: Person) -> None:
    """One of each kind of mail, due."""
    now = timezone.now()
    record_consent(person=person, purpose="marketing", given=True, at=now, confirmed=True)
    record_consent(person=person, purpose="tracking", given=True, at=now)
    enrol(person=person, sequence=_a_sequence(), at=now)
    advance(at=now)
    Message.objects.create(
        key="one:1",
        message_id="<1@averdahl.example>",
        kind="one",
        person=person,
        subject="x",
        body="<p>x</p>",
        due_at=now,
    )
    _what_came_back(person)


def _what_came_back(person: Person) -> None:
    """A mail that came in, and what it told; stored as read, so that no job reads it."""
    now = timezone.now()
    inbound = Inbound.objects.create(
        source="mailbox", key="<2@x.example>", body=b"<b>x</b>", read_at=now, error="x"
    )
    for kind in ("hard", "complaint", "auto_reply"):
        MailEvent.objects.create(
            kind=kind,
            key=f"hostile:{kind}",
            person=person,
            inbound=inbound,
            message=person.messages.first(),
            words="x",
        )
