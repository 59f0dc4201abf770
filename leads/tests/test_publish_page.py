"""Publishing from the page: what changes is told, people inside are asked about, twice is once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from campaigns.models import EmailTemplate, Sequence, SequenceStep
from campaigns.version_changes import changes
from leads.models import Enrolment
from leads.nurture.enrolment import enrol
from leads.tests.builders import NOON, a_sequence
from leads.tests.mail_world import a_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client, maya: Any) -> Client:
    client.force_login(maya)
    return client


@pytest.fixture
def changed() -> Sequence:
    """Somebody walks version 1; since then a step came, one went, one changed its time and one its words."""
    sequence = a_sequence(mails=3)
    enrol(person=a_reader(), sequence=sequence, at=NOON)
    one, two, three = sequence.steps.all()
    three.delete()
    SequenceStep.objects.filter(pk=two.pk).update(delay_hours=48)
    EmailTemplate.objects.filter(pk=one.template_id).update(preheader="Another line")
    SequenceStep.objects.create(sequence=sequence, order=9, kind="end")
    return sequence


def url(sequence: Sequence) -> str:
    return f"/staff/sequences/{sequence.pk}/publish/"


def filled_in(page: Any, **more: str) -> dict[str, str]:
    """The page's form with a reason for every warning and everybody staying."""
    html = page.content.decode()
    form = {"seen": page.context["seen"]}
    form |= dict.fromkeys(re.findall(r'name="(reason:[^"]+)"', html), "known")
    form |= dict.fromkeys(re.findall(r'name="(choice:[^"]+)"', html), "stay")
    return form | more


def test_what_changes_is_told_in_words(changed: Sequence) -> None:
    assert [(str(one.what), one.position, one.was) for one in changes(changed)] == [
        ("words", 1, 1),
        ("changed", 2, 2),
        ("added", 3, 0),
        ("removed", 0, 3),
    ]
    words = changes(changed)
    assert words[0].words == "Mail “One reading moves first”: the usual words"
    assert (words[1].words, words[1].before) == (
        "Mail “One reading moves first”, 2 days after",
        "Mail “One reading moves first”, 1 day after",
    )


def test_publishing_does_with_each_group_what_was_chosen(marketer: Client, changed: Sequence) -> None:
    page = marketer.get(url(changed))
    name = re.findall(r'name="(choice:[^"]+)"', page.content.decode())[0]
    answer = marketer.post(url(changed), filled_in(page, **{name: "move"}))
    assert answer.status_code == 302, answer.context and answer.context.flatten()
    assert Enrolment.objects.get().version == changed.versions.order_by("-number")[0]
    assert changed.versions.count() == 2


def test_pressing_twice_publishes_once_and_says_so(marketer: Client, changed: Sequence) -> None:
    form = filled_in(marketer.get(url(changed)))
    marketer.post(url(changed), form)
    assert "Nothing has changed" in marketer.post(url(changed), form, follow=True).content.decode()
    assert changed.versions.count() == 2


def test_a_page_that_is_no_longer_true_is_shown_again(marketer: Client, changed: Sequence) -> None:
    form = filled_in(marketer.get(url(changed)))
    changed.steps.filter(kind="end").delete()
    answer = marketer.post(url(changed), form)
    assert answer.status_code == 409
    assert "have changed since you looked" in answer.content.decode()
    assert changed.versions.count() == 1


def test_people_who_came_meanwhile_are_asked_about(marketer: Client, changed: Sequence) -> None:
    form = {
        name: value for name, value in filled_in(marketer.get(url(changed))).items() if "choice:" not in name
    }
    assert marketer.post(url(changed), form).status_code == 409


def test_a_warning_wants_a_reason_and_the_version_keeps_it(marketer: Client, changed: Sequence) -> None:
    page = marketer.get(url(changed))
    form = filled_in(page)
    silent = {name: "" if name.startswith("reason:") else value for name, value in form.items()}
    assert [name for name in form if name.startswith("reason:")]
    assert marketer.post(url(changed), silent).status_code == 422
    marketer.post(url(changed), form)
    kept = changed.versions.order_by("-number")[0].findings
    assert {line["reason"] for line in kept if line["level"] == "warning"} == {"known"}


def test_a_sequence_that_lacks_something_cannot_be_started(marketer: Client) -> None:
    empty = Sequence.objects.create(name="Empty", slug="empty")
    page = marketer.get(url(empty))
    assert "at least one step that sends a mail" in page.content.decode()
    assert page.context["blocked"]


def test_only_marketing_publishes(
    client: Client, changed: Sequence, maya: Any, sara: Any, sam: Any, nora: Any
) -> None:
    for user, status in ((maya, 200), (sara, 403), (sam, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(url(changed)).status_code == status, user


def test_ways_in_are_opened_closed_and_told_with_numbers(marketer: Client, changed: Sequence) -> None:
    page = f"/staff/sequences/{changed.pk}/ways-in/"
    assert "A grade is a letter" in marketer.post(page, {"kind": "grade", "grade": "Z9"}).content.decode()
    assert marketer.post(page, {"kind": "grade", "grade": "b2", "again_after_days": 90}).status_code == 302
    rule = marketer.get(page).context["rules"][0][0]
    assert (rule.grade, rule.again_after_days, rule.is_on) == ("B2", 90, True)
    marketer.post(f"/staff/ways-in/{rule.pk}/close/")
    rule.refresh_from_db()
    assert not rule.is_on


def test_people_are_let_in_by_hand_each_with_a_result(marketer: Client, changed: Sequence) -> None:
    someone = a_reader("ada@maasland.example")
    answer = marketer.post(
        f"/staff/sequences/{changed.pk}/by-hand/",
        {"addresses": "Ada@Maasland.example\npiet@maasland.example\nnobody@maasland.example"},
    )
    assert [(one.person.email, one.words) for one in answer.context["results"]] == [
        ("piet@maasland.example", "is on it already"),
        ("ada@maasland.example", "begins now"),
    ]
    assert answer.context["strangers"] == ["nobody@maasland.example"]
    assert Enrolment.objects.get(person=someone).entry == "staff"
