"""Rows written at once are the rows that bulk_create writes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from leads.many_rows import give_ids, insert_rows
from leads.models import ExternalRef, Fact, Lead, LeadMove, LeadScore, Person

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def people(count):
    rows = [
        Person(first_name=f'Zoë\t\\N "{n}"\n', email_key=f"p{n}@corp.example", created_at=AT)
        for n in range(count)
    ]
    insert_rows(rows)
    return rows


def test_what_was_written_is_what_is_read_back():
    (person,) = people(1)
    insert_rows([fact := Fact(person_id=person.pk, field="x", value="y", confidence=Decimal("0.25"), at=AT)])
    insert_rows([lead := Lead(person_id=person.pk, created_at=AT)])
    insert_rows(
        [move := LeadMove(lead_id=lead.pk, new="new", way="imported", receipts=[{"points": 1}], at=AT)]
    )
    insert_rows([LeadScore(lead_id=lead.pk, e1=0.5, total=Decimal("1.5"))])
    assert Person.objects.get().first_name == 'Zoë\t\\N "0"\n'
    assert (Fact.objects.get(), Fact.objects.get().confidence) == (fact, Decimal("0.25"))
    assert (LeadMove.objects.get(), LeadMove.objects.get().receipts) == (move, [{"points": 1}])
    assert (LeadScore.objects.get().e1, LeadScore.objects.get().total) == (0.5, Decimal("1.5"))
    assert (Lead.objects.get().created_at, Lead.objects.get().first_touch) == (AT, None)


def test_ids_are_new_and_rows_made_afterwards_get_later_ones():
    first = people(3)
    later = Person.objects.create(first_name="later")
    assert len({row.pk for row in [*first, later]}) == 4
    assert later.pk > max(row.pk for row in first)
    insert_rows(again := [Person(first_name="again")])
    assert again[0].pk > later.pk


def test_ids_may_be_given_before_the_rows_are_written():
    rows = [Person(first_name="a"), Person(first_name="b")]
    give_ids(rows)
    insert_rows(rows)
    assert set(Person.objects.values_list("pk", flat=True)) == {row.pk for row in rows}


def test_a_twin_is_refused_like_by_any_insert():
    (person,) = people(1)
    twins = [ExternalRef(source="s", external_id="1", person_id=person.pk) for _ in range(2)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(twins)
    assert not ExternalRef.objects.exists()


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_rows([])
