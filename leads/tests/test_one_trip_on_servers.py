"""Several statements in one trip are one commit, and a forgotten plan is made again (PostgreSQL)."""

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.db.models import BigIntegerField, CharField

from leads.models import Person
from leads.sending.one_trip import Prepared, Slot, begun, together
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


def test_a_server_that_forgot_takes_a_statement_it_never_knew(ada):
    together(renamed().of(pk=ada.pk, name="one"))
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    new = Prepared(
        Person.objects.filter(pk=Slot("pk", BigIntegerField())), {"last_name": Slot("name", CharField())}
    )
    assert together(new.of(pk=ada.pk, name="two")) == 1
    assert name_of(ada) == "two"


def test_only_these_commits_do_not_wait_for_the_disk(ada):
    together(renamed().of(pk=ada.pk, name="one"))
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


def test_whoever_asks_the_database_meanwhile_gets_the_answer_after_the_trip(ada):
    with begun(renamed().of(pk=ada.pk, name="on its way")) as trip:
        assert name_of(ada) == "on its way"
    assert trip.end() == 1


def test_a_trip_that_fails_says_so_at_its_end_and_leaves_the_line_in_order(ada):
    with begun(renamed().of(pk=ada.pk, name="x" * 5000)) as trip:
        pass
    with pytest.raises(DatabaseError):
        trip.end()
    assert together(renamed().of(pk=ada.pk, name="next")) == 1


def test_a_server_that_goes_away_on_the_trip_is_an_error_and_no_endless_wait(ada):
    together(renamed().of(pk=ada.pk, name="before"))
    pid = connection.connection.info.backend_pid
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("BEGIN")
        other.execute("SELECT 1 FROM leads_person WHERE id = %s FOR UPDATE", [ada.pk])
        with begun(renamed().of(pk=ada.pk, name="lost")) as trip:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(DatabaseError):
            trip.end()
    assert name_of(ada) == "before"


def test_a_text_that_the_database_cannot_hold_is_refused_whole(ada):
    with pytest.raises(DatabaseError):
        together(renamed().of(pk=ada.pk, name="cut\0here"))
    assert name_of(ada) == ""


def test_a_statement_is_known_by_what_it_says():
    assert renamed().name == renamed().name
    assert renamed().name != Prepared(Person.objects.all(), {"last_name": Slot("name", CharField())}).name
