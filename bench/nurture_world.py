"""The world of the mail bench: one sequence of one mail, and as many people on it as asked for.

Half of the people agreed to tracking. All but the due ones got their mail a month ago.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

SUBJECT = "{{ person.first_name | default: 'Hello' }}, one reading moves first"
PARAGRAPH = (
    "You asked for our paper on bearings that fail early. This chapter is about the first sign, which is small: one "
    "reading that moves while all the others stay where they are, weeks before anybody hears it. "
)
BODY = (
    "<p>Hello {{ person.first_name | default: 'there' }},</p>"
    + f"<p>{PARAGRAPH}</p>" * 4
    + "<p>{% if person.company %}How does {{ person.company }} see it today?{% else %}How do you see it?{% endif %}</p>"
    '<p><a class="button" href="https://averdahl.example/chapter-1">Read the chapter</a></p>'
    '<p>Or <a href="https://averdahl.example/prices">see what it costs</a> and '
    '<a href="https://averdahl.example/meet">talk to us</a>.</p>'
)
TABLES = ("leads_person", "leads_lead", "leads_consentevent", "leads_enrolment", "leads_message")
GROW = """
INSERT INTO leads_person (id, email, email_key, phone, first_name, last_name, job_title, company_name, country,
    language, time_zone, sales_stage, sales_open, no_profiling, created_at, enriched_at)
SELECT n, 'p' || n || '@firm' || n %% 20000 || '.example', 'p' || n || '@firm' || n %% 20000 || '.example', '', 'Ada',
    'Nordin ' || n, 'Head of maintenance', 'Firm & Söhne ' || n %% 20000, 'SE', 'en', '', '', false, false,
    now() - interval '90 days', now()
FROM generate_series(%(first)s, %(last)s) n;
INSERT INTO leads_lead (id, person_id, status, status_since, created_at, recorded_at, journey_stage, exclusion)
SELECT id, id, 'nurturing', created_at, created_at, created_at, '', '' FROM leads_person
WHERE id BETWEEN %(first)s AND %(last)s;
INSERT INTO leads_consentevent (person_id, purpose, given, text_id, pending, basis, at, recorded_at, source_url)
SELECT id, purpose, true, %(text)s, false, '', created_at, created_at, ''
FROM leads_person, (VALUES ('marketing'), ('tracking')) p (purpose)
WHERE id BETWEEN %(first)s AND %(last)s AND (purpose = 'marketing' OR id %% 2 = 0);
INSERT INTO leads_enrolment (id, person_id, sequence_id, version_id, round, state, exit_reason, entry, position,
    next_position, entered, went_first_way, started_at)
SELECT id, id, %(sequence)s, %(version)s, 1, 'active', '', 'staff', 0, 1, 2, 0, now() - interval '31 days'
FROM leads_person WHERE id BETWEEN %(first)s AND %(last)s;
INSERT INTO leads_message (id, key, message_id, kind, person_id, to_address, to_domain, enrolment_id, step_id, words_id,
    subject, body, state, reason, ground, settled, code, attempts, resends, due_at, created_at, claimed_at, ended_at)
SELECT id, 'seq:' || id || ':%(step)s', '<' || md5(id::text) || '@averdahl.example>', 'sequence', id, email,
    'firm.example', id, %(step)s, %(words)s, 'One reading moves first', '', 'sent', '', '', false, '250', 1, 0,
    now() - interval '30 days', now() - interval '31 days', now() - interval '30 days', now() - interval '30 days'
FROM leads_person WHERE id BETWEEN %(first)s AND %(last)s;
"""


def make_sequence() -> dict[str, int]:
    """The sequence with its words; returns the ids that rows point at."""
    from campaigns.models import ConsentText, EmailTemplate, PublishedWords, Sequence, SequenceStep
    from campaigns.sequences import publish

    sequence = Sequence.objects.create(name="Bearings", slug="bearings", audience="leads")
    template = EmailTemplate.objects.create(name="One", slug="one", subject=SUBJECT, body=BODY)
    SequenceStep.objects.create(sequence=sequence, order=0, template=template)
    version = publish(sequence=sequence, by=None, at=datetime.now(UTC))
    words = PublishedWords.objects.get(step__version=version)
    text = ConsentText.objects.filter(purpose="marketing", language="en").first()
    return {
        "sequence": sequence.pk,
        "version": version.pk,
        "step": words.step_id,
        "words": words.pk,
        "text": text.pk if text else 0,
    }


def grow(ids: dict[str, int], first: int, last: int) -> None:
    """People number ``first`` to ``last``. Checks of foreign keys are left out meanwhile."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET statement_timeout = 0")
        for statement in GROW.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {**ids, "first": first, "last": last})
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")
    connection.close()


def make_due(number: int, people: int) -> None:
    """So many mails are due now, of people spread over all of them; everything else is as before."""
    from django.db import connection

    apart = (people // number - 1) | 1  # odd: people with and without consent to tracking take turns
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE leads_message SET state = 'scheduled', due_at = now() - interval '1 minute', lease_id = NULL,
            claimed_at = NULL, ended_at = NULL, allowed_at = NULL, attempts = 0, reason = ''
            WHERE id %% %s = 0 AND id <= %s""",
            [apart, number * apart],
        )
        cursor.execute("VACUUM ANALYZE leads_message")
        cursor.execute("DELETE FROM leads_sendlease")
        cursor.execute("SELECT count(*) FROM leads_message WHERE state = 'scheduled'")
        assert cursor.fetchone() == (number,)
    connection.close()


django.setup()
