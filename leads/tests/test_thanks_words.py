"""What the page after a form says: first what was sent for, then the step that is left."""

import pytest
import time_machine

from leads import tokens
from leads.tests.builders import NOON, a_page, submitted

pytestmark = pytest.mark.django_db
LAST_STEP = "One more step for the other mails"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOON):
        yield


def thanks(client, **columns) -> str:
    page = a_page(double_opt_in=True, **columns)
    form = submitted(page, company="Maasland", message="A question").submission
    return client.get(f"/p/{page.slug}/thanks/{tokens.thanks_token(form.pk)}/").content.decode()


def test_a_download_is_ready_and_only_the_other_mails_wait_for_the_mailbox(client):
    html = thanks(client)
    assert "Your white paper is ready." in html
    assert LAST_STEP in html
    assert "our second mail" in html
    assert "Without that we send nothing." not in html


def test_a_question_has_arrived_and_only_the_other_mails_wait_for_the_mailbox(client):
    html = thanks(client, inquiry="contact")
    assert "<h1>We have your message.</h1>" in html
    assert LAST_STEP in html
    assert "the mail we just sent" in html


def test_where_nothing_else_was_asked_for_the_step_is_all_there_is(client):
    html = thanks(client, asset=None)
    assert "<h1>One more step.</h1>" in html
    assert LAST_STEP not in html
