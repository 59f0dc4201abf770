"""A step that changes a field or a topic: what is ours to write, what stays, and once only."""

import pytest

from campaigns.models import PublishedStep, Topic
from leads.models import Enrolment, Fact, LeadScore, Person, TopicChoice
from leads.nurture.changes import apply
from leads.tests.builders import NOON
from leads.tests.mail_world import a_reader, walking

pytestmark = pytest.mark.django_db


@pytest.fixture
def walker() -> Enrolment:
    return walking(a_reader())


def change(walker: Enrolment, position: int = 3, **rule) -> int:
    return apply([(walker, PublishedStep(kind="change", position=position, **rule))], at=NOON)


def fact(walker: Enrolment, name: str, value: str, source: str) -> None:
    Fact.objects.create(person=walker.person, field=name, value=value, source=source, at=NOON)


def values(walker: Enrolment, name: str) -> list[tuple[str, str]]:
    return list(walker.person.facts.filter(field=name).order_by("pk").values_list("value", "source"))


def test_a_custom_field_is_a_fact_that_names_the_sequence(walker):
    assert change(walker, field="custom_tier", value="gold") == 1
    row = Fact.objects.get()
    assert (row.field, row.value, row.source) == ("custom_tier", "gold", "sequence")
    assert row.detail == f"guide-series, step 3 (walk {walker.pk})"


def test_twice_is_the_same_as_once_even_after_somebody_else_changed_it(walker):
    change(walker, field="custom_tier", value="gold")
    fact(walker, "custom_tier", "silver", "staff")
    assert change(walker, field="custom_tier", value="gold") == 0
    assert values(walker, "custom_tier") == [("gold", "sequence"), ("silver", "staff")]


def test_an_empty_column_is_filled_and_what_an_import_brought_is_changed(walker):
    change(walker, field="country", value="NL")
    assert Person.objects.get().country == "NL"
    Person.objects.update(job_title="Head")
    fact(walker, "job_title", "Head", "imported")
    change(walker, field="job_title", value="Head of maintenance")
    assert Person.objects.get().job_title == "Head of maintenance"


def test_what_the_person_said_stays(walker):
    Person.objects.update(job_title="Welder")  # as a form leaves it: a column without a fact
    fact(walker, "custom_tier", "none, thanks", "said")
    assert change(walker, field="job_title", value="Manager") == 0
    assert change(walker, field="custom_tier", value="gold") == 0
    assert Person.objects.get().job_title == "Welder"


def test_a_field_outside_the_list_is_never_written(walker):
    assert change(walker, field="email", value="other@x.example") == 0
    assert Person.objects.get().email == "piet@maasland.example"


def test_a_topic_is_chosen_only_where_the_person_has_not(walker):
    bearings, pumps = (Topic.objects.create(name=name, slug=name) for name in ("bearings", "pumps"))
    TopicChoice.objects.create(person=walker.person, topic=pumps, wanted=False, at=NOON)
    assert change(walker, topic=bearings, value="no") == 1
    assert change(walker, topic=bearings, value="no") == 0
    assert change(walker, topic=pumps, value="yes") == 0
    assert set(TopicChoice.objects.values_list("topic__slug", "wanted")) == {
        ("bearings", False),
        ("pumps", False),
    }


def test_two_steps_of_one_batch_follow_each_other(walker):
    steps = [
        PublishedStep(kind="change", position=n, field="custom_tier", value=v)
        for n, v in ((1, "a"), (2, "b"))
    ]
    assert apply([(walker, step) for step in steps], at=NOON) == 2
    assert values(walker, "custom_tier") == [("a", "sequence"), ("b", "sequence")]


def test_a_changed_field_makes_the_score_due_and_wakes_who_waits(walker, django_capture_on_commit_callbacks):
    LeadScore.objects.update(dirty_at=None)
    later = NOON.replace(hour=13)
    Enrolment.objects.update(waits_since=NOON.replace(hour=11), waits_until=later, due_at=later)
    with django_capture_on_commit_callbacks(execute=True):
        change(walker, field="country", value="NL")
    walker.refresh_from_db()
    assert (walker.due_at, LeadScore.objects.get().dirty_at) == (NOON, NOON)


def test_a_batch_costs_the_same_whatever_its_size(walker, django_assert_max_num_queries):
    step = PublishedStep(kind="change", position=1, field="country", value="NL")
    walkers = [walker, *(walking(a_reader(f"r{number}@x.example")) for number in range(9))]
    with django_assert_max_num_queries(8):
        assert apply([(one, step) for one in walkers], at=NOON) == 10
