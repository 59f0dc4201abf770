"""What a mail server can do to us, and what becomes of the mail, the person and the sender."""

from collections import Counter
from datetime import timedelta

import pytest

from campaigns.models import PublishedStep, PublishedWords, Sequence
from leads.models import Message, SenderPause, Suppression
from leads.sending import delivery
from leads.sending.delivery import deliver, deliver_due
from leads.tests.builders import NOON
from leads.tests.mail_world import a_download, a_due_mail, due_mails, fresh
from leads.tests.smtp_sink import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_failures_yet(monkeypatch):
    monkeypatch.setattr(delivery, "_failures", 0)


@pytest.fixture
def server(settings):
    with mail_server(settings) as sink:
        yield sink


def states() -> dict[str, int]:
    return dict(Counter(Message.objects.values_list("state", flat=True)))


def test_all_that_is_due_goes_over_one_connection_each_mail_once(server):
    mails = due_mails(4)
    assert deliver(slot="one", at=NOON) == {"sent": 4}
    assert sorted(server.rcpts) == sorted(mail.person.email for mail in mails)
    assert server.connections == 1
    assert deliver(slot="one", at=NOON) == {}


def test_nobody_at_that_address_fails_the_mail_and_suppresses_the_address(server):
    server.to_rcpt = ["550 5.1.1 no such user"]
    first, second = due_mails(2)
    assert deliver(slot="one", at=NOON) == {"failed": 1, "sent": 1}
    assert (fresh(first).state, fresh(first).code) == ("failed", "550")
    assert Suppression.objects.get().person == first.person
    assert fresh(second).state == "sent"


@pytest.mark.parametrize(
    ("answer", "state", "suppressed"),
    [
        ("550 5.7.1 blocked by policy", "scheduled", 0),
        ("550 relaying denied", "scheduled", 0),
        ("552 5.2.2 mailbox full", "scheduled", 0),
        ("450 4.2.0 greylisted", "scheduled", 0),
        ("550 unknown user", "failed", 1),
        ("550 5.2.1 disabled", "failed", 1),
        ("554 5.0.0 no", "failed", 0),
    ],
)
def test_only_what_is_about_the_person_falls_on_the_person(server, answer, state, suppressed):
    server.to_rcpt = [answer]
    mail = a_due_mail()
    deliver(slot="one", at=NOON)
    assert (fresh(mail).state, Suppression.objects.count()) == (state, suppressed)


def test_come_again_later_is_tried_again_with_the_same_message_id(server):
    server.to_rcpt = ["451 4.3.0 busy"]
    mail = a_due_mail()
    assert deliver(slot="one", at=NOON) == {"later": 1}
    assert deliver(slot="one", at=NOON + timedelta(seconds=30)) == {}
    assert deliver(slot="one", at=NOON + timedelta(minutes=2)) == {"sent": 1}
    assert mail.message_id.encode() in server.kept[0]


def test_a_connection_lost_after_the_mail_was_given_over_leaves_it_unknown_and_it_is_not_sent_again(server):
    server.to_data = ["drop"]
    first, second = due_mails(2)
    assert deliver(slot="one", at=NOON) == {"unknown": 1, "sent": 1}
    assert (fresh(first).state, fresh(second).state) == ("unknown", "sent")
    assert deliver(slot="one", at=NOON + timedelta(days=1)) == {}
    assert server.rcpts.count(first.person.email) == 1


def test_a_download_lost_that_way_is_sent_once_more_with_the_same_message_id(server):
    server.to_data = ["drop"]
    mail = a_download()
    assert deliver(slot="one", at=NOON) == {"unknown": 1}
    assert deliver(slot="one", at=NOON + timedelta(minutes=2)) == {"sent": 1}
    assert [mail.message_id.encode() in content for content in server.kept] == [True, True]


def test_a_connection_lost_before_that_costs_the_mail_nothing(server):
    server.to_rcpt = ["drop"]
    mail = a_due_mail()
    assert deliver(slot="one", at=NOON) == {"later": 1, "sent": 1}
    assert (fresh(mail).attempts, server.connections) == (1, 2)


def test_a_421_in_the_middle_reconnects_and_loses_nothing(server):
    server.to_rcpt = ["", "421 4.3.2 closing"]
    due_mails(3)
    deliver(slot="one", at=NOON)
    assert states() == {"sent": 3}
    assert (len(set(server.rcpts)), len(server.rcpts)) == (3, 3)


