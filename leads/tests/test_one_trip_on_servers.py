"""Several statements in one trip are one commit, and a forgotten plan is made again (PostgreSQL)."""

import pytest
from django.db import DatabaseError, connection
from django.db.models import BigIntegerField, CharField

from leads.models import Person
from leads.sending.one_trip import Prepared, Slot, together
from leads.tests.builders import NOON

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
]


def renamed() -> Prepared:
    rows = Person.objects.filter(pk=Slot("pk", BigIntegerField()), first_name="Ada")
    return Prepared(rows, {"last_name": Slot("name", CharField())})


@pytest.fixture
def ada() -> Person:
    return Person.objects.create(
        email="ada@x.example", email_key="ada@x.example", first_name="Ada", created_at=NOON
    )


def name_of(person: Person) -> str:
    return Person.objects.get(pk=person.pk).last_name


def test_a_value_is_a_value_whatever_it_says(ada):
    hostile = "'); DROP TABLE leads_person; -- %s $1 %%"
    assert together(renamed().of(pk=ada.pk, name=hostile)) == 1
    assert name_of(ada) == hostile
    assert together(renamed().of(pk=ada.pk + 1, name="x")) == 0


def test_where_one_fails_none_is_done(ada):
    statement = renamed()
    with pytest.raises(DatabaseError):
        together(statement.of(pk=ada.pk, name="first"), statement.of(pk=ada.pk, name="x" * 5000))
    assert name_of(ada) == ""


def test_a_plan_the_server_forgot_is_made_again(ada):
    statement = renamed()
    together(statement.of(pk=ada.pk, name="one"))
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert together(statement.of(pk=ada.pk, name="two")) == 1
    assert name_of(ada) == "two"


def test_only_these_commits_do_not_wait_for_the_disk(ada):
    together(renamed().of(pk=ada.pk, name="one"))
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
