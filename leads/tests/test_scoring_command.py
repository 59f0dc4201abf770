"""`manage.py rescore`: what is due, or all; counts in words or as JSON."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from leads.tests.scoring_world import a_good_lead, a_model

pytestmark = pytest.mark.django_db


def said(*options: str) -> str:
    out = StringIO()
    call_command("rescore", *options, stdout=out)
    return out.getvalue().strip()


def test_it_takes_what_is_due_and_then_nothing():
    a_model()
    a_good_lead()
    assert said() == "1 changed, 1 leads"
    assert said() == "Nothing is due."


def test_all_leads_as_json():
    a_model()
    a_good_lead()
    said()
    counts = json.loads(said("--all", "--json"))
    assert (counts["leads"], counts["changed"]) == (1, 0)


def test_without_a_live_model_it_says_so():
    a_model(state="draft")
    assert said("--all") == "No scoring model is live: nothing was scored."
