"""The check of a mail before its start (docs/preflight.md): errors block, a warning wants a reason."""

from __future__ import annotations

from datetime import datetime

from campaigns.preflight import contrast, links, markup, sender, subject, web
from campaigns.preflight.findings import ERROR, NOTE, WARNING, Finding, Mail, worst_first

ask_web = web.ask
forget_web = web.forget

__all__ = [
    "ERROR",
    "NOTE",
    "WARNING",
    "Finding",
    "Mail",
    "ask_web",
    "check",
    "check_sender",
    "forget_web",
    "worst_first",
]


def check(mail: Mail, *, at: datetime, asked: web.Asked | None = None) -> list[Finding]:
    """Everything that is wrong with one wording, worst first. `asked`: what `ask_web` learnt, None: nobody asked."""
    return worst_first(
        [
            *subject.check(mail),
            *subject.leftovers(mail),
            *markup.check(mail),
            *contrast.check(mail),
            *links.check(mail, at=at),
            *web.check(mail, asked),
        ]
    )


def check_sender() -> list[Finding]:
    """The same for the domain we send from, once for all mails."""
    return worst_first(list(sender.check()))
