"""Hits wait in the process, cost no query, and one bad row holds up no others (RELIABILITY T1, T2)."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from campaigns import channels, links
from campaigns.models import MailLink
from leads import hits, tokens
from leads.models import Hit, Message
from leads.nurture.enrolment import enrol
from leads.tests.builders import NOON, a_campaign, a_lead, a_page, a_sequence, an_asset
from leads.tracking import VisitContext

pytestmark = pytest.mark.django_db
VISIT = VisitContext(visitor_key="k", agent="x")


@pytest.fixture
def buffered(settings, monkeypatch):
    """As in a running process: kept for the writer, which the test is."""
    settings.HIT_SECONDS = 1
    settings.KEEP_SECONDS = 60
    monkeypatch.setattr(hits, "_start_writer", lambda: None)
    monkeypatch.setattr(hits, "_waiting", type(hits._waiting)(maxlen=hits.MOST_KEPT))
    links._targets.clear()
    yield
    links._targets.clear()
    channels.forget()


@pytest.fixture
def message():
    enrolment = enrol(person=a_lead().person, sequence=a_sequence(), at=NOON)
    return Message.objects.create(
        key="k", message_id="<k@x>", kind="sequence", person=enrolment.person, enrolment=enrolment,
        step=enrolment.version.steps.first(), due_at=NOON, state="sent", ended_at=NOON,
    )  # fmt: skip


def queries_of(client, *paths, **headers):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        for path in paths:
            client.get(path, headers=headers)
    return len(seen)


def whose(message):
    return {"message_id": message.pk, "person_id": message.person_id}


def test_a_click_and_an_open_cost_no_query(client, buffered, message):
    link = MailLink.objects.get(words__step=message.step, position=1)
    click = f"/c/{tokens.click_token(**whose(message), link_id=link.pk)}/?utm_campaign=x"
    assert queries_of(client, click) == 1  # the target, once in this process
    assert queries_of(client, click, f"/o/{tokens.open_token(**whose(message))}.gif") == 0
    hits.flush()
    assert [hit.person for hit in Hit.objects.all()] == [message.person] * 3


def test_a_click_leads_on_while_the_database_is_away(client, buffered, message, monkeypatch):
    link = MailLink.objects.get(words__step=message.step, position=1)
    click = f"/c/{tokens.click_token(**whose(message), link_id=link.pk)}/"
    client.get(click)

    def away(*args, **kwargs):
        raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        assert client.get(click)["Location"] == link.target
        assert client.get(f"/o/{tokens.open_token(**whose(message))}.gif").status_code == 200
        assert hits.flush() == 0
    assert hits.flush() == 3


def test_noting_a_page_adds_no_query_to_it(client, buffered):
    page = a_page()
    path = f"/p/{page.slug}/?utm_source=news&utm_campaign={a_campaign().utm_campaign}"
    client.get(path)
    counted, uncounted = queries_of(client, path), queries_of(client, path, **{"Sec-GPC": "1"})
    assert counted == uncounted
    hits.flush()
    assert Hit.objects.latest("pk").campaign == a_campaign()


def test_a_batch_is_written_by_a_handful_of_statements(buffered, message):
    for number in range(200):
        hits.note_hit(
            kind="open", visit=VISIT, method="GET", path=f"/{number}", at=NOON, message_id=message.pk
        )
    with CaptureQueriesContext(connection) as seen:
        assert hits.flush() == 200
    assert len(seen) <= 16


def test_one_bad_row_holds_up_no_others(buffered, caplog):
    piece = an_asset()
    for asset in (piece.pk, piece.pk, None):
        hits.note_hit(kind="read", visit=VISIT, method="GET", path="/", at=NOON, asset_id=asset)
    hits.note_hit(kind="x" * 5000, visit=VISIT, method="GET", path="/", at=None)
    hits.flush()
    assert Hit.objects.count() == 3
    assert "left out" in caplog.text
    assert not hits._waiting


def test_text_that_no_database_takes_costs_its_own_row_only(buffered):
    for label in ("", "\ud800", ""):
        hits.note_hit(kind="read", visit=VISIT, method="GET", path="/", at=NOON, label=label)
    hits.flush()
    assert Hit.objects.count() == 2
    assert not hits._waiting


def test_a_message_or_a_person_that_is_gone_leaves_a_nameless_hit(buffered):
    hits.note_hit(
        kind="open", visit=VISIT, method="GET", path="/", at=NOON, message_id=10**9, person_id=10**9
    )
    hits.note_hit(kind="read", visit=VISIT, method="GET", path="/", at=NOON, person_id=10**9)
    hits.flush()
    assert list(Hit.objects.values_list("message", "person")) == [(None, None)] * 2


def test_an_erased_person_is_named_no_more_and_a_merged_one_is_the_other(buffered, message):
    stayed = a_lead("stayed@x.example").person
    erased = a_lead("erased@x.example").person
    type(erased).objects.filter(pk=erased.pk).update(erased_at=NOON)
    type(erased).objects.filter(pk=message.person_id).update(merged_into=stayed)
    hits.note_hit(kind="click", visit=VISIT, method="GET", path="/", at=NOON, message_id=message.pk)
    hits.note_hit(kind="download", visit=VISIT, method="GET", path="/", at=NOON, person_id=erased.pk)
    hits.flush()
    assert [hit.person for hit in Hit.objects.order_by("pk")] == [stayed, None]
