"""The rows of one capture written at once: one data-modifying statement on PostgreSQL.

The rows travel as one JSON value, so the text depends only on which tables are written; the database plans it once
a connection. A person known before is locked and must still be as they were read, else nothing is written.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models

from leads.capture.rows import CaptureRows, Stale
from leads.models import (
    ConsentEvent,
    Enrolment,
    Fact,
    Lead,
    LeadMove,
    LeadScore,
    Message,
    Person,
    Submission,
    Touch,
    WorkRequest,
)
from leads.prepared import fetch

KEY = "replace(x.key, '{submission}', submission.id::text)"
PERSON, FORM, LEAD = {"person_id": "person.id"}, {"submission_id": "submission.id"}, {"lead_id": "lead.id"}
FIRST_AND_LAST = {"first_touch_id": "touch.id", "last_touch_id": "touch.id"}
# In the order of writing: name of the step, model, and the columns that only the database can fill.
STEPS: tuple[tuple[str, type[models.Model], Mapping[str, str]], ...] = (
    ("submission", Submission, PERSON),
    ("touch", Touch, PERSON | FORM),
    ("lead", Lead, PERSON | FIRST_AND_LAST),
    ("moves", LeadMove, LEAD),
    ("score", LeadScore, LEAD),
    ("consents", ConsentEvent, PERSON | FORM),
    ("facts", Fact, PERSON),
    ("messages", Message, PERSON | FORM | {"key": KEY}),
    ("requests", WorkRequest, PERSON | {"key": KEY}),
    ("enrolment", Enrolment, PERSON | FORM),
)
SOURCES = ("person", "submission", "touch", "lead")
SINGLE = (*SOURCES, "score", "enrolment")  # one row each: the planner must not take them for a hundred


@dataclass(frozen=True)
class Shape:
    """What of a capture decides the text of its statement."""

    new_person: bool
    filled: tuple[str, ...]
    lead_changes: tuple[str, ...]
    steps: frozenset[str]


def write_at_once(rows: CaptureRows) -> None:
    """Write all rows, or none. Raises IntegrityError where a twin was faster, Stale where the person has changed."""
    if rows.lead._state.adding:
        for name in ("status", "status_since"):
            setattr(rows.lead, name, rows.lead_changes.get(name, getattr(rows.lead, name)))
    shape, given = _given(rows)
    found = fetch(statement(shape), [json.dumps(given, default=str)])
    if not found:
        raise Stale
    made = (rows.person, rows.submission, rows.touch, rows.lead)
    for row, pk in zip(made, found[0], strict=True):
        row.pk, row._state.adding, row._state.db = pk, False, connection.alias
    rows.submission.person = rows.touch.person = rows.lead.person = rows.person
    for name in ("first_touch", "last_touch") if "lead" in shape.steps else rows.lead_changes:
        setattr(rows.lead, name, rows.lead_changes.get(name, rows.touch))


def _given(rows: CaptureRows) -> tuple[Shape, dict[str, Any]]:
    """The shape of the statement, and the value it is given."""
    new_person, new_lead = rows.person._state.adding, rows.lead._state.adding
    lists: dict[str, Sequence[models.Model]] = {
        "submission": [rows.submission],
        "touch": [rows.touch],
        "lead": [rows.lead] if new_lead else [],
        "moves": rows.moves,
        "score": [LeadScore(dirty_at=rows.at)],
        "consents": rows.consents,
        "facts": rows.facts,
        "messages": rows.messages,
        "requests": rows.requests,
        "enrolment": [rows.enrolment] if rows.enrolment else [],
    }
    given: dict[str, Any] = {
        name: _values(found[0]) if name in SINGLE else [_values(row) for row in found]
        for name, found in lists.items()
        if found
    }
    shape = Shape(
        new_person,
        () if new_person else tuple(rows.person_changes),
        () if new_lead else tuple(rows.lead_changes),
        frozenset(given),
    )
    given["person"] = _values(rows.person) if new_person else _as_read(rows)
    if not new_lead:
        given["changes"] = {
            name: value for name, value in rows.lead_changes.items() if not isinstance(value, models.Model)
        }
        given["lead_id"], given["lead_was"] = rows.lead.pk, rows.lead_was
    return shape, given


def _as_read(rows: CaptureRows) -> dict[str, Any]:
    """Who the person is, how they must still be, and what fills their blanks."""
    person = rows.person
    filled = {name: getattr(person, name) for name in rows.person_changes}
    return {"id": person.pk, "sales_open": person.sales_open, "filled": filled}


def _values(row: models.Model) -> dict[str, Any]:
    return {name: row.__dict__.get(name) for name, _column in _columns(type(row))}


@cache
def _columns(model: type[models.Model]) -> list[tuple[str, str]]:
    """(column, type) of everything but a number that the database gives. Lengths stay out: a cast would cut."""
    fields = [f for f in model._meta.local_concrete_fields if not isinstance(f, models.AutoField)]
    return [(str(f.column), str(f.db_type(connection)).partition("(")[0]) for f in fields]


@cache
def statement(shape: Shape) -> str:
    """The text for one shape. Every step takes its rows from the JSON value and its numbers from the steps before."""
    steps = ["given AS (SELECT %s::jsonb AS j)"]
    steps += [_person()] if shape.new_person else _known_person(shape)
    for name, model, links in STEPS:
        if name in shape.steps:
            steps.append(f"{name} AS ({_insert(name, model, links)})")
        elif name == "lead":
            steps.append(f"lead AS ({_lead_changes(shape.lead_changes)})")
    ids = ", ".join(f"{name}.id" for name in SOURCES)
    return f"WITH {', '.join(steps)} SELECT {ids} FROM {', '.join(SOURCES)}"


def _insert(name: str, model: type[models.Model], links: Mapping[str, str]) -> str:
    columns = _columns(model)
    names = ", ".join(f'"{column}"' for column, _type in columns)
    values = ", ".join(links.get(column, f'x."{column}"') for column, _type in columns)
    typed = ", ".join(
        f'"{column}" {kind}' for column, kind in columns if column not in links or column == "key"
    )
    needed = [source for source in SOURCES if any(f"{source}.id" in sql for sql in links.values())]
    rows = "jsonb_to_record" if name in SINGLE else "jsonb_to_recordset"
    sources = ", ".join(["given", *needed, f"{rows}(given.j -> '{name}') AS x({typed})"])
    table = model._meta.db_table
    ending = "RETURNING id"
    if model is LeadScore:
        ending = "ON CONFLICT (lead_id) DO UPDATE SET dirty_at = EXCLUDED.dirty_at"
    return f'INSERT INTO "{table}" ({names}) SELECT {values} FROM {sources} {ending}'


def _person() -> str:
    return f"person AS ({_insert('person', Person, {})})"


def _known_person(shape: Shape) -> list[str]:
    """Lock the person, and the lead, as they were read; then fill what was empty and still is."""
    person = "(given.j -> 'person')"
    known_lead = "lead" not in shape.steps
    tables, locked, still = "given, leads_person AS p", "p", ""
    if known_lead:
        tables, locked = f"{tables}, leads_lead AS l", "p, l"
        still = "AND l.id = (given.j ->> 'lead_id')::bigint AND l.status = given.j ->> 'lead_was'"
    empty = "".join(f"\n AND coalesce(p.{name}, '') = ''" for name in shape.filled)
    held = f"""
    SELECT p.id FROM {tables}
    WHERE p.id = ({person} ->> 'id')::bigint AND p.erased_at IS NULL AND p.merged_into_id IS NULL
      AND p.sales_open = ({person} ->> 'sales_open')::boolean {still} {empty}
    FOR UPDATE OF {locked}"""
    if not shape.filled:
        return [f"person AS ({held})"]
    sets = ", ".join(f"{name} = {person} -> 'filled' ->> '{name}'" for name in shape.filled)
    change = f"""UPDATE leads_person SET {sets} FROM given, held
    WHERE leads_person.id = held.id RETURNING leads_person.id"""
    return [f"held AS ({held})", f"person AS ({change})"]


def _lead_changes(changes: tuple[str, ...]) -> str:
    """What changes on a lead known before. ``person`` in the sources: nothing without its lock."""
    found = {
        "first_touch": "first_touch_id = touch.id",
        "last_touch": "last_touch_id = touch.id",
        "status": "status = given.j -> 'changes' ->> 'status'",
        "status_since": "status_since = (given.j -> 'changes' ->> 'status_since')::timestamptz",
    }
    sets = ", ".join(found[name] for name in changes) or "status = status"
    return f"""UPDATE leads_lead SET {sets} FROM given, person, touch
    WHERE leads_lead.id = (given.j ->> 'lead_id')::bigint RETURNING leads_lead.id"""
