"""Mails as colleagues send them to their private address: blind copies, and mails passed on by the usual programs."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage, Message
from typing import Any

from django.contrib.auth import get_user_model

from leads.models import FilingAddress, OwnMail, Person
from leads.own_mail import addresses
from leads.signals import invitation_answered, own_mail_filed
from leads.tests.builders import NOON

FILING = "crm@in.averdahl.example"
LATER = NOON + timedelta(minutes=5)
TEXT = "Two lines of us are down.\n\nCan you come on Tuesday?"


def house_alone(settings: Any, monkeypatch: Any) -> None:
    """Filing is set up, and above leads nobody listens: what sales make of it is shown in their tests."""
    settings.FILING_ADDRESS = FILING
    settings.FILING_RULE = "leads.tests.filing_world.anybody"
    for signal in (own_mail_filed, invitation_answered):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()


def a_person(email: str = "piet@maasland.example", **columns: Any) -> Person:
    named = {"first_name": "Piet", "last_name": "Maas"} | columns
    return Person.objects.create(email=email, email_key=email, **named)


def a_colleague(name: str = "sam", email: str = "") -> Any:
    """With a private address."""
    user = get_user_model().objects.create(username=name, email=email or f"{name}@averdahl.example")
    addresses.renew(user=user, at=NOON)
    return user


def private(user: Any) -> str:
    return addresses._written(FilingAddress.objects.get(user=user).key)


def a_copy(
    user: Any, to: str = "Piet Maas <piet@maasland.example>", *, text: str = "As promised: the offer.", number: int = 1,
    subject: str = "Our offer", sender: str = "", by: str = "Delivered-To", **headers: str,
) -> bytes:  # fmt: skip
    """A mail to somebody, with the private address in blind copy: only its way here tells of that."""
    mail = EmailMessage()
    mail[by] = private(user)
    mail["From"] = sender or f"Sam Okafor <{user.email}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = f"<own{number}@averdahl.example>"
    mail["Date"] = "Fri, 2 Jan 2026 12:00:00 +0000"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{text}\n\nOn Thursday Piet wrote:\n> We think about it")
    return mail.as_bytes()


def passed_on(
    user: Any, body: str, *, subject: str = "Fwd: A question", html: bool = False, **headers: str
) -> bytes:
    """A mail to the private address alone, whose body holds another one."""
    mail = EmailMessage()
    mail["From"] = user.email
    mail["To"] = private(user)
    mail["Subject"] = subject
    mail["Message-ID"] = "<forward1@averdahl.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body, subtype="html" if html else "plain")
    return mail.as_bytes()


def attached(user: Any, inner: Message) -> bytes:
    """Passed on as an attachment, whole."""
    mail = EmailMessage()
    mail["From"] = user.email
    mail["To"] = private(user)
    mail["Subject"] = "Fwd: A question"
    mail["Message-ID"] = "<forward2@averdahl.example>"
    mail.set_content("See below.")
    mail.add_attachment(inner)
    return mail.as_bytes()


def their_mail(number: int = 7, sender: str = "Piet Maas <piet@maasland.example>") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = "Sam Okafor <sam@averdahl.example>"
    mail["Subject"] = "A question"
    mail["Date"] = "Fri, 02 Jan 2026 09:12:33 +0100"
    mail["Message-ID"] = f"<theirs{number}@maasland.example>"
    mail["References"] = "<own1@averdahl.example>"
    mail.set_content(TEXT)
    return mail


def anybody(*, user: Any, person: Person) -> str:
    """The rule of filing of these tests: everybody may, but with people whose last name is Other."""
    return "Exists, owned by Rita." if person.last_name == "Other" else ""


def filed() -> list[tuple[str, str, str]]:
    """Whose, which way, by which Message-ID."""
    rows = OwnMail.objects.select_related("person").order_by("pk")
    return [(row.person.email, row.direction, row.message_id) for row in rows]


# What mail programs write above a mail that is passed on: program → the whole text.
HEADS: dict[str, str] = {
    "gmail en": (
        "---------- Forwarded message ---------\nFrom: Piet Maas <piet@maasland.example>\n"
        "Date: Fri, Jan 2, 2026 at 9:12 AM\nSubject: A question\nTo: Sam Okafor <sam@averdahl.example>\n\n\n"
    ),
    "gmail de": (
        "---------- Forwarded message ---------\nVon: Piet Maas <piet@maasland.example>\n"
        "Date: Fr., 2. Jan. 2026 um 09:12 Uhr\nSubject: A question\nTo: <sam@averdahl.example>\n\n\n"
    ),
    "gmail fr": (
        "---------- Forwarded message ---------\nDe : Piet Maas <piet@maasland.example>\n"
        "Date: ven. 2 janv. 2026 à 09:12\nSubject: A question\nTo: Sam <sam@averdahl.example>\n\n\n"
    ),
    "outlook en": (
        "________________________________\nFrom: Piet Maas <piet@maasland.example>\n"
        "Sent: Friday, January 2, 2026 9:12 AM\nTo: Sam Okafor <sam@averdahl.example>\nSubject: A question\n\n"
    ),
    "outlook de": (
        "Von: Piet Maas <piet@maasland.example>\nGesendet: Freitag, 2. Januar 2026 09:12\n"
        "An: Sam Okafor <sam@averdahl.example>\nCc: Lena <lena@averdahl.example>\nBetreff: A question\n\n"
    ),
    "outlook fr": (
        "De : Piet Maas <piet@maasland.example>\nEnvoyé : vendredi 2 janvier 2026 09:12\n"
        "À : Sam Okafor <sam@averdahl.example>\nObjet : A question\n\n"
    ),
    "outlook it": (
        "-----Messaggio originale-----\nDa: Piet Maas [mailto:piet@maasland.example]\n"
        "Inviato: venerdì 2 gennaio 2026 09:12\nA: Sam Okafor\nOggetto: A question\n\n"
    ),
    "outlook es": (
        "De: Piet Maas <piet@maasland.example<mailto:piet@maasland.example>>\n"
        "Enviado el: viernes, 2 de enero de 2026 9:12\nPara: Sam Okafor\nAsunto: A question\n\n"
    ),
    "apple en": (
        "Begin forwarded message:\n\n> From: Piet Maas <piet@maasland.example>\n> Subject: A question\n"
        "> Date: 2 January 2026 at 09:12:33 CET\n> To: Sam Okafor <sam@averdahl.example>\n> \n"
    ),
    "apple de": (
        "Anfang der weitergeleiteten Nachricht:\n\n> Von: Piet Maas <piet@maasland.example>\n> Betreff: A question\n"
        "> Datum: 2. Januar 2026 um 09:12:33 MEZ\n> An: sam@averdahl.example\n> \n"
    ),
    "apple fr": (
        "Début du message transféré :\n\n> De: Piet Maas <piet@maasland.example>\n> Objet: A question\n"
        "> Date: 2 janvier 2026 à 09:12:33 UTC+1\n> À: sam@averdahl.example\n> \n"
    ),
    "apple it": (
        "Inizio messaggio inoltrato:\n\n> Da: Piet Maas <piet@maasland.example>\n> Oggetto: A question\n"
        "> Data: 2 gennaio 2026 alle ore 09:12:33 CET\n> A: sam@averdahl.example\n> \n"
    ),
    "apple es": (
        "Inicio del mensaje reenviado:\n\n> De: Piet Maas <piet@maasland.example>\n> Asunto: A question\n"
        "> Fecha: 2 de enero de 2026, 9:12:33 CET\n> Para: sam@averdahl.example\n> \n"
    ),
    "thunderbird en": (
        "-------- Forwarded Message --------\nSubject: \tA question\nDate: \tFri, 2 Jan 2026 09:12:33 +0100\n"
        "From: \tPiet Maas <piet@maasland.example>\nTo: \tSam Okafor <sam@averdahl.example>\n\n\n"
    ),
    "thunderbird de": (
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tA question\nDatum: \tFri, 2 Jan 2026 09:12:33 +0100\n"
        "Von: \tPiet Maas <piet@maasland.example>\nAn: \tSam Okafor <sam@averdahl.example>, Lena\n"
        "<lena@averdahl.example>\nKopie (CC): \tx@averdahl.example\n\n\n"
    ),
    "thunderbird fr": (
        "-------- Message transféré --------\nSujet : \tA question\nDate : \tFri, 2 Jan 2026 09:12:33 +0100\n"
        "De : \tPiet Maas <piet@maasland.example>\nPour : \tsam@averdahl.example\n\n\n"
    ),
    "thunderbird it": (
        "-------- Messaggio inoltrato --------\nOggetto: \tA question\nData: \tFri, 2 Jan 2026 09:12:33 +0100\n"
        "Mittente: \tPiet Maas <piet@maasland.example>\nA: \tsam@averdahl.example\n\n\n"
    ),
    "thunderbird es": (
        "-------- Mensaje reenviado --------\nAsunto: \tA question\nFecha: \tFri, 2 Jan 2026 09:12:33 +0100\n"
        "De: \tPiet Maas <piet@maasland.example>\nPara: \tsam@averdahl.example\n\n\n"
    ),
}  # fmt: skip


def a_calendars_answer(
    partstat: str = "ACCEPTED", *, attendee: str = "piet@maasland.example", sender: str = "Piet@maasland.example",
    uid: str = "5f0c@crm.example", sequence: int = 2, method: str = "REPLY",
) -> bytes:  # fmt: skip
    """As Outlook sends it: a line of words, and the answer for machines beside it."""
    return "\r\n".join(
        [
            f"From: {sender}", "To: hello@averdahl.example", "Subject: Accepted: Meeting",
            "Message-ID: <answer1@maasland.example>", "MIME-Version: 1.0",
            "Content-Type: multipart/alternative; boundary=b", "",
            "--b", "Content-Type: text/plain", "", "Glad to.", "",
            "--b", "Content-Type: text/calendar; method=REPLY; charset=utf-8", "",
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid}",
            f"ATTENDEE;PARTSTAT={partstat};CN=Piet:mailto:{attendee}", f"SEQUENCE:{sequence}",
            "DTSTAMP:20261118T120000Z", "DTSTART:20261120T120000Z", "END:VEVENT", "END:VCALENDAR", "",
            "--b--", "",
        ]
    ).encode()  # fmt: skip
