"""Stages, rules and reasons are changed in the admin, but never so that verbs lose their way or rows become illegal."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prospects.admin.stage_forms import RuleForm, StageForm, why_not_archived
from prospects.models import Pipeline, Prospect, Reason, Stage
from prospects.tests.conftest import make_inbound, make_person

pytestmark = pytest.mark.django_db


def stage(slug: str) -> Stage:
    return Stage.objects.get(slug=slug)


def form(slug: str, /, **changed: Any) -> StageForm:
    row = stage(slug)
    names = ("pipeline", "slug", "name", "order", "kind", "probability", "ageing_days", "limit_days")
    data = {name: getattr(row, f"{name}_id" if name == "pipeline" else name) for name in names}
    return StageForm({**data, **changed}, instance=row)


@pytest.mark.parametrize(
    ("slug", "changed", "wrong"),
    [
        ("contacting", {"name": "In touch", "order": 25, "limit_days": 30}, None),
        ("negotiation", {"slug": "haggling"}, None),  # nobody was ever there
        ("contacting", {"slug": "in_touch"}, "slug"),
        ("proposal", {"kind": "won"}, "kind"),
        ("proposal", {"managers_only": True}, None),
        ("contacting", {"managers_only": True}, "managers_only"),
        ("lost", {"managers_only": True}, "managers_only"),
    ],
)
def test_what_the_history_and_the_verbs_know_a_stage_by_stays(
    slug: str, changed: dict, wrong: str | None, sam: Any
) -> None:
    moved = make_inbound(sam, make_person())
    Prospect.objects.filter(pk=moved.pk).update(stage=stage("proposal"))
    assert list(form(slug, **changed).errors) == ([wrong] if wrong else [])


@pytest.mark.parametrize(
    ("slug", "may_go"),
    [("to_contact", False), ("sales_qualified", False), ("won", False), ("proposal", True), ("lost", False)],
)
def test_a_stage_that_verbs_need_is_not_archived(slug: str, may_go: bool, client: Client, sara: Any) -> None:
    assert (why_not_archived(stage(slug)) == "") is may_go
    client.force_login(sara)
    asked = {"action": "archive", "_selected_action": [stage(slug).pk, stage("negotiation").pk]}
    client.post(reverse("admin:prospects_stage_changelist"), asked)
    assert (stage(slug).archived_at is not None) is may_go
    assert stage("negotiation").archived_at is not None


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"needs": "fact", "field": "phone"}, []),
        ({"needs": "fact", "field": ""}, ["field"]),
        ({"needs": "fact", "field": "fone"}, ["field"]),
        ({"needs": "verdict", "field": "phone"}, []),
    ],
)
def test_a_fact_is_chosen_from_a_list(data: dict, wrong: list[str], db: None) -> None:
    filled = RuleForm(data)
    assert list(filled.errors) == wrong
    assert wrong or filled.cleaned_data["field"] == ("phone" if data["needs"] == "fact" else "")


@pytest.mark.parametrize(
    ("slug", "needs", "kept"),
    [("proposal", "meeting_held", 2), ("to_contact", "verdict", 0), ("disqualified", "conversation", 1)],
)
def test_where_one_begins_and_ends_little_may_be_asked(
    slug: str, needs: str, kept: int, client: Client, sara: Any
) -> None:
    row = stage(slug)
    client.force_login(sara)
    address = reverse("admin:prospects_stage_change", args=[row.pk])
    page = client.get(address)
    data = {
        name: value for name, value in page.context["adminform"].form.initial.items() if value is not None
    }
    rules = page.context["inline_admin_formsets"][0].formset
    prefix, there = rules.prefix, list(row.rules.all())
    data |= {f"{prefix}-TOTAL_FORMS": len(there) + 1, f"{prefix}-INITIAL_FORMS": len(there)}
    for number, rule in enumerate(there):
        data |= {f"{prefix}-{number}-id": rule.pk, f"{prefix}-{number}-needs": rule.needs}
    data |= {f"{prefix}-{len(there)}-needs": needs}
    client.post(address, data)
    assert row.rules.count() == kept


def test_a_manager_changes_rules_and_others_do_not(client: Client, sara: Any, maya: Any, sam: Any) -> None:
    address = reverse("admin:prospects_stage_change", args=[stage("proposal").pk])
    for user, expected in ((sara, (200,)), (maya, (302, 403)), (sam, (302, 403))):
        client.force_login(user)
        assert client.get(address).status_code in expected, user


def test_what_a_reason_meant_it_means_for_good(client: Client, sara: Any, sam: Any) -> None:
    student = Reason.objects.get(slug="student")
    address = reverse("admin:prospects_reason_change", args=[student.pk])
    client.force_login(sara)
    assert b'name="outcome"' in client.get(address).content
    Prospect.objects.filter(pk=make_inbound(sam).pk).update(reason=student)
    assert b'name="outcome"' not in client.get(address).content


def save(client: Client, pipeline: Pipeline, **said: Any) -> Any:
    parts = {"stages-TOTAL_FORMS": 0, "stages-INITIAL_FORMS": 0}
    data = {"name": pipeline.name, "slug": pipeline.slug, **parts, **said}
    return client.post(reverse("admin:prospects_pipeline_change", args=[pipeline.pk]), data)


def test_one_pipeline_is_the_default_and_only_one_that_can_be_worked_in(client: Client, sara: Any) -> None:
    client.force_login(sara)
    sales = Pipeline.objects.get()
    refused = save(client, sales)
    assert "Make another pipeline the default instead" in refused.content.decode()
    renewals = Pipeline.objects.create(name="Renewals", slug="renewals")
    said = save(client, renewals, is_default="on").content.decode()
    assert "First save these stages in it: to_contact, contacting, sales_qualified, won, lost" in said
    for row in sales.stages.all():
        Stage.objects.create(pipeline=renewals, slug=row.slug, name=row.name, kind=row.kind, order=row.order)
    assert save(client, renewals, is_default="on").status_code == 302
    assert list(Pipeline.objects.filter(is_default=True)) == [renewals]
    assert make_inbound(sara).stage.pipeline == renewals


def test_one_reason_that_silences_and_the_default_pipeline_stay(client: Client, sara: Any) -> None:
    client.force_login(sara)
    for model, name in ((Reason, "reason"), (Pipeline, "pipeline")):
        chosen = [str(pk) for pk in model.objects.values_list("pk", flat=True)]
        asked = {"action": "archive", "_selected_action": chosen}
        client.post(reverse(f"admin:prospects_{name}_changelist"), asked)
    assert [reason.slug for reason in Reason.objects.in_use()] == ["do-not-contact"]
    assert Pipeline.objects.in_use().count() == 1
