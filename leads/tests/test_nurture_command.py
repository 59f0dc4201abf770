"""`manage.py nurture --once --json`: by hand what the schedule does by itself."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from leads.nurture.enrolment import enrol
from leads.tests.mail_world import a_reader, the_sequence

pytestmark = pytest.mark.django_db


def test_it_advances_and_delivers_what_is_due_and_says_so():
    enrol(person=a_reader(), sequence=the_sequence(), at=timezone.now())
    out = StringIO()
    call_command("nurture", "--once", "--json", stdout=out)
    counts = json.loads(out.getvalue().splitlines()[-1])
    assert (counts["mails"], counts["sent"], counts["settled"]) == (1, 1, 1)
    assert counts["seconds"] >= 0


def test_without_anything_due_it_says_that():
    out = StringIO()
    call_command("nurture", "--once", stdout=out)
    assert out.getvalue().startswith("nothing was due")
