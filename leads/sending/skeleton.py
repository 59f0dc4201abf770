"""Mails of one wording are the same but for a few words: the whole mail is made once, then only those are filled in.

A skeleton comes from the usual way (`letters.written`) with marks in place of what is one person's own, and is taken
only if it proves itself: a hostile person filled in must read exactly as the usual way writes them. Words that do more
with a field than print it (a comparison, a filter on its value) never get one. Whatever does not fit, an unusual
address or a header beyond ASCII, goes the usual way too.
"""

from __future__ import annotations

import re
import secrets
from binascii import b2a_qp
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from email.header import Header
from email.utils import formatdate
from typing import Any

from django.conf import settings

from campaigns.mail import compose
from campaigns.mail.printing import only_prints
from leads.models import Message
from leads.sending import letters
from leads.sending.letters import Letter, Made, Parts
from leads.sending.line import Written, email

MOST_KEPT = 200
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_URL = re.compile(r"https?://[A-Za-z0-9:._~/%-]{1,900}")
_NO_ESCAPES = re.compile(r"[A-Za-z0-9 :;,._~/%&()!?'+-]+")
_DOTS = re.compile(rb"(?m)^\.+")
_SPECIAL = "&<>\"'"
_AS_WRITTEN = (
    r"(&amp;|&)(&lt;|<)(&gt;|>)(&quot;|&#34;|\")(&#x27;|&#39;|')"  # each of the five, escaped or not
)
HOSTILE = 'Zoë & <b>"O\'Hara"</b> {{ brand }} {% x %} =?utf-8?q?x?= .. 木 ' + "long " * 60 + "end"


@dataclass(frozen=True)
class Hole:
    """Where one of a person's words goes, and how the five special characters are written there."""

    name: str
    escapes: Mapping[int, str] | None = None

    def words(self, values: Mapping[str, str]) -> str:
        value = values[self.name]
        return value.translate(self.escapes) if self.escapes else value


Pieces = list[str | Hole]


@dataclass(frozen=True)
class Skeleton:
    """A mail with holes: as text, to be compared, and its body as the bytes that go over the line."""

    subject: Pieces
    text: Pieces
    html: Pieces
    body: list[bytes | Hole]
    content_type: str
    sender: str

    def read(self, values: Mapping[str, str]) -> compose.Rendered:
        """The mail as the usual way would have written it."""
        return compose.Rendered(
            _joined(self.subject, values), _joined(self.html, values), _joined(self.text, values)
        )

    def fill(self, letter: Letter, values: Mapping[str, str]) -> bytes | None:
        """The whole mail for one person; None where a header would need more than plain ASCII on one line."""
        head = _head(self, letter)
        if head is None:
            return None
        made: dict[str, bytes] = {}  # most words stand in the text and in the page
        whole = [head]
        for piece in self.body:
            if not isinstance(piece, bytes):
                words = piece.words(values)
                if words not in made:
                    made[words] = _encoded(words)
                piece = made[words]
            whole.append(piece)
        return b"".join(whole)


class Skeletons:
    """The skeletons a process has made, by all that its mails have in common."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Skeleton | None] = OrderedDict()
        self._seen: OrderedDict[object, None] = OrderedDict()

    def letter(self, message: Message, at: datetime, made: Made) -> Letter | Written:
        """The mail of a message, filled into a skeleton where that is safe, else made the usual way."""
        if message.kind != Message.Kind.SEQUENCE:
            return letters.letter(message, at, made)
        parts = letters.parts(message, made)
        values = personal(parts)
        skeleton = self._of(parts, values, letters.sender(message)) if fits(values) else None
        if skeleton is None:
            return letters.addressed(message, letters.written(parts))
        letter = letters.addressed(message, compose.Rendered(_joined(skeleton.subject, values), "", ""))
        return written(skeleton, letter, values) or letters.addressed(message, letters.written(parts))

    def _of(self, parts: Parts, values: Mapping[str, str], sender: str) -> Skeleton | None:
        """The skeleton of such mails. It is made when the second of them comes: a single one is not worth it."""
        key = (sender, *in_common(parts, values))
        if key in self._kept:
            return self._kept[key]
        if key not in self._seen:
            self._seen[key] = None
            _forget_oldest(self._seen)
            return None
        self._kept[key] = make(parts, sender)
        _forget_oldest(self._kept)
        return self._kept[key]


def written(skeleton: Skeleton, letter: Letter, values: Mapping[str, str]) -> Written | None:
    """Ready for the line, or None where sender or receiver is no plain address or a header does not fit."""
    if not (_ADDRESS.fullmatch(letter.to) and _ADDRESS.fullmatch(letter.envelope)):
        return None
    raw = skeleton.fill(letter, values)
    return Written(letter.envelope, letter.to, letter.subject, raw) if raw else None


def _forget_oldest(kept: OrderedDict) -> None:
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)


# What is one person's own in a mail.


def personal(parts: Parts) -> dict[str, str]:
    """Name → the words or the address that only this person's mail says."""
    addresses = dict.fromkeys([*_urls(parts.footer), *parts.unseen.values()])
    if parts.unseen:
        piece = parts.fields.get("piece") or {}
        addresses |= dict.fromkeys([*parts.links.values(), *_urls(piece)])
    found = {f"address {number}": url for number, url in enumerate(addresses)}
    return found | {f"person.{name}": value for name, value in parts.fields["person"].items()}


