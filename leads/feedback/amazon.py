"""Amazon SES reports mailed by SNS: JSON in the text of a mail. Pure."""

from __future__ import annotations

import json
from email.message import Message
from typing import Any

from leads.feedback.delivery_reports import Failure
from leads.feedback.parts import addresses, texts


def failures(mail: Message) -> list[Failure] | None:
    """The bounced addresses; empty where it reports something else, None where it is no such mail."""
    if not any(sender.endswith("@sns.amazonaws.com") for sender in addresses(mail, "From")):
        return None
    told = _first_object(texts(mail))
    if isinstance(told.get("Message"), str):
        told = _first_object(told["Message"])
    if not told:
        return None
    bounce = told.get("bounce")
    rows = bounce.get("bouncedRecipients", []) if isinstance(bounce, dict) else []
    return [_failure(row) for row in rows if isinstance(row, dict)]


def _failure(row: dict[str, Any]) -> Failure:
    words = str(row.get("diagnosticCode", "")).partition(";")[2].strip()
    return Failure.of(str(row.get("emailAddress", "")), words, status=str(row.get("status", "")))


def _first_object(text: str) -> dict[str, Any]:
    begin = text.find("{")
    try:
        found = json.JSONDecoder(strict=False).raw_decode(text[begin:])[0] if begin >= 0 else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
