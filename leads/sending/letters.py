"""What a message says: its words for this one person. The headers that go with them: `leads.sending.headers`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from campaigns.mail import compose, merge
from campaigns.models import MailLink, PublishedWords
from leads import tokens
from leads.consent import TRACKING, has_consent
from leads.downloads import piece_of
from leads.models import ConsentEvent, Lead, Message, OwnMail, Person, PrivacyRequest, Submission
from leads.sending import pieces
from leads.sending.fields import fields
from leads.sending.headers import envelope_sender, headers, sender, unsubscribe_url
from leads.sending.reasons import reason
from leads.sending.tracked import agreed_to_tracking

_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")  # as most are
# Who may be tracked is asked again after this; a mail then waits for another second at most.
FRESH_SECONDS = 1


@dataclass(frozen=True)
class Letter:
    """One mail, ready for a mail back end. `headers` hold the Message-ID that was made with the row.

    `sender` is the From header, `envelope` where bounces go. `calendar`: text/calendar that goes along.
    """

    sender: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    envelope: str = ""
    calendar: str = ""


@dataclass
class Made:
    """What one run looks up once: links of published words (a version never changes), and who may be tracked."""

    links: dict[int, dict[str, MailLink]] = field(default_factory=dict)
    given: dict[tuple[int, str], pieces.Piece | None] = field(default_factory=dict)
    piece_links: dict[tuple[int, int], MailLink | None] = field(default_factory=dict)
    _people: frozenset[int] = frozenset()
    _tracked: frozenset[int] = frozenset()
    _asked: float = 0.0

    @classmethod
    def empty(cls) -> Made:
        return cls()

    def links_of(self, words: PublishedWords) -> dict[str, MailLink]:
        """What the words say → the link kept for it."""
        if words.pk not in self.links:
            own = MailLink.objects.filter(words=words, position__lt=pieces.FIRST_OF_PIECES)
            self.links[words.pk] = {link.source: link for link in own}
        return self.links[words.pk]

    def link_of(self, words: PublishedWords, piece: pieces.Piece) -> MailLink | None:
        """The link that leads to a piece from these words."""
        key = (words.pk, piece.pk)
        if key not in self.piece_links:
            kept = MailLink.objects.filter(words=words, source=pieces.source_of(piece))
            self.piece_links[key] = kept.first()
        return self.piece_links[key]

    def piece(self, asset_id: int, language: str) -> pieces.Piece | None:
        """A piece that was given to somebody, if it can still be reached."""
        key = (asset_id, language)
        if key not in self.given:
            self.given[key] = pieces.reachable(asset_id, language, at=timezone.now())
        return self.given[key]

    def meet(self, people: Iterable[int]) -> None:
        """Say who is written to next, so that they are asked about together."""
        self._people, self._asked = frozenset(people), 0.0

    def may_track(self, person: Person) -> bool:
        """Whether they agreed to tracking, as of a second ago at most."""
        if person.pk not in self._people:
            return has_consent(person=person, purpose=TRACKING)
        if not self._asked or time.monotonic() - self._asked > FRESH_SECONDS:
            self._asked = time.monotonic()
            self._tracked = agreed_to_tracking(self._people)
        return person.pk in self._tracked


def letter(message: Message, at: datetime, made: Made | None = None) -> Letter:
    """The mail of a message. Raises what a broken template raises; such a row fails alone."""
    words = _WORDS[Message.Kind(message.kind)](message, at, made or Made.empty())
    return addressed(message, words)


def addressed(message: Message, words: compose.Rendered) -> Letter:
    """The same words with what stands around them: whose they are, and the headers."""
    return Letter(
        sender=sender(message),
        to=_address(message.person),
        subject=words.subject,
        text=words.text,
        html=words.html,
        headers=headers(message),
        envelope=envelope_sender(message),
        calendar=_calendar(message),
    )


def _calendar(message: Message) -> str:
    if message.kind != Message.Kind.ONE_TO_ONE:
        return ""
    own: OwnMail | None = getattr(message, "own_mail", None)
    return own.calendar if own else ""


def _address(person: Person) -> str:
    """As the person wrote it, if that is one bare address; else the canonical form."""
    if _PLAIN.fullmatch(person.email):
        return person.email
    return person.email if parseaddr(person.email) == ("", person.email) else person.email_key or ""


def _footer(message: Message, reason: str) -> dict[str, str]:
    url = unsubscribe_url(message)
    return {
        "postal_address": settings.POSTAL_ADDRESS,
        "unsubscribe_url": url,
        "preferences_url": url,
        "reason": reason,
    }


@dataclass(frozen=True)
class Parts:
    """All that was looked up for one person's mail of a sequence; `written` makes the mail of it, asking nothing more.

    `links`: an address as the words say it → where this person's mail leads. `unseen`: pixel_url and trap_url, or
    nothing.
    """

    words: PublishedWords
    fields: dict[str, Any]
    footer: dict[str, str]
    links: dict[str, str]
    unseen: dict[str, str]
    next_piece: bool = False


def _sequence_words(message: Message, at: datetime, made: Made) -> compose.Rendered:
    return written(parts(message, made))


def parts(message: Message, made: Made) -> Parts:
    """Look up what a mail of a sequence says to this person."""
    words = _chosen(message)
    tracked = made.may_track(message.person)
    footer = _footer(message, reason(message, words.language))
    return Parts(
        words=words,
        fields=fields(
            person=message.person,
            words=words,
            footer=footer,
            sequence=message.enrolment.sequence if message.enrolment else None,
            piece=_piece(message, words, tracked, made),
        ),
        footer=footer,
        links=_links(message, made.links_of(words), tracked),
        next_piece=bool(message.step and message.step.next_piece),
        unseen=_unseen(message) if tracked else {},
    )


def written(parts: Parts) -> compose.Rendered:
    """The words filled in and wrapped. No field's value decides anything here, only whether it is there."""
    return compose.render(
        subject=parts.words.subject,
        preheader=parts.words.preheader,
        body=parts.words.body,
        format=parts.words.format,
        merge=parts.fields,
        footer=parts.footer,
        language=parts.words.language,
        links=lambda target: parts.links.get(target) or compose.absolute(target),
        next_piece=parts.next_piece,
        pixel_url=parts.unseen.get("pixel_url", ""),
        trap_url=parts.unseen.get("trap_url", ""),
    )


