"""A marketer writes a sequence in the admin: steps in order, only what a kind needs, jumps forward only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import EmailTemplate, Persona, Sequence, SequenceStep, StepWording
from campaigns.sequences import publish
from campaigns.version_changes import changes

ADD = "/admin/campaigns/sequence/add/"


@pytest.fixture
def marketer(client: Client, maya: Any) -> Client:
    client.force_login(maya)
    return client


def mail(name: str = "Page nine") -> EmailTemplate:
    slug = name.lower().replace(" ", "-")
    return EmailTemplate.objects.create(name=name, slug=slug, subject=name, body="<p>Hello</p>")


def a_sequence(*kinds: str) -> Sequence:
    sequence = Sequence.objects.create(name="Field notes", slug="field-notes")
    template = mail()
    for order, kind in enumerate(kinds, 1):
        SequenceStep.objects.create(
            sequence=sequence, order=order, kind=kind, template=template if kind == "mail" else None
        )
    return sequence


def page(sequence: Sequence) -> str:
    return reverse("admin:campaigns_sequence_change", args=[sequence.pk])


def typed(sequence: Sequence | None, *steps: dict[str, Any]) -> dict[str, Any]:
    """The form as a browser posts it: `steps` as they stand, those with an id first."""
    old = sequence.steps.count() if sequence else 0
    form: dict[str, Any] = {
        "name": "Field notes", "slug": "field-notes", "audience": "leads", "priority": 50,
        "steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": old,
    }  # fmt: skip
    for number, step in enumerate(steps):
        usual = {"kind": "mail", "order": number + 1, "delay_hours_0": "", "delay_hours_1": 24,
                 "limit_hours_0": "", "limit_hours_1": 24, "compares": "is"}  # fmt: skip
        form |= {f"steps-{number}-{name}": value for name, value in (usual | step).items()}
    return form


def problems(answer: Any) -> list[Any]:
    return [form.errors for form in answer.context["inline_admin_formsets"][0].formset.forms if form.errors]


def test_a_sequence_is_written_in_one_go(marketer: Client) -> None:
    form = typed(
        None,
        {"template": mail().pk},
        {"kind": "wait_for", "looks_at": "click", "limit_hours_0": 3, "limit_hours_1": 24},
        {
            "template": mail("Page ten").pk,
            "delay_hours_0": 2,
            "weekdays": ["2", "4", "3"],
            "at_time": "09:00",
        },
    )
    assert marketer.post(ADD, form).status_code == 302
    steps = Sequence.objects.get(slug="field-notes").steps.all()
    assert [(step.kind, step.delay_hours, step.limit_hours, step.weekdays) for step in steps] == [
        ("mail", 0, None, ""),
        ("wait_for", 0, 72, ""),
        ("mail", 48, None, "234"),
    ]


def test_what_a_kind_has_no_use_for_is_emptied(marketer: Client) -> None:
    noise = {"template": mail().pk, "looks_at": "click", "value": "B2", "note": "Call"}
    marketer.post(ADD, typed(None, {"template": noise["template"]}, {"kind": "follow_up", **noise}))
    step = SequenceStep.objects.get(kind="follow_up")
    assert (step.template, step.looks_at, step.value, step.note) == (None, "", "", "Call")


def test_an_answer_that_its_question_does_not_ask_is_emptied_too(marketer: Client) -> None:
    marketer.post(
        ADD, typed(None, {"kind": "branch", "looks_at": "click", "value": "B2", "field": "country"})
    )
    step = SequenceStep.objects.get(kind="branch")
    assert (step.looks_at, step.value, step.field) == ("click", "", "")


def test_a_jump_may_lead_forward_only(marketer: Client) -> None:
    sequence = a_sequence("mail", "branch", "mail")
    one, two, three = sequence.steps.all()
    ids = [{"id": step.pk, "sequence": sequence.pk, "kind": step.kind} for step in (one, two, three)]
    back = ids[1] | {"looks_at": "click", "otherwise": one.pk}
    answer = marketer.post(page(sequence), typed(sequence, ids[0], back, ids[2]))
    assert "lead forward only" in str(problems(answer))
    onward = ids[1] | {"looks_at": "click", "otherwise": three.pk}
    assert marketer.post(page(sequence), typed(sequence, ids[0], onward, ids[2])).status_code == 302
    two.refresh_from_db()
    assert two.otherwise == three


def test_a_jump_to_another_sequences_step_is_no_choice(marketer: Client) -> None:
    stranger = SequenceStep.objects.create(
        sequence=Sequence.objects.create(name="Other", slug="other"), order=9, kind="end"
    )
    sequence = a_sequence("mail", "branch")
    one, two = [{"id": s.pk, "sequence": sequence.pk, "kind": s.kind} for s in sequence.steps.all()]
    answer = marketer.post(
        page(sequence), typed(sequence, one, two | {"looks_at": "click", "then": stranger.pk})
    )
    assert "Select a valid choice" in str(problems(answer))


def test_a_new_step_without_a_place_goes_to_the_end(marketer: Client) -> None:
    sequence = a_sequence("mail", "mail")
    old = [{"id": s.pk, "sequence": sequence.pk, "order": s.order} for s in sequence.steps.all()]
    marketer.post(page(sequence), typed(sequence, *old, {"kind": "end", "order": ""}))
    assert [step.kind for step in sequence.steps.all()] == ["mail", "mail", "end"]


def test_each_step_says_what_it_does_and_for_whom_it_has_other_words(marketer: Client) -> None:
    sequence = a_sequence("mail", "branch", "end")
    persona = Persona.objects.create(name="Plant manager", slug="plant-manager")
    step = sequence.steps.first()
    StepWording.objects.create(step=step, persona=persona, template=mail("For managers"))
    html = marketer.get(page(sequence)).content.decode()
    assert "Mail “Page nine”" in html
    assert "also for Plant manager" in html
    assert reverse("admin:campaigns_sequencestep_change", args=[step.pk]) in html


def test_other_words_are_written_on_the_steps_own_page(marketer: Client) -> None:
    step = a_sequence("mail").steps.get()
    url = reverse("admin:campaigns_sequencestep_change", args=[step.pk])
    form = {
        "test_mails": 200, "test_measure": "click", "wordings-TOTAL_FORMS": 2, "wordings-INITIAL_FORMS": 0,
        "wordings-0-template": mail("B").pk, "wordings-1-template": mail("Another B").pk,
    }  # fmt: skip
    assert "There is a wording for them already" in marketer.post(url, form).content.decode()
    answer = marketer.post(url, form | {"wordings-TOTAL_FORMS": 1})
    assert answer["Location"] == page(step.sequence)
    assert StepWording.objects.get().template.name == "B"


def test_the_number_of_queries_does_not_grow_with_the_steps(marketer: Client) -> None:
    def queries(sequence: Sequence) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert marketer.get(page(sequence)).status_code == 200
        return len(seen)

    sequence = a_sequence("mail", "branch", "wait_for")
    few = queries(sequence)
    for order in range(4, 24):
        SequenceStep.objects.create(sequence=sequence, order=order, template=mail(f"Mail {order}"))
    assert queries(sequence) <= few


def test_a_template_put_away_stays_where_it_is_used_and_is_offered_nowhere_else(marketer: Client) -> None:
    sequence = a_sequence("mail", "wait")
    EmailTemplate.objects.update(archived_at="2026-01-01T00:00Z")
    forms = marketer.get(page(sequence)).context["inline_admin_formsets"][0].formset.forms
    offered = [[str(words) for _pk, words in form.fields["template"].choices] for form in forms]
    assert offered == [["–", "Page nine"], ["–"], ["–"]]


@pytest.mark.parametrize("who", ["sam", "nora"])
def test_nobody_else_opens_it(who: str, db: None, request: Any, client: Client) -> None:
    sequence = a_sequence("mail")
    client.force_login(request.getfixturevalue(who))
    for url in (
        page(sequence),
        reverse("admin:campaigns_sequencestep_change", args=[sequence.steps.get().pk]),
    ):
        assert client.get(url).status_code in (302, 403)


def test_a_follow_up_says_what_the_rep_does_and_other_steps_forget_it(marketer: Client) -> None:
    sequence = a_sequence("mail", "follow_up")
    first, second = sequence.steps.all()
    steps = (
        {"id": first.pk, "template": first.template_id, "rep_does": "social"},
        {"id": second.pk, "kind": "follow_up", "rep_does": "social", "note": "Ask to connect"},
    )
    assert marketer.post(page(sequence), typed(sequence, *steps)).status_code == 302
    assert [step.rep_does for step in sequence.steps.all()] == ["call", "social"]
    shown = marketer.get(page(sequence)).content.decode()
    assert "Message on a social network by the rep: Ask to connect" in shown


def test_what_the_rep_does_is_frozen_and_its_change_is_shown(marketer: Client) -> None:
    sequence = a_sequence("mail", "follow_up")
    publish(sequence=sequence, by=None, at=timezone.now())
    step = sequence.steps.get(kind="follow_up")
    SequenceStep.objects.filter(pk=step.pk).update(rep_does="social")
    (change,) = changes(sequence)
    assert change.words.startswith("Message on a social network") and change.before.startswith(
        "Call by the rep"
    )
    publish(sequence=sequence, by=None, at=timezone.now())
    frozen = sequence.versions.latest("number").steps.get(kind="follow_up")
    assert frozen.rep_does == "social" and not changes(sequence)