def test_a_server_that_refuses_what_we_wrote_pauses_the_sequence_and_no_person_pays(server):
    server.to_data = ["554 5.7.1 looks like spam"]
    due_mails(2)
    assert deliver(slot="one", at=NOON) == {"later": 1}
    assert Sequence.objects.get().state == "paused"
    assert (states(), Suppression.objects.count()) == ({"scheduled": 2}, 0)


def test_a_wrong_password_pauses_the_sender_and_nobody_else(settings):
    with mail_server(settings, refuses_login=True):
        mail = a_due_mail()
        assert deliver(slot="one", at=NOON) == {"unreachable": 1, "paused": 1}
    assert deliver(slot="one", at=NOON + timedelta(minutes=1)) == {"paused": 1}
    assert (fresh(mail).state, fresh(mail).attempts) == ("scheduled", 0)
    assert SenderPause.objects.get().code == "535"


def test_five_failures_in_a_row_open_the_circuit_for_a_minute(settings):
    with mail_server(settings):
        pass  # nobody listens there any more
    mail = a_due_mail()
    for _ in range(4):
        assert deliver(slot="one", at=NOON) == {"unreachable": 1}
    assert deliver(slot="one", at=NOON) == {"unreachable": 1, "paused": 1}
    assert SenderPause.objects.get().until < NOON + timedelta(seconds=62)
    assert fresh(mail).attempts == 0


def test_policy_answers_of_several_receivers_in_a_row_stop_the_sending(server):
    server.to_rcpt = ["550 5.7.1 policy"] * 6
    due_mails(6)
    assert deliver(slot="one", at=NOON) == {"later": 5, "paused": 1}
    assert Suppression.objects.count() == 0


def test_a_mail_that_cannot_be_made_fails_alone(server):
    first, second = due_mails(2)
    step = PublishedStep.objects.get(position=1)
    broken = PublishedWords.objects.create(step=step, variant="b", subject="Hello", body="{{ nobody.knows }}")
    Message.objects.filter(pk=first.pk).update(words=broken)
    assert deliver(slot="one", at=NOON) == {"failed": 1, "sent": 1}
    assert "cannot be made" in fresh(first).reason
    assert fresh(second).state == "sent"


def test_a_machine_in_trouble_fails_no_mail(server, monkeypatch):
    due_mails(2)
    monkeypatch.setattr(
        delivery._skeletons, "letter", lambda *given: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError, match="disk full"):
        deliver(slot="one", at=NOON)
    assert states() == {"scheduled": 2}
    monkeypatch.undo()
    assert deliver(slot="one", at=NOON) == {"sent": 2}


def test_a_run_ends_with_its_slice_and_gives_the_rest_back(server, monkeypatch):
    due_mails(3)
    monkeypatch.setattr(delivery, "SLICE_SECONDS", 0)
    assert deliver(slot="one", at=NOON) == {}
    assert not Message.objects.filter(lease__isnull=False).exists()


def test_the_database_going_away_in_the_middle_leaves_one_mail_in_doubt_and_none_sent_twice(
    server, monkeypatch
):
    due_mails(3)
    claim, calls = delivery.ledger.begin_claim, []

    def fails_at_the_second(**given):
        calls.append(given)
        if len(calls) == 2:
            raise ConnectionError("the database is gone")
        return claim(**given)

    monkeypatch.setattr(delivery.ledger, "begin_claim", fails_at_the_second)
    monkeypatch.setattr(
        delivery.ledger, "record", lambda result: (_ for _ in ()).throw(ConnectionError("gone"))
    )
    with pytest.raises(ConnectionError):
        deliver(slot="one", at=NOON)
    monkeypatch.undo()
    counts = deliver_due(at=NOON + timedelta(seconds=1))
    assert counts == {"sent": 2, "freed_leases": 1, "freed_unknown": 1, "freed_returned": 2}
    assert (states(), len(set(server.rcpts)), len(server.rcpts)) == ({"unknown": 1, "sent": 2}, 3, 3)


def test_a_mail_folder_works_as_well(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    mail = a_due_mail()
    assert deliver(slot="one", at=NOON) == {"sent": 1}
    (kept,) = (tmp_path / "mail").iterdir()
    assert mail.message_id in kept.read_text()