def _chosen(message: Message) -> PublishedWords:
    """The words this message was given; of a step with one wording that one."""
    if message.words is not None:
        return message.words
    assert message.step is not None
    return message.step.words.get(persona=None, variant=PublishedWords.Variant.A)


def _unseen(message: Message) -> dict[str, str]:
    """The picture that says "opened" and the link that only scanners find, for who agreed to tracking."""
    whose = {"message_id": message.pk, "person_id": message.person_id}
    return {
        "pixel_url": f"{settings.BASE_URL}/o/{tokens.open_token(**whose)}.gif",
        "trap_url": f"{settings.BASE_URL}/x/{tokens.trap_token(**whose)}/",
    }


def _links(message: Message, kept: dict[str, MailLink], tracked: bool) -> dict[str, str]:
    """With consent to tracking a link goes by our click address; without, straight to its target.

    Addresses that a merge field makes (the way out, the preferences) are not among them: they are never counted.
    """
    if not tracked:
        return {source: compose.absolute(link.target) for source, link in kept.items()}
    whose = {"message_id": message.pk, "person_id": message.person_id}
    return {
        source: f"{settings.BASE_URL}/c/{tokens.click_token(**whose, link_id=link.pk)}/"
        for source, link in kept.items()
    }


def _piece(message: Message, words: PublishedWords, tracked: bool, made: Made) -> dict[str, str] | None:
    """What the room for the next piece holds; nothing for who was given none, or one that is gone since."""
    found = made.piece(message.piece_id, words.language) if message.piece_id else None
    if found is None:
        return None
    link = made.link_of(words, found)
    url = _links(message, {"": link}, tracked)[""] if link else ""
    return pieces.words(found, words.language, url)


