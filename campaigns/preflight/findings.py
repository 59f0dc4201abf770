"""What the check of a mail found: an error blocks the start, a warning wants a reason, a note only tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)


@dataclass(frozen=True)
class Finding:
    """`check` names the rule and never changes; `words` say what to do; `where` quotes the place."""

    check: str
    level: str
    words: str
    where: str = ""

    @property
    def key(self) -> str:
        """Tells this finding from another: a reason given for it stands as long as the place does."""
        return f"{self.check}:{self.where}"[:200]

    def as_row(self, reason: str = "") -> dict[str, Any]:
        """As it is kept with a published version."""
        return {
            "check": self.check, "level": self.level, "words": self.words, "where": self.where, "reason": reason,
        }  # fmt: skip


@dataclass(frozen=True)
class Mail:
    """One wording as it would go out to an example person.

    `html` is the whole page with styles inline, `text` its text part. `written` is the body before merge fields
    were filled in. `targets`: what the body links to, as written → as it goes out (with UTM).
    """

    subject: str
    preheader: str
    html: str
    text: str
    written: str
    targets: tuple[tuple[str, str], ...] = ()
    unsubscribe_url: str = ""
    postal_address: str = ""


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; each only once."""
    return sorted(dict.fromkeys(findings), key=lambda one: LEVELS.index(one.level))
