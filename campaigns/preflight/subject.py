"""The two lines an inbox shows: subject and preview line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.preflight.findings import ERROR, WARNING, Finding, Mail

# Gmail and Outlook on a desk cut near 70 characters; phones near 40, which is a matter of taste and not told.
LONGEST_SUBJECT = 78
LONGEST_PREHEADER = 150
# A subject that pretends an answer or a forwarding is misleading (CAN-SPAM Act, 15 U.S.C. 7704(a)(2)).
PRETENDS = re.compile(r"^\s*(re|aw|wg|fwd?|sv|antw|tr)\s*:", re.IGNORECASE)
LEFTOVER = re.compile(
    r"\{\{|\}\}|\{%|%\}|lorem ipsum|\bTODO\b|\bFIXME\b|\bTBD\b|\bXXX+\b|\[(first|last)?[ _]?name\]|%%\w+%%|\*\|\w+\|\*"
)
SHOUTS = re.compile(r"[!?]{2,}|€{2,}|\${2,}")
# Phrases that content filters count (SpamAssassin's public rule sets name them); each is fine in a sentence of its
# own, so a hit is a warning.
SPAM = re.compile(
    r"\b(100 ?% (free|gratis)|act now|risk[- ]free|no obligation|double your|earn \$|extra income|"
    r"click (here )?now|limited time only|once in a lifetime|you (are|have been) (a )?(winner|selected)|"
    r"this is not spam|free (gift|money|access!)|cash bonus|order now|winner!|satisfaction guaranteed)",
    re.IGNORECASE,
)


def check(mail: Mail) -> Iterator[Finding]:
    """What is wrong with the lines beside the sender's name."""
    subject = mail.subject.strip()
    if not subject:
        yield Finding("subject-empty", ERROR, _("The subject is empty."))
        return
    yield from _misleading(subject)
    yield from _looks(subject)
    yield from _preview(mail.preheader.strip(), subject)


def _misleading(subject: str) -> Iterator[Finding]:
    if PRETENDS.match(subject):
        yield Finding(
            "subject-pretends",
            ERROR,
            _("The subject pretends to be an answer or forwarded. Take the “Re:” away."),
            subject,
        )


def _looks(subject: str) -> Iterator[Finding]:
    if len(subject) > LONGEST_SUBJECT:
        words = _("The subject has %(long)d characters; inboxes cut it at about %(most)d.")
        yield Finding(
            "subject-long", WARNING, words % {"long": len(subject), "most": LONGEST_SUBJECT}, subject
        )
    letters = [char for char in subject if char.isalpha()]
    if len(letters) > 8 and sum(char.isupper() for char in letters) > len(letters) * 0.7:
        yield Finding("subject-shouts", WARNING, _("The subject is written in capitals."), subject)
    elif SHOUTS.search(subject):
        yield Finding(
            "subject-shouts", WARNING, _("The subject repeats “!” or “?”. Filters count that."), subject
        )


def _preview(preheader: str, subject: str) -> Iterator[Finding]:
    if not preheader:
        words = _("There is no preview line; inboxes show the first words of the mail beside the subject.")
        yield Finding("preview-missing", WARNING, words)
    elif preheader.casefold() == subject.casefold():
        yield Finding("preview-repeats", WARNING, _("The preview line repeats the subject."), preheader)
    elif len(preheader) > LONGEST_PREHEADER:
        yield Finding(
            "preview-long", WARNING, _("The preview line is longer than any inbox shows."), preheader
        )


def leftovers(mail: Mail) -> Iterator[Finding]:
    """Marks that the writer forgot, in any part, and phrases that filters count."""
    for part in (mail.subject, mail.preheader, mail.text):
        if found := LEFTOVER.search(part):
            words = _("A mark is left over that the reader would see.")
            yield Finding("leftover", ERROR, words, _around(part, found))
        if found := SPAM.search(part):
            yield Finding(
                "spam-phrase", WARNING, _("Spam filters count this phrase. Say it plainly."), found.group()
            )


def _around(text: str, found: re.Match[str]) -> str:
    return " ".join(text[max(0, found.start() - 20) : found.end() + 20].split())