def _download_words(message: Message, at: datetime, made: Made) -> compose.Rendered:
    submission = _submission(message)
    asset = piece_of(submission)
    assert asset is not None
    with translation.override(submission.page.language):
        body = render_to_string(
            "emails/download.html",
            {
                "first_name": merge.worth_saying(message.person.first_name),
                "asset": asset,
                "download_url": f"{settings.BASE_URL}/d/{tokens.download_token(submission.pk)}/",
                "valid_until": at + tokens.DOWNLOAD_AGE,
            },
        )
        return compose.compose(
            subject=_("Your download: %s") % asset.title,
            preheader=_("The link is yours alone."),
            body=body,
            footer=_footer(message, _("You get this mail because you asked for it on our site.")),
            language=submission.page.language,
        )


def _optin_words(message: Message, at: datetime, made: Made) -> compose.Rendered:
    submission = _submission(message)
    asked = (
        ConsentEvent.objects.filter(submission=submission, text__isnull=False).select_related("text").first()
    )
    language = language_of(submission)
    with translation.override(language):
        body = render_to_string(
            "emails/confirm.html",
            {
                "first_name": merge.worth_saying(message.person.first_name),
                "confirm_url": f"{settings.BASE_URL}/confirm/{tokens.confirm_token(submission.pk)}/",
                "consent_text": asked.text.text if asked and asked.text else "",
                "asked_at": submission.at,
                "page": submission.page,
                "colleague": _colleague(submission),
                "valid_until": at + tokens.CONFIRM_AGE,
            },
        )
        why = (
            _("You get this mail because somebody gave this address on our site.")
            if submission.page
            else _("You get this mail because you told us that we may write to you.")
        )
        return compose.compose(
            subject=_("Please confirm: did you ask to hear from us?"),
            preheader=_("One press, and nothing happens without it."),
            body=body,
            footer=_footer(message, why),
            language=language,
        )


def language_of(submission: Submission) -> str:
    """Of the page that was filled in; without one the person's."""
    if submission.page is not None:
        return submission.page.language
    return (submission.person.language if submission.person else "") or "en"


def _colleague(submission: Submission) -> str:
    """Who was told, where nobody filled in a page."""
    if submission.page is not None or submission.by is None:
        return ""
    return submission.by.get_full_name() or settings.ORG_BRAND


def _request_words(message: Message, at: datetime, made: Made) -> compose.Rendered:
    """The key says which request, and whether it is to be confirmed or has been."""
    _prefix, number, stage, *_again = message.key.split(":")
    request = PrivacyRequest.objects.get(pk=int(number), person=message.person_id)
    language = message.person.language or "en"
    confirmed = stage == "receipt"
    with translation.override(language):
        body = render_to_string(
            "emails/request.html",
            {
                "request": request,
                "confirmed": confirmed,
                "erasure": request.kind == PrivacyRequest.Kind.ERASURE,
                "first_name": merge.worth_saying(message.person.first_name),
                "confirm_url": f"{settings.BASE_URL}/request/{tokens.request_token(request.pk)}/",
                "valid_until": at + tokens.CONFIRM_AGE,
            },
        )
        subject = _("Your request %s") if confirmed else _("Please confirm your request %s")
        return compose.compose(
            subject=subject % request.receipt,
            preheader="",
            body=body,
            footer=_footer(message, _("You get this mail because somebody asked for it on your own page.")),
            language=language,
        )


def _submission(message: Message) -> Submission:
    if message.submission is None:
        raise ValueError("the form of this mail is gone")
    return message.submission


def _one_to_one_words(message: Message, at: datetime, made: Made) -> compose.Rendered:
    """As a person writes: their words and our postal address. Never tracked, whatever was agreed to.

    Whoever has never shown interest did not ask for this mail, so it shows them the way out (ePrivacy directive
    2002/58/EC, art. 13; GDPR art. 21(4)).
    """
    is_cold = not Lead.objects.filter(person=message.person_id).exists()
    return compose.by_hand(
        subject=message.subject,
        body=message.body,
        footer={
            "postal_address": settings.POSTAL_ADDRESS,
            "unsubscribe_url": unsubscribe_url(message) if is_cold else "",
        },
        language=message.person.language or "en",
    )


_WORDS: dict[str, Callable[[Message, datetime, Made], compose.Rendered]] = {
    Message.Kind.SEQUENCE: _sequence_words,
    Message.Kind.DOWNLOAD: _download_words,
    Message.Kind.OPT_IN: _optin_words,
    Message.Kind.ONE_TO_ONE: _one_to_one_words,
    Message.Kind.REQUEST: _request_words,
}
