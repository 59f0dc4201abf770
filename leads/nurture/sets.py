"""Enrolments in whole sets: the statements by which many begin, get their mail, and go on. Both databases take them.

What is plain goes by these: a mail with one wording, and from one step to another without a day or an hour of its
own. Everything else is walked in Python (`one_by_one.py`) and written by `write` in one statement.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from campaigns.models import PublishedStep, PublishedWords
from leads.models import Enrolment, Message, Person
from leads.nurture.walk import FIELDS
from leads.sending.gate import SKIPS
from leads.sending.outbox import our_domain

ENROLMENT = Enrolment._meta.db_table
MESSAGE = Message._meta.db_table
STEP = PublishedStep._meta.db_table
WORDS = PublishedWords._meta.db_table

FOLLOWING = """f.version_id = s.version_id AND f.position > s.position
    AND f.position = COALESCE(s.then_position, s.position + 1)"""
WAITING = f"""{ENROLMENT}.id = m.enrolment_id AND {ENROLMENT}.version_id = s.version_id
    AND {ENROLMENT}.next_position = s.position AND {ENROLMENT}.state = 'active' AND {ENROLMENT}.due_at IS NULL"""
_SKIPS = ", ".join(f"'{reason}'" for reason in sorted(SKIPS))
REFUSED = f"m.state IN ('cancelled', 'suppressed') AND m.reason NOT IN ({_SKIPS})"


def enrol(people: QuerySet[Person], row: Enrolment) -> int:
    """`row` for each of `people`, who carry `who` (their id) and `next_round`; who walks already is left out.

    Each person's row is locked before anything is written of them, in the order of their ids, as whoever enrols one by
    hand locks it first: else each could wait for what the other has. Call inside a transaction.
    """
    locked = people.order_by("pk").select_for_update(no_key=True)
    query, given = locked.values("who", "next_round").query.sql_with_params()
    constant = _filled(row, without={"person_id", "round"})
    return _run(
        f"""INSERT INTO {ENROLMENT} (person_id, round, {", ".join(constant)})
        SELECT p.who, p.next_round, {", ".join(["%s"] * len(constant))} FROM ({query}) AS p WHERE true
        ON CONFLICT DO NOTHING""",
        [*constant.values(), *given],
    )


def begin_mails(ids: Sequence[int], *, at: datetime) -> int:
    """A mail into the ledger for each of these enrolments, whose next step is a mail with one wording."""
    row = Message(kind=Message.Kind.SEQUENCE, created_at=at)
    made = ("key", "message_id", "person_id", "enrolment_id", "step_id", "words_id", "due_at")
    constant = _filled(row, without=set(made))
    among, numbers = _among(ids)
    mails = _run(
        f"""INSERT INTO {MESSAGE} ({", ".join(made)}, {", ".join(constant)})
        SELECT 'seq:' || CAST(e.id AS text) || ':' || CAST(s.id AS text), '<' || {_RANDOM[connection.vendor]} || %s,
            e.person_id, e.id, s.id, w.id, e.due_at, {", ".join(["%s"] * len(constant))}
        FROM {ENROLMENT} e JOIN {STEP} s ON s.version_id = e.version_id AND s.position = e.next_position
            JOIN {WORDS} w ON w.step_id = s.id
        WHERE e.id {among}
        ON CONFLICT DO NOTHING""",
        [f"@{our_domain()}>", *constant.values(), numbers],
    )
    _run(
        f"""UPDATE {ENROLMENT} SET due_at = NULL, entered = entered | (CAST(1 AS bigint) << next_position)
        WHERE id {among}""",
        [numbers],
    )
    return mails


def leave(messages: Sequence[int], *, at: datetime) -> int:
    """Walks whose mail was refused for good end with its reason."""
    among, numbers = _among(messages)
    return _run(
        f"""UPDATE {ENROLMENT} SET state = 'exited', exit_reason = substr(m.reason, 1, 60),
            ended_at = COALESCE(m.ended_at, {_moment()})
        FROM {_ended(among)} WHERE {WAITING} AND {REFUSED}""",
        [_stored(at), numbers],
    )


def finish(messages: Sequence[int], *, at: datetime) -> int:
    """Walks whose last step was this mail are over."""
    among, numbers = _among(messages)
    return _run(
        f"""UPDATE {ENROLMENT} SET state = 'finished', position = s.position, next_position = 0,
            ended_at = COALESCE(m.ended_at, {_moment()})
        FROM {_ended(among)} WHERE {WAITING} AND NOT ({REFUSED})
            AND NOT EXISTS (SELECT 1 FROM {STEP} f WHERE {FOLLOWING})""",
        [_stored(at), numbers],
    )


def go_on(messages: Sequence[int], *, at: datetime) -> int:
    """Walks whose next step has no day or hour of its own: it is due its delay after the mail's end."""
    among, numbers = _among(messages)
    due = connection.ops.combine_duration_expression(
        "+", [f"COALESCE(m.ended_at, {_moment()})", f"f.delay_hours * {_HOUR[connection.vendor]}"]
    )
    return _run(
        f"""UPDATE {ENROLMENT} SET position = s.position, next_position = f.position, due_at = {due}
        FROM {_ended(among)} JOIN {STEP} f ON {FOLLOWING}
        WHERE {WAITING} AND NOT ({REFUSED}) AND f.weekdays = '' AND f.at_time IS NULL""",
        [_stored(at), numbers],
    )


