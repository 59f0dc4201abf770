"""By which provider mail leaves and where answers come in: what is taken, and what is refused with clear words."""

import pytest

from crm import mail_environment as read
from crm.environment import BadValue
from crm.tests.test_environment import HERE


def mail(value: str, **keys: str):
    return read.mail("EMAIL_URL", value, HERE, keys)


def test_a_provider_is_named_with_its_key_in_the_address_or_beside_it():
    inside, beside = mail("anymail+postmark:k-1"), mail("anymail+postmark:", POSTMARK_SERVER_TOKEN="k-1")
    assert inside == beside
    assert inside["EMAIL_BACKEND"] == "anymail.backends.postmark.EmailBackend"
    assert inside["ANYMAIL"]["POSTMARK_SERVER_TOKEN"] == "k-1"


def test_a_provider_that_wants_two_keys_and_one_that_wants_the_domain_get_them():
    assert mail("anymail+mailjet:a:b")["ANYMAIL"] == {"MAILJET_API_KEY": "a", "MAILJET_SECRET_KEY": "b"}
    gun = mail("anymail+mailgun://k%2F1@mg.averdahl.example")["ANYMAIL"]
    assert gun == {"MAILGUN_API_KEY": "k/1", "MAILGUN_SENDER_DOMAIN": "mg.averdahl.example"}


@pytest.mark.parametrize("name", read.PROVIDERS)
def test_every_provider_named_has_a_back_end(name, settings):
    from django.utils.module_loading import import_string

    backend, needed = read.PROVIDERS[name]
    settings.ANYMAIL = dict.fromkeys(needed, "k") | read.HOUSE
    assert import_string(backend)().fail_silently is False


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("anymail+nobody:key", "with one of brevo"),
        ("anymail+postmark", "with one of brevo"),
        ("anymail+postmark:", "ANYMAIL_POSTMARK_SERVER_TOKEN"),
        ("anymail+mailjet:one", "MAILJET_API_KEY, MAILJET_SECRET_KEY"),
    ],
)
def test_a_provider_that_makes_no_sense_is_refused_without_showing_its_key(value, words):
    with pytest.raises(BadValue) as refused:
        mail(value)
    assert words in str(refused.value)
    assert "one'" not in str(refused.value)
    assert "key" not in str(refused.value).partition(" makes no sense")[0]


def test_keys_come_from_the_environment_or_from_files(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    found = read.provider_keys(
        {"ANYMAIL_WEBHOOK_SECRET_FILE": str(tmp_path / "secret"), "ANYMAIL_MAILGUN_API_KEY": "k"}
    )
    assert (found["WEBHOOK_SECRET"], found["MAILGUN_API_KEY"]) == ("s3cret", "k")


def test_mail_by_a_provider_is_neither_rewritten_nor_counted_there():
    assert read.provider_keys({})["SEND_DEFAULTS"] == {"track_opens": False, "track_clicks": False}


def test_a_mailbox_is_read_with_its_odd_letters():
    box = read.inbox("INBOX_URL", "imaps://me%40x.example:p%2Fw@imap.x.example/Bounces%20in?move=Done")
    assert (box["host"], box["port"], box["ssl"]) == ("imap.x.example", 993, True)
    assert (box["user"], box["password"], box["folder"], box["move"]) == (
        "me@x.example",
        "p/w",
        "Bounces in",
        "Done",
    )
    assert read.inbox("INBOX_URL", "imap://a:b@h?tls=1")["starttls"]
    assert read.inbox("INBOX_URL", "maildir:/var/mail/in") == {"kind": "maildir", "folder": "/var/mail/in"}
    assert read.inbox("INBOX_URL", "") == {}


@pytest.mark.parametrize(
    "value",
    [
        "pop3://a:b@host",
        "imaps://host",
        "imaps://user@host",
        "imaps://a:s3cret@host:port",
        "imaps://a:s3cret@host?delete=1",
        "imaps://a:s3cret@host?tls=1",
        "imap://a:s3cret@host?tls=perhaps",
        "imaps://a:s3cret@host/a%22b",
        "maildir:",
        "maildir://host/folder",
    ],
)
def test_a_mailbox_that_makes_no_sense_is_refused_without_its_password(value):
    with pytest.raises(BadValue, match="INBOX_URL=") as refused:
        read.inbox("INBOX_URL", value)
    assert "s3cret" not in str(refused.value)
