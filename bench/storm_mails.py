"""The ledger of the storm, in a process of its own: `seed` fills it, `report` prints every row.

python -m bench.storm_mails seed 9500 500
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")


def seed(mails: int, downloads: int) -> None:
    """So many readers with a sequence mail due now, and so many who asked for a download."""
    from django.utils import timezone

    from leads.models import Person

    now = timezone.now()
    addresses = [f"reader{one}@host{one % 40}.example" for one in range(mails + downloads)]
    people = Person.objects.bulk_create(
        [Person(email=address, email_key=address, first_name="R") for address in addresses], batch_size=2000
    )
    _sequence_mails(people[:mails], now)
    _download_mails(people[mails:], now)


def _sequence_mails(people: list[Any], now: Any) -> None:
    from leads.models import ConsentEvent, Enrolment, Lead, Message
    from leads.sending.outbox import new_message_id
    from leads.tests.builders import a_sequence

    sequence = a_sequence(slug="storm")
    version = sequence.versions.get()
    step = version.steps.get(position=1)
    Lead.objects.bulk_create([Lead(person=person) for person in people], batch_size=2000)
    ConsentEvent.objects.bulk_create(
        [ConsentEvent(person=person, purpose="marketing", given=True) for person in people], batch_size=2000
    )
    walks = Enrolment.objects.bulk_create(
        [Enrolment(person=person, sequence=sequence, version=version) for person in people], batch_size=2000
    )
    Message.objects.bulk_create(
        [
            Message(
                key=f"seq:{walk.pk}:{step.pk}",
                message_id=new_message_id(),
                kind=Message.Kind.SEQUENCE,
                person_id=walk.person_id,
                enrolment=walk,
                step=step,
                words=step.words.first(),
                due_at=now,
            )
            for walk in walks
        ],
        batch_size=2000,
    )


def _download_mails(people: list[Any], now: Any) -> None:
    from leads.models import Message, Submission
    from leads.sending.outbox import download_row
    from leads.tests.builders import a_page

    page = a_page("storm")
    forms = Submission.objects.bulk_create(
        [
            Submission(
                person=person, page=page, state=Submission.State.ACCEPTED, email_key=person.email_key,
                nonce=f"storm-{person.pk}", at=now,
            )
            for person in people
        ]
    )  # fmt: skip
    Message.objects.bulk_create(
        [download_row(person=form.person, at=now, submission=form) for form in forms if form.person]
    )


def report() -> dict[str, Any]:
    """By address: kind, state, Message-ID, how often it was sent again by itself, and its ground."""
    from leads.models import Message, SendLease

    columns = ("person__email", "kind", "state", "message_id", "resends", "ground", "key")
    return {
        "rows": {row[0]: row[1:] for row in Message.objects.values_list(*columns)},
        "leases": SendLease.objects.filter(released_at=None).count(),
    }


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "seed":
        seed(int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.stdout.write(json.dumps(report()))
