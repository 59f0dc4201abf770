"""What a mail server's answer, or its silence, means for one message. Pure.

A connection that breaks after DATA began raises the same error whether the mail was taken or not, so the state
is `unknown`. One that breaks before is sure: the server never had the mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPHeloError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from leads.models import Message

State = Message.State

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ABOUT_US = re.compile(
    r"relay|auth|policy|blocked|blacklist|block list|spam|denied|reputation|spf|dkim|dmarc|too many|rate",
    re.I,
)
_FULL = re.compile(r"full|quota|over.?quota|exceeded storage", re.I)


@dataclass(frozen=True)
class Outcome:
    """`state` for the row; `tried` false: the server never had it, so the try does not count.

    `reconnect`: the line is gone. `failure`: against us or the line; several in a row stop the sending.
    `sender_at_fault`: the server refuses us, stop at once. `content_refused`: it refuses what we wrote.
    """

    state: str
    code: str = ""
    words: str = ""
    bounced: bool = False
    tried: bool = True
    sender_at_fault: bool = False
    content_refused: bool = False
    reconnect: bool = False
    failure: bool = False


SENT = Outcome(State.SENT, "250")


def outcome_of(error: Exception, *, data_begun: bool) -> Outcome:
    """What an exception of one try means. `data_begun`: the mail itself had begun to go over."""
    if isinstance(error, SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (550, b""))
        return _of_recipient(int(code), _text(words))
    if isinstance(error, SMTPSenderRefused):
        return _of_us(error.smtp_code, _text(error.smtp_error))
    if isinstance(error, SMTPDataError):
        return _of_data(error.smtp_code, _text(error.smtp_error))
    if data_begun and isinstance(error, SMTPResponseException):
        return _of_silence(
            error, data_begun
        )  # an answer to the mail that cannot be read, such as an endless line
    if isinstance(error, SMTPAuthenticationError | SMTPHeloError | SMTPResponseException):
        return _of_us(error.smtp_code, _text(error.smtp_error))
    if isinstance(error, SMTPNotSupportedError | UnicodeError | ValueError):
        return Outcome(State.FAILED, words=f"cannot be sent as it is: {_text(error)}")
    return _of_silence(error, data_begun)


def _of_silence(error: Exception, data_begun: bool) -> Outcome:
    """A connection that broke, or a back end without a connection that raised."""
    words = _text(error) or type(error).__name__
    if data_begun:
        return Outcome(
            State.UNKNOWN, words=f"no answer after the mail was given over: {words}", reconnect=True
        )
    broken = isinstance(error, SMTPServerDisconnected | OSError)
    return Outcome(State.SCHEDULED, words=words, tried=not broken, reconnect=True)


def _of_recipient(code: int, words: str) -> Outcome:
    """An answer to RCPT: about the person, unless its words say that it is about us.

    A policy may be one receiver's only, so that mail waits its turn and only several in a row stop the sending.
    """
    if code < 500:
        gone = code == 421
        return Outcome(State.SCHEDULED, str(code), words, reconnect=gone, tried=not gone, failure=gone)
    detail = _ENHANCED.search(words)
    kind = detail.groups()[1:] if detail else ("", "")
    if kind[0] == "7" or (not detail and _ABOUT_US.search(words)):
        return Outcome(State.SCHEDULED, str(code), words, failure=True)
    if kind == ("2", "2") or code == 552 or _FULL.search(words):
        return Outcome(State.SCHEDULED, str(code), words)
    gone = kind[0] == "1" or kind == ("2", "1") or (not detail and code in (550, 551, 553))
    return Outcome(State.FAILED, str(code), words, bounced=gone)


def _of_data(code: int, words: str) -> Outcome:
    """An answer to the mail itself: about what we sent, never about the person."""
    if code < 500:
        return Outcome(State.SCHEDULED, str(code), words, reconnect=code == 421, failure=code == 421)
    return Outcome(State.FAILED, str(code), words, content_refused=True)


def _of_us(code: int, words: str) -> Outcome:
    """The server refuses the sender. Nobody is to blame whom we write to; the mail stays due."""
    return Outcome(
        State.SCHEDULED,
        str(code),
        words,
        tried=False,
        sender_at_fault=code >= 500,
        reconnect=True,
        failure=True,
    )


def _text(words: object) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.replace("\x00", "").split())[:200]  # PostgreSQL keeps no NUL
