"""For tests of processes, in one of its own: `seed N` puts N due mails into the ledger, `report` prints them.

`enrol N` stops one step earlier: N people whose first step is due.

python -m crm.tests.due_mails seed 500
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")


def seed(number: int) -> None:
    """The first mail of N people, due now."""
    from django.utils import timezone

    from leads.nurture.advance import advance

    enrol(number)
    while advance(at=timezone.now())["mails"]:
        pass


def enrol(number: int) -> None:
    """N people with consent on one published sequence, its first mail due now for each of them."""
    from django.utils import timezone

    from leads.models import ConsentEvent, Enrolment, Lead, Person
    from leads.tests.builders import a_sequence

    now = timezone.now()
    sequence = a_sequence(slug="storm")
    addresses = [f"reader{one}@storm.example" for one in range(number)]
    people = Person.objects.bulk_create(Person(email=a, email_key=a, first_name="R") for a in addresses)
    Lead.objects.bulk_create(Lead(person=person) for person in people)
    ConsentEvent.objects.bulk_create(
        ConsentEvent(person=person, purpose="marketing", given=True) for person in people
    )
    version = sequence.versions.get()
    Enrolment.objects.bulk_create(
        Enrolment(person=person, sequence=sequence, version=version, due_at=now) for person in people
    )


def report() -> dict[str, Any]:
    """State by address of every sequence mail."""
    from leads.models import Message

    rows = Message.objects.filter(kind=Message.Kind.SEQUENCE).values_list(
        "person__email", "state", "message_id"
    )
    return {address: [state, message_id] for address, state, message_id in rows}


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] in ("seed", "enrol"):
        {"seed": seed, "enrol": enrol}[sys.argv[1]](int(sys.argv[2]))
    else:
        sys.stdout.write(json.dumps(report()))