def _urls(words: Mapping[str, str]) -> Iterator[str]:
    return (value for name, value in words.items() if name.endswith("url") and value)


def fits(values: Mapping[str, str]) -> bool:
    """An address is plain; a person's word is none, or a link around it could read otherwise than with a mark."""
    return all(
        _URL.fullmatch(value) if name.startswith("address") else "://" not in value and len(value) < 1000
        for name, value in values.items()
    )


def in_common(parts: Parts, values: Mapping[str, str]) -> tuple:
    """All that decides what such a mail says besides the personal words: equal, then the skeleton is the same."""
    names = {value: name for name, value in values.items() if name.startswith("address")}
    words = parts.words
    return (
        words.subject,
        words.preheader,
        words.body,
        words.format,
        words.language,
        *(_shared(getattr(parts, name), names) for name in _LOOKED_UP),
    )


_LOOKED_UP = [field.name for field in fields(Parts) if field.name != "words"]


def _shared(given: Any, names: Mapping[str, str]) -> object:
    """The same for everybody: of a person only what is known, of an address only which it is."""
    if isinstance(given, str):
        return names.get(given, given)
    if not isinstance(given, dict):
        return given
    found: list[object] = []
    for name, value in given.items():
        found.append(name)
        if isinstance(value, str):
            found.append(names.get(value, value))
        else:
            found.append(tuple(value) if name == "person" else _shared(value, names))
    return tuple(found)


def _with(parts: Parts, values: Mapping[str, str]) -> Parts:
    """The same mail with other personal words."""
    now = personal(parts)
    other = {now[name]: value for name, value in values.items() if name.startswith("address")}
    person = {name: values[f"person.{name}"] for name in parts.fields["person"]}
    changed = {name: _changed(getattr(parts, name), other) for name in _LOOKED_UP}
    return replace(parts, **changed | {"fields": {**changed["fields"], "person": person}})


def _changed(given: Any, other: Mapping[str, str]) -> Any:
    if isinstance(given, dict):
        return {name: _changed(value, other) for name, value in given.items()}
    return other.get(given, given) if isinstance(given, str) else given


# Making one.


def make(parts: Parts, sender: str) -> Skeleton | None:
    """The skeleton of mails such as this one; None where it cannot be proven to be the same."""
    words = parts.words
    if not all(map(only_prints, (words.subject, words.preheader, words.body))):
        return None
    marks = _Marks(personal(parts))
    made = letters.written(_with(parts, marks.values))
    pieces = [marks.split(each) for each in (made.subject, made.text, made.html)]
    if any(each is None for each in pieces):
        return None
    subject, text, html = (each or [] for each in pieces)
    head = email(Letter(sender, "a@b.example", "", "", "", {})).message()
    boundary = f"=_{secrets.token_hex(16)}"
    skeleton = Skeleton(
        subject,
        text,
        html,
        body=_body(text, html, boundary),
        content_type=f'multipart/alternative; boundary="{boundary}"',
        sender=str(head["From"]),
    )
    hostile = {name: marks.other(name) for name in marks.values}
    return skeleton if skeleton.read(hostile) == letters.written(_with(parts, hostile)) else None


