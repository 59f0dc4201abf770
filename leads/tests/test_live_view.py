"""The live view of a sequence: every person of every step is accounted for, and people are told from machines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import Channel, EmailTemplate, Sequence, SequenceStep
from campaigns.sequences import publish
from leads import consent
from leads.models import Enrolment, Hit, Message, Person, Touch, Verdict
from leads.nurture import live
from leads.nurture.advance import advance
from leads.nurture.enrolment import enrol
from leads.nurture.sums import step_sums
from leads.sending.delivery import deliver_due
from leads.tests.builders import NOON
from leads.tests.mail_world import a_reader
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def forked() -> Sequence:
    """A mail; a day later: who clicked gets a second one, the others another; then the end."""
    template = EmailTemplate.objects.create(
        name="Page nine", slug="page-nine", subject="Page nine",
        body='<p>Hello {{ person.first_name | default: "there" }}</p><p><a href="https://averdahl.example/a">Read</a></p>',
    )  # fmt: skip
    sequence = Sequence.objects.create(name="Field notes", slug="field-notes", goal="inquiry")
    rules: list[dict[str, Any]] = [
        {"kind": "mail", "template": template},
        {"kind": "branch", "looks_at": "click", "delay_hours": 24},
        {"kind": "mail", "template": template},
        {"kind": "end"},
        {"kind": "mail", "template": template, "delay_hours": 48},
    ]
    steps = [
        SequenceStep.objects.create(sequence=sequence, order=n, **rule) for n, rule in enumerate(rules, 1)
    ]
    SequenceStep.objects.filter(pk=steps[1].pk).update(otherwise=steps[4])
    publish(sequence=sequence, by=None, at=NOON)
    sequence.refresh_from_db()
    return sequence


def begin(sequence: Sequence, number: int) -> list[Person]:
    people = [a_reader(f"reader{one}@maasland.example") for one in range(number)]
    for person in people:
        enrol(person=person, sequence=sequence, at=NOON)
    return people


def time_goes_by(*moments: datetime) -> None:
    for at in moments:
        advance(at=at)
        deliver_due(at=at)
        advance(at=at)


def clicks(person: Person, at: datetime) -> None:
    mail = Message.objects.get(person=person, step__position=1)
    record_touch(person=person, kind="click", at=at, channel=Channel.objects.get(slug="email"), message=mail)


def lines(sequence: Sequence) -> dict[int, live.StepLive]:
    return {line.words.position: line for line in live.live(sequence.versions.get())}


@pytest.fixture
def walked() -> Sequence:
    """Five begin; one clicks, one stops everything before the mail, the others are silent."""
    sequence = forked()
    people = begin(sequence, 5)
    consent.record_consent(person=people[4], purpose=consent.MARKETING, given=False, at=NOON)
    time_goes_by(NOON)
    clicks(people[0], NOON + timedelta(hours=2))
    time_goes_by(NOON + DAY + timedelta(hours=1), NOON + DAY + timedelta(hours=2))
    return sequence


def test_each_step_adds_up(walked: Sequence) -> None:
    found = lines(walked)
    assert all(line.balanced for line in found.values())
    assert [(n, line.entered, line.before) for n, line in found.items()] == [
        (1, 5, 0), (2, 4, 0), (3, 1, 0), (4, 1, 0), (5, 0, 3),
    ]  # fmt: skip
    assert (found[1].sent, found[1].mails["suppressed"]) == (4, 1)
    assert (found[2].first, found[2].other, found[2].inside) == (1, 3, 0)


def test_the_numbers_are_those_of_the_reconciliation(walked: Sequence) -> None:
    for line in lines(walked).values():
        if line.is_mail:
            sums = step_sums(line.step)
            assert (sums.entered, sums.parts) == (line.entered, dict(line.parts))


def test_who_is_held_is_told_with_the_reason(walked: Sequence) -> None:
    assert lines(walked)[1].held == [("suppressed", "no consent to marketing mail", 1)]


def test_people_are_counted_once_and_machines_apart(walked: Sequence) -> None:
    mail = Message.objects.filter(step__position=1, state="sent").first()
    assert mail is not None
    for kind in ("open", "open", "click"):
        record_touch(
            person=mail.person, kind=kind, at=NOON, channel=Channel.objects.get(slug="email"), message=mail
        )
        hit = Hit.objects.create(kind=kind, message=mail, judged=True)
        Verdict.objects.create(hit=hit, version=1, verdict="machine")
    taken_back = Verdict.objects.filter(hit__kind="click").get()
    Verdict.objects.create(hit=taken_back.hit, version=2, verdict="human")
    first = lines(walked)[1]
    assert (first.opened, first.machine_opens, first.machine_clicks) == (1, 1, 0)
    assert first.clicked == Touch.objects.filter(kind="click").values("person").distinct().count()


def test_an_unsubscribe_counts_at_the_mail_it_came_by(walked: Sequence) -> None:
    mail = Message.objects.filter(step__position=1, state="sent").last()
    assert mail is not None
    consent.suppress(
        email_key=str(mail.person.email_key), person=mail.person, reason="unsubscribed", at=NOON, message=mail
    )
    assert [line.unsubscribed for line in lines(walked).values()] == [1, 0, 0, 0, 0]


def test_a_goal_counts_after_the_step_that_led_to_it(walked: Sequence) -> None:
    someone = Enrolment.objects.filter(state="active", position=2).first()
    assert someone is not None
    Enrolment.objects.filter(pk=someone.pk).update(goal_at=NOON, state="finished")
    assert [line.goals for line in lines(walked).values()] == [0, 1, 0, 0, 0]


def test_the_queries_do_not_grow(client: Client, maya: Any) -> None:
    client.force_login(maya)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/staff/sequences/{sequence.pk}/").status_code == 200
        return len(seen)

    sequence = forked()
    begin(sequence, 1)
    time_goes_by(NOON)
    few = queries()
    for one in range(10, 20):
        enrol(person=a_reader(f"more{one}@maasland.example"), sequence=sequence, at=NOON)
    time_goes_by(NOON, NOON + DAY)
    assert queries() <= few + 1  # the last visit's time of the session


def test_every_number_opens_as_many_people_as_it_says(walked: Sequence, client: Client, maya: Any) -> None:
    client.force_login(maya)
    found = lines(walked)
    asked = {
        "entered": [line.entered for line in found.values()],
        "before": [line.before for line in found.values()],
        "first": [line.first for line in found.values() if line.asks],
        "other": [line.other for line in found.values() if line.asks],
        "sent": [line.sent for line in found.values() if line.is_mail],
        "clicked": [line.clicked for line in found.values() if line.is_mail],
    }
    for what, numbers in asked.items():
        which = [
            line
            for line in found.values()
            if what in ("entered", "before") or line.asks == (what in ("first", "other"))
        ]
        which = [line for line in which if what not in ("sent", "clicked") or line.is_mail]
        pages = [
            client.get(f"/staff/sequences/{walked.pk}/people/{what}/?step={line.step.pk}").context["page"]
            for line in which
        ]
        assert [page.total for page in pages] == numbers == [len(page.rows) for page in pages], what


def test_held_people_stand_there_with_their_reason(walked: Sequence, client: Client, maya: Any) -> None:
    client.force_login(maya)
    step = lines(walked)[1].step.pk
    page = client.get(
        f"/staff/sequences/{walked.pk}/people/suppressed/?step={step}&reason=no+consent+to+marketing+mail"
    )
    assert [row.why for row in page.context["page"].rows] == ["no consent to marketing mail"]


@pytest.mark.parametrize(
    "path", ["people/sent/", "people/nonsense/?step=1", "people/active/?step=1", "people/sent/?step=x"]
)
def test_a_number_that_there_is_not_is_not_found(
    path: str, walked: Sequence, client: Client, maya: Any
) -> None:
    client.force_login(maya)
    assert client.get(f"/staff/sequences/{walked.pk}/{path}").status_code == 404


def test_marketing_and_managers_look_and_only_marketing_switches(
    client: Client, walked: Sequence, maya: Any, sara: Any, sam: Any, nora: Any
) -> None:
    for user, sees, switches in ((maya, 200, 302), (sara, 200, 403), (sam, 403, 403), (nora, 403, 403)):
        client.force_login(user)
        for url in (
            "/staff/sequences/",
            f"/staff/sequences/{walked.pk}/",
            f"/staff/sequences/{walked.pk}/people/active/",
        ):
            assert client.get(url).status_code == sees, (user, url)
        assert client.post(f"/staff/sequences/{walked.pk}/pause/").status_code == switches, user


def test_pausing_and_resuming_say_so_and_a_second_press_is_told(
    walked: Sequence, client: Client, maya: Any
) -> None:
    client.force_login(maya)
    url = f"/staff/sequences/{walked.pk}"
    assert "Paused. Nothing goes out." in client.post(f"{url}/pause/", follow=True).content.decode()
    assert "Somebody was faster" in client.post(f"{url}/pause/", follow=True).content.decode()
    assert client.get(f"{url}/resume/").status_code == 405
    client.post(f"{url}/resume/")
    walked.refresh_from_db()
    assert walked.state == "live"


def test_the_list_says_how_many_are_inside_and_turns_red_when_mail_is_late(client: Client, maya: Any) -> None:
    client.force_login(maya)
    sequence = forked()
    begin(sequence, 2)
    advance(at=NOON)
    page = client.get("/staff/sequences/")
    line = page.context["lines"][0]
    assert (line.inside, line.sent) == (2, 0)
    assert "mail late" in page.content.decode()
    Message.objects.update(due_at=datetime.max.replace(tzinfo=NOON.tzinfo) - DAY * 400)
    assert "mail late" not in client.get("/staff/sequences/").content.decode()
