"""Our own finished mails as plain Django templates, so that the bare loop sends the same words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from pathlib import Path


def write_templates(file: Path) -> None:
    """One kind for a person who agreed to tracking, one for a person who did not."""
    from leads.models import Message

    due = Message.objects.filter(state="scheduled").select_related(
        "person", "enrolment__sequence__campaign__owner", "step", "words"
    )
    kinds = [_kind(next(row for row in due if row.person_id % 2 == odd)) for odd in (0, 1)]
    file.write_text(json.dumps(kinds))


def _kind(message) -> dict:
    from leads.sending import letters

    made = letters.Made.empty()
    parts = letters.parts(message, made)
    letter = letters.letter(message, datetime.now(UTC), made)
    values = {
        "company": parts.fields["person"]["company"],
        "unsubscribe_url": parts.footer["unsubscribe_url"],
        **{f"link_{n}": url for n, url in enumerate(parts.links.values()) if "/c/" in url},
        **parts.unseen,
    }
    return {
        "values": values | {"first_name": "Ada 000000"},
        "sender": letter.sender,
        "headers": letter.headers,
        "templates": {
            "subject": _template(letter.subject, values),
            "text": _template(letter.text, values),
            "html": _template(
                letter.html, {name: escape(value, quote=False) for name, value in values.items()}
            ),
        },
    }


def _template(words: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        words = words.replace(value, "{{ " + name + " }}")
    return words.replace("Ada", "{{ first_name }}")