class _Marks:
    """Signs that stand for a person's words while the usual way makes the mail, found again in what it made."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._sign = f"zq{secrets.token_hex(6)}"
        self._names = list(names)
        self.values = {name: self._mark(number, name) for number, name in enumerate(self._names)}
        self._found = re.compile(
            rf"https://{self._sign}(\d+)u\.example/|{self._sign}(\d+)x{_AS_WRITTEN}x{self._sign}"
        )

    def _mark(self, number: int, name: str) -> str:
        if name.startswith("address"):
            return f"https://{self._sign}{number}u.example/"
        return f"{self._sign}{number}x{_SPECIAL}x{self._sign}"

    def other(self, name: str) -> str:
        """Another value of that kind, for the proof: a hostile one."""
        number = self._names.index(name)
        return f"https://proof{number}.example/" if name.startswith("address") else f"{HOSTILE}{number}"

    def split(self, words: str) -> Pieces | None:
        """What stands between the marks, and the holes; None where a mark did not come through whole."""
        pieces: Pieces = []
        since = 0
        for found in self._found.finditer(words):
            pieces += [words[since : found.start()], self._hole(found)]
            since = found.end()
        pieces.append(words[since:])
        broken = any(self._sign in piece for piece in pieces if isinstance(piece, str))
        return None if broken else pieces

    def _hole(self, found: re.Match) -> Hole:
        address, person, *written = found.groups()
        if address:
            return Hole(self._names[int(address)])
        escapes = {ord(char): word for char, word in zip(_SPECIAL, written, strict=True) if char != word}
        return Hole(self._names[int(person)], escapes or None)


def _joined(pieces: Pieces, values: Mapping[str, str]) -> str:
    return "".join(piece if isinstance(piece, str) else piece.words(values) for piece in pieces)


# Bytes. Quoted-printable, so that every server passes it on unchanged and no line is long.


def _body(text: Pieces, html: Pieces, boundary: str) -> list[bytes | Hole]:
    found: list[bytes | Hole] = [b""]
    for kind, pieces in (("plain", text), ("html", html)):
        found[-1] = (
            _bytes(found[-1])
            + (
                f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nMIME-Version: 1.0\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
            ).encode()
        )
        found += _lines(pieces)
        found.append(b"\r\n")
    found[-1] = f"\r\n--{boundary}--\r\n".encode()
    return found


def _bytes(piece: bytes | Hole) -> bytes:
    assert isinstance(piece, bytes)
    return piece


def _lines(pieces: Pieces) -> Iterator[bytes | Hole]:
    """What goes into a hole begins a line of its own and ends it softly, so it never makes another one longer."""
    for number, piece in enumerate(pieces):
        if isinstance(piece, Hole):
            yield piece
            continue
        yield _encoded(piece) if number < len(pieces) - 1 else _encoded(piece, softly=False)


def _encoded(words: str, *, softly: bool = True) -> bytes:
    """Words as lines of quoted-printable, the last one ended by a soft break. No line begins with a dot."""
    if softly and _NO_ESCAPES.fullmatch(words):
        cut = [words[start : start + 75] for start in range(0, len(words), 75)]
        if not any(line.startswith(".") for line in cut):
            return "=\r\n".join([*cut, ""]).encode()
    lines = b2a_qp(words.replace("\r\n", "\n").encode(), istext=True)
    lines = _DOTS.sub(lambda dots: b"=2E=\n" * len(dots[0]), lines)
    whole = lines.replace(b"\n", b"\r\n")
    return _softly_ended(whole) if softly else whole


def _softly_ended(lines: bytes) -> bytes:
    """A line has room for 76 signs, the soft break's own among them."""
    if not lines or lines.endswith(b"\n"):
        return lines
    cut = len(lines)
    if cut - (lines.rfind(b"\n") + 1) > 75:
        cut -= 4
        while b"=" in lines[cut - 2 : cut]:  # not through an escape
            cut -= 1
    return b"=\r\n".join(filter(None, (lines[:cut], lines[cut:]))) + b"=\r\n"


def _head(skeleton: Skeleton, letter: Letter) -> bytes | None:
    lines = [
        f"Content-Type: {skeleton.content_type}",
        "MIME-Version: 1.0",
        f"Subject: {_subject(letter.subject)}",
        f"From: {skeleton.sender}",
        f"To: {letter.to}",
        f"Date: {formatdate(localtime=settings.EMAIL_USE_LOCALTIME)}",
        *(f"{name}: {value}" for name, value in letter.headers.items()),
    ]
    rest = "".join(lines[4:])
    if not (rest.isascii() and rest.isprintable()) or any(len(line) > 900 for line in lines[4:]):
        return None
    return "\r\n".join([*lines, "", ""]).encode()


def _subject(words: str) -> str:
    if len(words) < 60 and words.isascii() and words.isprintable():
        return words
    return Header(words, "us-ascii" if words.isascii() else "utf-8", header_name="Subject").encode(
        linesep="\r\n"
    )
