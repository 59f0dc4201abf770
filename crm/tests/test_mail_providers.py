"""Mail by a provider's API: what goes with it, and what a call that failed means for the mail (RELIABILITY N4, N5)."""

import json

import pytest
import requests
from django.core.mail import EmailMultiAlternatives

from crm.mail_environment import HOUSE, PROVIDERS
from leads.models import Message
from leads.sending.letters import Letter
from leads.sending.line import Line

State = Message.State
LETTER = Letter(
    sender="Averdahl <hello@averdahl.example>", to="piet@maasland.example", subject="One reading",
    text="Hello", html="<p>Hello</p>",
    headers={"Message-ID": "<m1@averdahl.example>", "List-Unsubscribe": "<https://x.example/u/1/>"},
    envelope="bounces+1-a@mail.averdahl.example",
)  # fmt: skip


class Api:
    """The provider's side of each call: what was asked, and what it answers."""

    def __init__(self, monkeypatch) -> None:
        self.calls: list[requests.PreparedRequest] = []
        self.status, self.error = 200, None
        self.body = {
            "id": "1",
            "MessageID": "1",
            "messageId": "1",
            "ErrorCode": 0,
            "Message": "OK",
            "To": LETTER.to,
        }
        monkeypatch.setattr(requests.Session, "send", self.send)

    def send(self, request, **kwargs):
        self.calls.append(request)
        if self.error:
            raise self.error
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = (
            self.status,
            json.dumps(self.body).encode(),
            request,
        )
        answer.reason = "as asked"
        return answer


@pytest.fixture
def api(monkeypatch):
    return Api(monkeypatch)


def use(settings, name: str):
    settings.EMAIL_BACKEND, needed = PROVIDERS[name]
    settings.ANYMAIL = dict.fromkeys(needed, "k") | {"MAILGUN_SENDER_DOMAIN": "mg.averdahl.example"} | HOUSE


def sent(settings, name: str = "postmark"):
    use(settings, name)
    with Line() as line:
        line.open()
        return line.send(LETTER)


@pytest.mark.parametrize("name", ["postmark", "resend", "brevo"])
def test_a_mail_goes_by_the_api_with_our_message_id_and_headers(settings, api, name):
    outcome = sent(settings, name)
    assert (outcome.state, outcome.words) == (State.SENT, "")
    (call,) = api.calls
    body = json.dumps(json.loads(call.body))
    assert "List-Unsubscribe" in body
    assert "m1@averdahl.example" in body


@pytest.mark.parametrize("name", ["resend", "brevo"])
def test_a_provider_that_takes_a_key_gets_ours(settings, api, name):
    sent(settings, name)
    (call,) = api.calls
    given = call.headers.get("Idempotency-Key") or json.loads(call.body)["headers"]["idempotencyKey"]
    assert given == "<m1@averdahl.example>"


def test_no_provider_counts_opens_or_rewrites_links(settings, api):
    sent(settings)
    body = json.loads(api.calls[0].body)
    assert (body["TrackOpens"], body["TrackLinks"]) == (False, "None")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, State.UNKNOWN),
        (401, State.SCHEDULED),
        (429, State.SCHEDULED),
        (503, State.SCHEDULED),
        (422, State.FAILED),
        (500, State.UNKNOWN),
    ],
)
def test_each_answer_of_the_api_has_its_outcome(settings, api, status, state):
    api.status, api.body = status, {}
    outcome = sent(settings)
    assert (outcome.state, outcome.code) == (state, str(status))
    assert outcome.sender_at_fault == (status == 401)
    assert outcome.content_refused == (status == 422)


@pytest.mark.parametrize(("name", "state"), [("postmark", State.UNKNOWN), ("resend", State.SCHEDULED)])
def test_a_call_without_an_answer_is_in_doubt_unless_it_may_be_made_again(settings, api, name, state):
    api.error = requests.exceptions.ReadTimeout("no answer")
    assert sent(settings, name).state == state


def test_a_call_that_never_got_through_costs_no_try(settings, api):
    api.error = requests.exceptions.ConnectTimeout("nobody there")
    outcome = sent(settings)
    assert (outcome.state, outcome.tried) == (State.SCHEDULED, False)


def test_a_mail_by_a_mail_server_is_left_as_it_is(settings):
    from leads.sending.providers import name_it

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert not hasattr(name_it(EmailMultiAlternatives(headers={"Message-ID": "<1@x>"})), "metadata")