def write(rows: Sequence[Enrolment]) -> None:
    """Where these enrolments stand now, in one statement."""
    fields = [Enrolment._meta.get_field(name) for name in ("id", *FIELDS)]
    given = json.dumps(
        [{f.name: f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields} for row in rows],
        default=str,
    )
    if connection.vendor == "postgresql":
        columns = ", ".join(f"{f.name} {str(f.db_type(connection)).partition('(')[0]}" for f in fields)
        table = f"jsonb_to_recordset(%s::jsonb) AS r({columns})"
    else:
        columns = ", ".join(f"json_extract(value, '$.{f.name}') AS {f.name}" for f in fields)
        table = f"(SELECT {columns} FROM json_each(%s)) AS r"
    changes = ", ".join(f"{name} = r.{name}" for name in FIELDS)
    _run(f"UPDATE {ENROLMENT} SET {changes} FROM {table} WHERE {ENROLMENT}.id = r.id", [given])


_RANDOM = {
    "postgresql": "replace(CAST(gen_random_uuid() AS text), '-', '')",
    "sqlite": "lower(hex(randomblob(16)))",
}
_HOUR = {
    "postgresql": "interval '1 hour'",
    "sqlite": "3600000000",
}  # what the ORM adds on SQLite: microseconds


def _run(statement: str, given: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.rowcount


def _among(ids: Sequence[int]) -> tuple[str, Any]:
    """A condition that takes any number of ids as one value."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(ids)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))


def _ended(among: str) -> str:
    """The mails in hand, and their steps; `f` is the step that comes next.

    The mails are read first, by their ids (OFFSET 0 holds the planner to that): with old statistics it might begin
    with all the mails that are on their way.
    """
    first = " OFFSET 0" if connection.vendor == "postgresql" else ""
    columns = "id, enrolment_id, step_id, state, reason, ended_at"
    mails = f"(SELECT {columns} FROM {MESSAGE} WHERE id {among}{first}) AS m"
    return f"{mails} JOIN {STEP} s ON s.id = m.step_id"


def _moment() -> str:
    return "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"


def _stored(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _filled(row: Model, *, without: set[str]) -> dict[str, Any]:
    """The columns of an unsaved row that hold something, as the database keeps them."""
    values = {
        str(field.column): field.get_db_prep_save(getattr(row, field.attname), connection)
        for field in row._meta.local_concrete_fields
        if not field.primary_key and field.column not in without
    }
    return {column: value for column, value in values.items() if value is not None}
