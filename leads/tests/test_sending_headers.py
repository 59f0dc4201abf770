"""Who a mail is from, and where what cannot be delivered goes (RELIABILITY N13; RFC 8058, 2919, 3834)."""

import pytest
from django.contrib.auth import get_user_model

from campaigns.models import Sequence
from leads import tokens
from leads.keyrings import _read
from leads.models import Message
from leads.sending.headers import envelope_sender, headers, sender, unsubscribe_url
from leads.tests.mail_world import a_download, a_due_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(settings):
    settings.DEFAULT_FROM_EMAIL = "Averdahl Sensing <hello@averdahl.example>"
    return a_due_mail()


def from_the_owner(mail: Message, email: str, **names: str) -> Message:
    """The mail as of a sequence that speaks in an owner's name."""
    names = names or {"first_name": "Sanne", "last_name": 'de "W" Wit'}
    mail.person.sales_owner = get_user_model().objects.create(username="sanne", email=email, **names)
    mail.enrolment.sequence.audience = Sequence.Audience.PROSPECTS
    return mail


def test_a_lead_hears_from_the_organisation(mail):
    assert sender(mail) == "Averdahl Sensing <hello@averdahl.example>"
    assert "Reply-To" not in headers(mail)


def test_a_prospect_hears_from_their_owner(mail):
    from_the_owner(mail, "sanne@averdahl.example")
    assert sender(mail) == '"Sanne de \\"W\\" Wit" <sanne@averdahl.example>'
    assert "Reply-To" not in headers(mail)


def test_an_owner_of_another_domain_is_answered_there_and_the_mail_is_from_ours(mail):
    from_the_owner(mail, "sanne@elsewhere.example", first_name="Sanne\r\nBcc: x@y.example")
    assert sender(mail) == '"Sanne Bcc: x@y.example" <hello@averdahl.example>'
    assert headers(mail)["Reply-To"] == "sanne@elsewhere.example"


@pytest.mark.parametrize(
    "email", ["", "not an address", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.z"]
)
def test_an_owner_without_a_usable_address_does_not_speak(mail, email):
    assert sender(from_the_owner(mail, email)) == "Averdahl Sensing <hello@averdahl.example>"


def test_bounces_go_to_the_sender_unless_a_place_for_them_is_named(mail, settings):
    settings.BOUNCE_ADDRESS = ""
    assert envelope_sender(mail) == "hello@averdahl.example"


def test_each_mail_has_an_envelope_of_its_own_that_names_it_whatever_a_server_makes_of_capitals(
    mail, settings
):
    settings.BOUNCE_ADDRESS = "bounces@mail.averdahl.example"
    envelope = envelope_sender(mail)
    local, _at, domain = envelope.partition("@")
    assert (local.partition("+")[0], domain) == ("bounces", "mail.averdahl.example")
    assert len(local) <= 64
    assert tokens.read_bounce(local.partition("+")[2].upper()) == mail.pk


def test_a_forged_envelope_names_nothing(mail):
    token = tokens.bounce_token(mail.pk)
    for forged in (token[:-1] + ("a" if token[-1] != "a" else "b"), "1", "", "1-", "1-ü", f"0{token}"):
        with pytest.raises(tokens.BadToken):
            tokens.read_bounce(forged)


def test_an_envelope_outlives_a_new_key(mail, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    token = tokens.bounce_token(mail.pk)
    ring = tmp_path / "keys" / "bounces"
    ring.write_text("a-new-key\n" + ring.read_text())
    _read.cache_clear()
    assert tokens.bounce_token(mail.pk) != token
    assert tokens.read_bounce(token) == mail.pk


def test_the_way_out_names_the_mail_and_the_address_it_went_to_by_no_more_than_a_hash(mail):
    url = unsubscribe_url(mail)
    way = tokens.read_unsubscribe(url.rstrip("/").rpartition("/")[2])
    assert (way.person_id, way.message_id) == (mail.person_id, mail.pk)
    assert len(way.email_hash) == 64
    assert "maasland" not in url


def test_only_mail_that_was_asked_for_says_that_a_machine_wrote_it(mail):
    one = Message(kind=Message.Kind.ONE_TO_ONE, person=mail.person, message_id="<1@x>", pk=1)
    assert headers(a_download())["Auto-Submitted"] == "auto-generated"
    assert "Auto-Submitted" not in headers(mail)
    assert "Auto-Submitted" not in headers(one)
