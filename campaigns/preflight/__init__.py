"""The check of a mail before its start (docs/preflight.md): errors block, a warning wants a reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from campaigns.preflight import colours, links, markup, sender, subject, web
from campaigns.preflight.findings import ERROR, NOTE, WARNING, Finding, Mail, worst_first

__all__ = ["ERROR", "NOTE", "WARNING", "Finding", "Mail", "check", "check_sender", "worst_first"]


def check(mail: Mail, *, at: datetime, ask_web: bool = True, allowed: Collection[str] = ()) -> list[Finding]:
    """Everything that is wrong with one wording, worst first. `allowed`: private IPs that may be asked (tests)."""
    found = [
        *subject.check(mail),
        *subject.leftovers(mail),
        *markup.check(mail),
        *colours.check(mail),
        *links.check(mail, at=at),
    ]
    if ask_web:
        found += web.check(mail, allowed=allowed)
    return worst_first(found)


def check_sender() -> list[Finding]:
    """The same for the domain we send from, once for all mails."""
    return worst_first(list(sender.check()))
