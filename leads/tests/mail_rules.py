"""What every mail has to be (RELIABILITY N13), checked on the bytes a mail server took: what is wrong, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import cached_property
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")
OF_LISTS = (
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
)  # of all but what one person writes to another
_URL = re.compile(r"https?://[^\s\"'<>]+")
# "Hello," greets, and so does "Hola:"; "Hello ," has lost a name, and "None" is nobody's.
_HELLO = r"\b(?:Hello|Hallo|Hi|Hola|Dear|Bonjour|Buongiorno|Guten Tag)\b"
_NOBODY = re.compile(
    rf"{_HELLO}[\s,]+(?:none|null|nan|n/a|undefined)\b"
    rf"|^\s*{_HELLO}(?:[ \t\xa0]+[,.;:!]|(?![,:!][ \t\r]*$)[^\w\n]*$)",
    re.I | re.M,
)


@dataclass(frozen=True)
class Taken:
    """A mail as the server has it: its bytes, the sender and the receivers of the envelope."""

    raw: bytes
    sender: str
    receivers: list[str]

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @cached_property
    def parts(self) -> dict[str, str]:
        """What is written in the text and in the HTML; empty where there is none."""
        bodies = {kind: self.message.get_body((kind,)) for kind in ("plain", "html")}
        return {kind: body.get_content() if body else "" for kind, body in bodies.items()}

    @cached_property
    def html(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.parts["html"])

    @property
    def blocks(self) -> list[str]:
        """The paragraphs and headings of the HTML, as somebody reads them."""
        return [" ".join(node.text().split()) for node in self.html.css("p, h1, h2, h3, td")]


@dataclass(frozen=True)
class Expected:
    """What is known of the mail from elsewhere. ``base_url`` begins the addresses that are ours.

    ``by_hand``: one person wrote it to another; ``cold``: to somebody who has never shown interest.
    """

    to: str
    domain: str
    base_url: str
    postal_address: str
    tracked: bool
    asked_for: bool
    by_hand: bool = False
    cold: bool = False


def broken(mail: Taken, of: Expected) -> list[str]:
    """Every rule this mail breaks; empty where it keeps them all."""
    return [
        *_bytes(mail.raw),
        *_headers(mail, of),
        *_parts(mail, of),
        *_addresses(mail, of),
        *_tracking(mail, of),
    ]


def _bytes(raw: bytes) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "a line does not end in CRLF"
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        yield "a line is longer than 998 bytes"


def _headers(mail: Taken, of: Expected) -> Iterator[str]:
    message = mail.message
    for name in ONCE:
        if len(message.get_all(name, [])) != 1:
            yield f"{name} is there {len(message.get_all(name, []))} times"
    for name in OF_LISTS:
        if len(message.get_all(name, [])) != (not of.by_hand):
            yield f"{name} is there {len(message.get_all(name, []))} times"
    if any(message.get_all(name) for name in ("Cc", "Bcc")):
        yield "there is a copy for somebody else"
    if mail.receivers != [of.to] or str(message["To"]) != of.to:
        yield f"it goes to {mail.receivers}, To says {message['To']}, not one {of.to}"
    if not re.fullmatch(rf"<[^<>@\s]+@{re.escape(of.domain)}>", str(message["Message-ID"]).strip()):
        yield "the Message-ID is not of our domain"
    if not str(message["From"]).rstrip(">").endswith(f"@{of.domain}") or not mail.sender.endswith(
        f"@{of.domain}"
    ):
        yield f"From or the envelope's sender is not of our domain: {message['From']}, {mail.sender}"
    if parsedate_to_datetime(str(message["Date"])) is None:
        yield "the date is none"
    if not of.by_hand:
        yield from _one_click(message, of)
    if (str(message["Auto-Submitted"]) == "auto-generated") is not of.asked_for:
        yield f"Auto-Submitted is {message['Auto-Submitted']}"


def _one_click(message: EmailMessage, of: Expected) -> Iterator[str]:
    if not re.fullmatch(rf"<{re.escape(of.base_url)}/u/[^<>\s]+>", str(message["List-Unsubscribe"]).strip()):
        yield "List-Unsubscribe is no https address of ours"
    if str(message["List-Unsubscribe-Post"]) != "List-Unsubscribe=One-Click":
        yield "no one-click"


def _way_out(mail: Taken, of: Expected) -> Iterator[str]:
    """To be seen in both parts. A person who asked for nothing has one in a mail by hand as well."""
    if of.by_hand and not of.cold:
        return
    way_out = str(mail.message["List-Unsubscribe"]).strip().strip("<>")
    if of.by_hand:
        ours = [link for link in links(mail) if link.startswith(f"{of.base_url}/u/")]
        way_out = ours[0] if ours else "none"
    if way_out not in mail.parts["plain"] or way_out not in links(mail):
        yield "no visible way out"


def _parts(mail: Taken, of: Expected) -> Iterator[str]:
    if [part.get_content_type() for part in mail.message.iter_parts()] != ["text/plain", "text/html"]:
        yield "it is not text and HTML"
    yield from _way_out(mail, of)
    for kind in ("plain", "html"):
        if of.postal_address not in mail.parts[kind]:
            yield f"no postal address in {kind}"
        if re.search(r"\{\{\s*(person|owner|links)|\{%\s*(if|unless|for)", mail.parts[kind]):
            yield f"a merge field is left in {kind}"
    if not str(mail.message["Subject"]).strip():
        yield "the subject is empty"
    for line in [str(mail.message["Subject"]), mail.parts["plain"], *mail.blocks]:
        if found := _NOBODY.search(line):
            yield f"nobody is greeted: {found[0]!r}"


def _addresses(mail: Taken, of: Expected) -> Iterator[str]:
    local = of.to.partition("@")[0].lower()
    for kind in ("plain", "html"):
        for url in _URL.findall(mail.parts[kind]):
            said = unquote(url).lower()
            if "@" in said or local in said:
                yield f"an address stands in a URL: {url}"


def _tracking(mail: Taken, of: Expected) -> Iterator[str]:
    ours = [
        url.removeprefix(of.base_url) for url in links(mail) + pictures(mail) if url.startswith(of.base_url)
    ]
    counted = [path for path in ours if path.startswith(("/c/", "/o/", "/x/"))]
    if not of.tracked and counted:
        yield f"without consent to tracking there is {counted}"
    if of.tracked and {path[:3] for path in counted} != {"/c/", "/o/", "/x/"}:
        yield f"with consent to tracking there is only {counted}"


def links(mail: Taken) -> list[str]:
    return [node.attributes.get("href") or "" for node in mail.html.css("a[href]")]


def pictures(mail: Taken) -> list[str]:
    return [node.attributes.get("src") or "" for node in mail.html.css("img[src]")]
