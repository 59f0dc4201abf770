"""What mail programs write above a mail that is passed on, in five languages; and dates as people read them."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.feedback.parts import parsed
from leads.own_mail.dates import read_date
from leads.own_mail.forwarded import original
from leads.own_mail.words import message_id_or_hash, named, own_words
from leads.tests.filing_world import HEADS, TEXT, their_mail

ZURICH = ZoneInfo("Europe/Zurich")
MORNING = datetime(2026, 1, 2, 8, 12, tzinfo=UTC)


def a_mail(body: str, html: bool = False, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Fwd: A question"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body, subtype="html" if html else "plain")
    return mail


def quoted(head: str) -> str:
    """Apple Mail marks the lines of the mail, too."""
    return (
        "\n".join(f"> {line}" for line in TEXT.splitlines()) if "\n> From" in head or "\n> " in head else TEXT
    )


@pytest.mark.parametrize("program", HEADS)
def test_the_mail_that_was_passed_on_is_found(program):
    head = HEADS[program]
    found = original(parsed(a_mail(f"Please file.\n\n{head}{quoted(head)}\n").as_bytes()), zone=ZURICH)
    assert found is not None
    assert (found.sender, found.name, found.subject) == ("piet@maasland.example", "Piet Maas", "A question")
    assert found.at is not None
    assert found.at.replace(second=0) == MORNING
    assert found.text == TEXT


def test_in_html_too():
    body = (
        "<div>FYI</div><hr><div><b>From:</b> Piet Maas &lt;piet@maasland.example&gt;<br><b>Sent:</b> Friday, January "
        "2, 2026 9:12 AM<br><b>To:</b> Sam<br><b>Subject:</b> A question<br></div><p>Come on Tuesday?</p>"
    )
    found = original(parsed(a_mail(body, html=True).as_bytes()), zone=ZURICH)
    assert found is not None
    assert (found.sender, found.at, found.text) == ("piet@maasland.example", MORNING, "Come on Tuesday?")


def test_in_gmails_bold_plain_text():
    body = (
        "*From:* Piet Maas <piet@maasland.example>\n*Sent:* Friday, 2 January 2026 09:12\n*To:* Sam\n"
        "*Subject:* A question\n\nHi"
    )
    found = original(parsed(a_mail(body).as_bytes()), zone=ZURICH)
    assert found is not None
    assert (found.sender, found.name, found.at, found.text) == (
        "piet@maasland.example",
        "Piet Maas",
        MORNING,
        "Hi",
    )


def test_an_attached_mail_is_read_whole():
    mail = EmailMessage()
    mail.set_content("see below")
    mail.add_attachment(their_mail())
    found = original(parsed(mail.as_bytes()), zone=ZURICH)
    assert found is not None
    assert (found.message_id, found.references) == (
        "<theirs7@maasland.example>",
        ("<own1@averdahl.example>",),
    )
    assert (found.text, found.at) == (TEXT, MORNING.replace(second=33))


@pytest.mark.parametrize("header", ["X_Forwarded_Message_Id", "In_Reply_To", "References"])
def test_the_true_message_id_stands_in_the_head_of_what_passes_it_on(header):
    mail = a_mail(HEADS["gmail en"] + TEXT, **{header: "<first@x.example> <theirs7@maasland.example>"})
    found = original(parsed(mail.as_bytes()), zone=ZURICH)
    assert found is not None
    assert found.message_id == "<theirs7@maasland.example>"


def test_without_one_it_is_made_of_what_was_said_whoever_passes_it_on():
    names = {
        original(parsed(a_mail(HEADS[program] + TEXT).as_bytes()), zone=ZURICH).message_id  # type: ignore[union-attr]
        for program in ("gmail en", "outlook de", "thunderbird fr")
    }
    assert len(names) == 1
    assert names.pop().endswith("@passed-on.invalid>")


@pytest.mark.parametrize(
    "text",
    [
        "Dear Piet,\nFrom: what I hear you need two.\nRegards",
        "From: Piet <piet@maasland.example>",
        "To: do\nDate: tomorrow\nSubject: lunch",
        "",
    ],
)
def test_an_ordinary_text_passes_nothing_on(text):
    assert original(parsed(a_mail(text or "\n").as_bytes()), zone=ZURICH) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/2/2026 9:12 AM", (2026, 3, 2, 9, 12)),
        ("2/3/2026 09:12", (2026, 3, 2, 9, 12)),
        ("02.03.26 21:12:05", (2026, 3, 2, 21, 12)),
        ("lunes, 2 de marzo de 2026 9:12", (2026, 3, 2, 9, 12)),
        ("lundi 2 août 2027 09:12", (2027, 8, 2, 9, 12)),
        ("giovedì 4 giugno 2026 09.12", (2026, 6, 4, 9, 12)),
        ("1er juillet 2026 à 9h12", (2026, 7, 1, 9, 12)),
        ("Montag, 2. März 2026 09:12", (2026, 3, 2, 9, 12)),
        ("Monday, March 2, 2026 12:05 am", (2026, 3, 2, 0, 5)),
        ("2026-03-02 09:12", (2026, 3, 2, 9, 12)),
    ],
)
def test_dates_as_people_read_them(text, day):
    found = read_date(text, ZURICH)
    assert found is not None
    assert (found.year, found.month, found.day, found.hour, found.minute) == day


@pytest.mark.parametrize("text", ["", "yesterday", "31.02.2026 09:12", "2026-13-01", "9:12", "0/0/0000"])
def test_what_is_no_date_is_none(text):
    assert read_date(text, ZURICH) is None


@given(st.text(max_size=300))
def test_any_text_is_a_date_or_none(text):
    found = read_date(text, ZURICH)
    assert found is None or found.tzinfo is not None


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail(raw):
    mail = parsed(raw)
    original(mail, zone=ZURICH)
    assert message_id_or_hash(mail, raw)
    named(mail, "From", "To", "Cc")


LINES = st.sampled_from(
    ["From: Piet <piet@maasland.example>", "Date: Fri, 2 Jan 2026 09:12", "Subject: x", "To: a@b.example", "> ", "",
     "::", "From:", "Von: ", "*", "> From: a@b.example", "\u00a0", "Sent: 99/99/9999 99:99 PM -9999"]
)  # fmt: skip


@given(st.lists(LINES, max_size=30))
def test_heads_in_any_order_break_nothing(lines):
    found = original(message_from_bytes(("Subject: x\n\n" + "\n".join(lines)).encode()), zone=ZURICH)
    assert found is None or found.sender


def test_a_long_mail_of_labels_takes_no_long_time():
    body = "From: x\n" * 20_000 + "To: " + "a@b.example, " * 2000
    original(message_from_bytes(f"Subject: x\n\n{body}".encode()), zone=ZURICH)


def test_own_words_keep_their_paragraphs_and_lose_the_quote():
    quoted = "On Fri, Jan 2, 2026 at 9:12 AM Sam Okafor <sam@averdahl.example>\nwrote:\n\n> old"
    text = f"Hi Sam,\n\nyes.\n\n\n\nPiet\n\n{quoted}"
    assert own_words(text) == "Hi Sam,\n\nyes.\n\nPiet"


def test_a_comma_in_an_encoded_name_makes_no_second_address():
    mail = message_from_bytes(b"To: =?utf-8?q?boss=40house=2Eexample=2C_Piet?= <piet@maasland.example>\n\n")
    assert named(mail, "To") == [("piet@maasland.example", "boss@house.example, Piet")]
