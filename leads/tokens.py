"""Signed tokens for visitors, each bound to its purpose. Nothing else identifies a visitor to us."""

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.core import signing

from leads.keyrings import keys

DOWNLOAD_AGE = timedelta(days=7)
CONFIRM_AGE = timedelta(days=30)
THANKS_AGE = timedelta(hours=24)
PERSON_AGE = timedelta(days=30)
VISITOR_AGE = timedelta(days=180)


class BadToken(Exception):
    """Forged, damaged or for another purpose."""


class ExpiredToken(BadToken):
    """Genuine but too old. ``value`` is what it named, so that the page can offer a new mail."""

    def __init__(self, value: int) -> None:
        super().__init__("expired")
        self.value = value


@dataclass(frozen=True)
class MailToken:
    """A message and whose it is, and for a click the link; 0 for an open. All that leading on needs without a query."""

    message_id: int
    person_id: int
    link_id: int = 0


def _signer(purpose: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"leads.tokens.{purpose}")


def _make(purpose: str, value: int) -> str:
    return _signer(purpose).sign(_base36(value))


def _read(purpose: str, token: str, age: timedelta) -> int:
    signer = _signer(purpose)
    try:
        return int(signer.unsign(token, max_age=age), 36)
    except signing.SignatureExpired:
        raise ExpiredToken(int(signer.unsign(token), 36)) from None
    except (signing.BadSignature, ValueError):
        raise BadToken(purpose) from None


def download_token(submission_id: int) -> str:
    """For ``/d/<token>/``: the file of the page that this submission was sent on, for ``DOWNLOAD_AGE``."""
    return _make("download", submission_id)


def read_download(token: str) -> int:
    """The submission's id. Raises ExpiredToken (with the id) or BadToken."""
    return _read("download", token, DOWNLOAD_AGE)


def thanks_token(submission_id: int, *, as_sent: bool = True) -> str:
    """For the thank-you page of one submission. ``as_sent``: its bearer has sent all that it holds, and may read it."""
    return _make("thanks" if as_sent else "thanks-twin", submission_id)


def read_thanks(token: str) -> int:
    return _read("thanks" if is_as_sent(token) else "thanks-twin", token, THANKS_AGE)


def is_as_sent(token: str) -> bool:
    """Whether the bearer of this thank-you token may read the answers, however old it is."""
    try:
        _signer("thanks").unsign(token)
    except signing.BadSignature:
        return False
    return True


def person_token(person_id: int) -> str:
    """For ``?me=`` on pages of ours: whose link it is. Opens nothing that is stored, see `leads.progressive`."""
    return _make("person", person_id)


def read_person(token: str) -> int:
    return _read("person", token, PERSON_AGE)


def confirm_token(submission_id: int) -> str:
    """For ``/confirm/<token>/``: the answer to a double opt-in mail."""
    return _make("confirm", submission_id)


def read_confirm(token: str) -> int:
    return _read("confirm", token, CONFIRM_AGE)


def request_token(request_id: int) -> str:
    """For ``/request/<token>/``: confirms a privacy request from the mailbox it is about."""
    return _make("request", request_id)


def read_request(token: str) -> int:
    return _read("request", token, CONFIRM_AGE)


@dataclass(frozen=True)
class WayOut:
    """What an unsubscribe link names: whose it is, the mail it stood in (0: none) and the address that mail went to.

    The address is a hash as suppressions keep it, so the link still stops it when the mail's row and the address
    are long gone.
    """

    person_id: int
    message_id: int = 0
    email_hash: str = ""


def unsubscribe_token(person_id: int, *, message_id: int | None = None, email_hash: str = "") -> str:
    """For ``/u/<token>/``. Never expires and does not depend on SECRET_KEY."""
    parts = [_base36(person_id)]
    if message_id:
        parts += [_base36(message_id), urlsafe_b64encode(bytes.fromhex(email_hash)).decode().rstrip("=")]
    signer = signing.Signer(key=keys("unsubscribe")[0], salt="leads.tokens.unsubscribe")
    return signer.sign(".".join(parts))


def read_unsubscribe(token: str) -> WayOut:
    """Read by any key of the ring; links of before they named a mail work too. Raises BadToken."""
    newest, *older = keys("unsubscribe")
    signer = signing.Signer(key=newest, fallback_keys=[*older], salt="leads.tokens.unsubscribe")
    try:
        person, message, address = [*signer.unsign(token).split("."), "0", ""][:3]
        digest = urlsafe_b64decode(address + "=" * (-len(address) % 4)).hex()
        return WayOut(int(person, 36), int(message, 36), digest)
    except (signing.BadSignature, ValueError):
        raise BadToken("unsubscribe") from None


def bounce_token(message_id: int) -> str:
    """The part of an envelope sender that names its message: short, and the same in capitals or not."""
    number = _base36(message_id)
    return f"{number}-{_bounce_mark(number, keys('bounces')[0])}"


def read_bounce(token: str) -> int:
    """The message's number. Raises BadToken."""
    number, _dash, mark = token.lower().partition("-")
    known = any(
        hmac.compare_digest(mark.encode(), _bounce_mark(number, key).encode()) for key in keys("bounces")
    )
    if not known:
        raise BadToken("bounces")
    return int(number, 36)


def _bounce_mark(number: str, key: str) -> str:
    digest = hmac.new(key.encode(), f"leads.tokens.bounces:{number}".encode(), hashlib.sha256).digest()
    return b32encode(digest[:10]).decode().lower()


def visitor_token(visitor_id: int) -> str:
    """The cookie of a browser that agreed to be remembered."""
    return _make("visitor", visitor_id)


def read_visitor(token: str) -> int:
    return _read("visitor", token, VISITOR_AGE)


def click_token(*, message_id: int, person_id: int, link_id: int) -> str:
    """For ``/c/<token>/``. Lives as long as the mail does, so it carries no time."""
    return _make_mail("click", message_id, person_id, link_id)


def read_click(token: str) -> MailToken:
    return _read_mail("click", token)


def open_token(*, message_id: int, person_id: int) -> str:
    """For ``/o/<token>.gif``."""
    return _make_mail("open", message_id, person_id)


def read_open(token: str) -> MailToken:
    return _read_mail("open", token)


def trap_token(*, message_id: int, person_id: int) -> str:
    """For ``/x/<token>/`` in a mail: a link that no person sees."""
    return _make_mail("trap", message_id, person_id)


def read_trap(token: str) -> MailToken:
    return _read_mail("trap", token)


def _mail_signer(purpose: str) -> signing.Signer:
    return _kept_signer(purpose, settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=64)  # a mail signs several times
def _kept_signer(purpose: str, key: str, old_keys: tuple[str, ...]) -> signing.Signer:
    """By its keys, so that none outlives a change of keys here."""
    return signing.Signer(key=key, salt=f"leads.tokens.{purpose}", fallback_keys=list(old_keys))


def _make_mail(purpose: str, *numbers: int) -> str:
    return _mail_signer(purpose).sign(".".join(_base36(number) for number in numbers))


def _read_mail(purpose: str, token: str) -> MailToken:
    try:
        return MailToken(*(int(part, 36) for part in _mail_signer(purpose).unsign(token).split(".")))
    except (signing.BadSignature, ValueError, TypeError):
        raise BadToken(purpose) from None


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text or "0"
