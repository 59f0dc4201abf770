"""The demo company: believable, whole, and the same each time. A small one is loaded and replayed."""

from __future__ import annotations

import re
import stat
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Max

from campaigns.models import Asset, LandingPage, Sequence
from crm.demo import flows, load, logins, pdf
from crm.demo.audit import audit
from crm.demo.company import REPS
from crm.tests.demo_company import AT, Loaded
from leads.models import (
    Company,
    Enrolment,
    Lead,
    LeadMove,
    LeadScore,
    LeadStatus,
    LearnedModel,
    Mailing,
    Message,
    Person,
    Segment,
    Touch,
)
from leads.models.asked import Backtest
from leads.nurture.live import live
from leads.scoring.words import differences
from prospects.day.today import today
from prospects.models import Deal, Prospect


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"


class TestTheCompany(Loaded):
    def test_the_audit_finds_nothing_that_does_not_hold(self):
        assert audit(at=AT) == []

    def test_the_audit_sees_a_status_that_no_history_explains(self):
        Lead.objects.filter(pk=Lead.objects.first().pk).update(status=LeadStatus.CUSTOMER, status_since=AT)
        Message.objects.filter(kind="sequence").first().delete()
        LeadScore.objects.filter(pk=LeadScore.objects.last().pk).update(grade="A1", engagement=99)
        assert {line.split(":")[0] for line in audit(at=AT)} == {"statuses", "sums", "scores"}

    def test_nothing_is_left_that_the_worker_would_do_at_once(self):
        assert not [line for line in audit(at=AT) if line.startswith("due")]
        assert not Message.objects.filter(state="scheduled").exists()

    def test_the_funnel_narrows_as_in_life(self):
        leads = Lead.objects.count()
        qualified = Lead.objects.exclude(marketing_qualified_at=None).count()
        inbound = Prospect.objects.filter(origin="inbound")
        accepted = inbound.filter(verdict="accepted").count()
        won = inbound.filter(stage__slug="won").count()
        assert 0.15 < qualified / leads < 0.36
        assert leads > qualified > accepted > inbound.exclude(sales_qualified_at=None).count() > won > 0

    def test_grades_spread(self):
        grades = set(LeadScore.objects.values_list("grade", flat=True))
        assert {grade[0] for grade in grades} == set("ABCD")
        assert {grade[1] for grade in grades} >= set("234")

    def test_every_rep_finds_a_full_day(self):
        days = [today(rep, AT) for rep in get_user_model().objects.filter(username__in=REPS)]
        assert all(day.clocks for day in days)
        assert sum(day.to_do for day in days) >= 12

    def test_no_address_could_belong_to_anybody(self):
        addresses = set(Person.objects.exclude(email="").values_list("email", flat=True))
        domains = {address.rsplit("@")[1] for address in addresses} | set(
            Company.objects.values_list("domain", flat=True)
        )
        assert all(domain.endswith(".example") for domain in domains if domain)

    def test_cold_contacts_are_no_leads(self):
        cold = Prospect.objects.filter(origin="outbound")
        assert cold.exists()
        assert not Lead.objects.filter(person__in=cold.values("person")).exists()

    def test_rows_made_afterwards_get_numbers_of_their_own(self):
        person = Person.objects.create(email="new@brackwerk.example", email_key="new@brackwerk.example")
        assert person.pk > Touch.objects.aggregate(top=Max("person"))["top"]

    def test_content_is_published_and_has_its_files(self):
        assert Asset.objects.count() >= 24
        assert LandingPage.objects.filter(state="published").count() >= 8
        assert set(Sequence.objects.values_list("state", flat=True)) == {"live"}
        with Asset.objects.get(slug="bearing-white-paper").file.open("rb") as paper:
            assert paper.read(5) == b"%PDF-"

    def test_flows_of_every_kind_run(self):
        """Leads, prospects of their owner and customers are on sequences; both ways of the questions were gone."""
        walking = set(Enrolment.objects.filter(state="active").values_list("sequence__audience", flat=True))
        assert walking == {"leads", "prospects", "customers"}
        version = Sequence.objects.get(slug=flows.BRANCHING).versions.get()
        for line in live(version):
            if line.asks:
                assert (line.first > 0, line.other > 0, line.balanced) == (True, True, True), line.words.line
        told = Message.objects.filter(step__version=version, step__position=2).values_list(
            "words__variant", flat=True
        )
        assert set(told) == {"a", "b"}

    def test_one_mailing_went_out_and_one_waits_for_a_day_far_ahead(self):
        ahead, sent = Mailing.objects.order_by("-created_at")
        assert Message.objects.filter(step__version__sequence=sent.sequence).exists()
        due = Enrolment.objects.filter(sequence=ahead.sequence).values_list("due_at", flat=True)
        assert due and min(due) > AT + timedelta(days=60)
        offer = ahead.sequence.steps.get().template.offer
        assert offer is not None and offer.valid_until > (AT + timedelta(days=90)).date()

    def test_marketing_has_a_draft_tried_on_the_past_beside_the_live_rules(self):
        tried = Backtest.objects.get()
        assert (tried.state, tried.model.state, tried.beside.state) == ("done", "draft", "live")
        assert tried.result and tried.done_at == AT
        assert differences(tried.beside, tried.model)

    def test_segments_hold_some_leads_each_and_none_holds_all(self):
        sizes = dict(Segment.objects.values_list("name", "size"))
        assert len(sizes) == 8
        assert not [name for name, size in sizes.items() if not 0 < size < Lead.objects.count()]

    def test_logins_are_random_and_for_the_owner_only(self):
        text = logins.shown()
        assert stat.S_IMODE(logins.path().stat().st_mode) == 0o600
        assert text == logins.shown()
        line = next(line.split() for line in text.splitlines() if " mara " in line)
        assert self.client.login(username="mara", password=line[2])

    def test_deals_carry_money(self):
        assert Deal.objects.filter(status="won", amount__gt=0).exists()


def _people_and_moves():
    moves = LeadMove.objects.order_by("pk").values_list("pk", "new", "at")
    return [*Person.objects.order_by("pk").values_list("pk", "email"), *moves]


def test_a_second_load_makes_the_same_company(db):
    load.load(at=AT, scale=0.02)
    first = _people_and_moves()
    connection.check_constraints()  # PostgreSQL empties no table that has deferred checks to come
    call_command("flush", interactive=False, verbosity=0)
    load.load(at=AT, scale=0.02)
    assert first == _people_and_moves()


def test_points_are_learned_where_enough_leads_are_closed(db):
    load.load(at=AT, scale=0.06)
    learned = LearnedModel.objects.get()
    assert learned.state == "done" and learned.points.exists() and learned.won >= 5
    assert audit(at=AT) == []


def test_a_pdf_says_where_its_parts_lie():
    made = pdf.document(title="Två (2)", sheets=[pdf.lines_of("Heading", ["Text"])] * 3)
    start = int(re.search(rb"startxref\n(\d+)", made).group(1))
    assert made[start : start + 4] == b"xref"
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", made), 1):
        assert made[int(place) :].startswith(b"%d 0 obj" % number)
    assert made.count(b"/Type /Page ") == 3


def test_somebodys_own_data_is_not_mixed_with_the_demo(db):
    Lead.objects.create(person=Person.objects.create(email_key="a@b.example"))
    with pytest.raises(CommandError, match="empty"):
        call_command("demo", load_only=True)
