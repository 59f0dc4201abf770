"""What people decide on their own signed pages: topics, a pause, stop, undo, tracking, scoring, "yes, that was me"."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns.models import ConsentText, Topic
from campaigns.sending import policy
from leads.consent import (
    MARKETING,
    PROFILING,
    TRACKING,
    email_hashes,
    has_consent,
    record_consent,
    suppress,
    suppress_hash,
    suppression_of,
    withdraw,
)
from leads.enrichment import look_again, stop_looking
from leads.lifecycle import start_nurture
from leads.models import (
    ConsentEvent,
    Enrolment,
    Message,
    Pause,
    Person,
    PrivacyRequest,
    Submission,
    Suppression,
    TopicChoice,
    Visitor,
)
from leads.nurture.enrolment import enrol, exit_enrolments
from leads.tracking import note_change

UNSUBSCRIBED = Suppression.Reason.UNSUBSCRIBED
NO_SIGN = Suppression.Reason.NO_SIGN
ASKED = timedelta(days=180)  # so long the question is shown on their page
UNDO_WITHIN = timedelta(days=7)  # a mail scanner may have pressed the button; later a new opt-in is asked for
OWN_PAGE = "on the person's own signed page"


@dataclass(frozen=True)
class Wanted:
    """A topic and whether this person wants it. Without a choice of theirs a topic is wanted."""

    topic: Topic
    wanted: bool


@dataclass(frozen=True)
class Standing:
    """How things are for one person: what the preference page shows."""

    topics: list[Wanted]
    paused_until: datetime | None
    stopped: Suppression | None
    tracked: bool = False
    scored: bool = True
    requests: tuple[PrivacyRequest, ...] = ()
    at: datetime | None = None
    # We asked whether they still want to hear from us, and they have not answered.
    asked_to_stay: bool = False

    @property
    def stopped_themselves(self) -> bool:
        return bool(self.stopped and self.stopped.reason == UNSUBSCRIBED)

    @property
    def can_undo(self) -> bool:
        """Only their own unsubscribe is theirs to undo, for a week; a bounce or a complaint is not."""
        return bool(
            self.stopped_themselves and self.stopped and self.at and self.at < self.stopped.at + UNDO_WITHIN
        )

    @property
    def is_asked_why(self) -> bool:
        return bool(self.stopped_themselves and self.stopped and not self.stopped.said)


def standing(person: Person, *, at: datetime) -> Standing:
    """Topics, pause and suppression of a person at ``at``."""
    chosen = dict(TopicChoice.objects.filter(person=person).values_list("topic_id", "wanted"))
    pause = Pause.objects.filter(person=person).order_by("-at", "-pk").first()
    return Standing(
        topics=[Wanted(topic, chosen.get(topic.pk, True)) for topic in Topic.objects.in_use()],
        paused_until=pause.until if pause and pause.until > at else None,
        stopped=suppression_of(person.email_key, at=at) if person.email_key else None,
        tracked=has_consent(person=person, purpose=TRACKING),
        scored=not person.no_profiling,
        requests=tuple(PrivacyRequest.objects.filter(person=person, done_at=None).order_by("asked_at")),
        at=at,
        asked_to_stay=_is_asked(person, at),
    )


def _is_asked(person: Person, at: datetime) -> bool:
    """By the sequence that asks the silent (`leads.feedback.sunset`), and no yes since."""
    asked = Enrolment.objects.filter(
        person=person, sequence=policy().sunset_sequence_id, started_at__gt=at - ASKED
    )
    last = asked.order_by("-started_at").values_list("started_at", flat=True).first()
    yes = ConsentEvent.objects.filter(person=person, purpose=MARKETING, given=True, at__gte=last or at)
    return last is not None and not yes.exists()


def masked(address: str) -> str:
    """``m•••••••m@brackwerk.example``: enough to know it is one's own, too little to learn it."""
    local, at_sign, domain = address.rpartition("@")
    if not local:
        return "•••"
    return f"{local[0]}•••••••{local[-1] if len(local) > 2 else ''}{at_sign}{domain}"


@transaction.atomic
def choose(
    *, person: Person, topics: Collection[str], pause_days: int | None, language: str, at: datetime
) -> None:
    """Keep the wanted topics (slugs), a pause in days (0 ends one, None leaves it) and the language."""
    person = _locked(person)
    for topic in Topic.objects.in_use():
        TopicChoice.objects.update_or_create(
            person=person, topic=topic, defaults={"wanted": topic.slug in topics, "at": at}
        )
    note_change(person_ids=[person.pk], at=at)
    if pause_days is not None:
        _pause(person, at + timedelta(days=pause_days), at)
    if language and language != person.language:
        person.language = language
        person.save(update_fields=["language"])


@transaction.atomic
def stop_all(
    *,
    person: Person,
    at: datetime,
    source_url: str = "",
    ip: str | None = None,
    evidence: str = "",
    message: Message | None = None,
    email_hash: str = "",
) -> None:
    """End all marketing mail at once. Twice is the same as once (RFC 8058; RELIABILITY E1).

    `message`: the mail it came by, counted with its step. `email_hash`: where that mail went; it is stopped too when
    the person has another address by now.
    """
    person = _locked(person)
    why: dict[str, Any] = {
        "reason": UNSUBSCRIBED,
        "at": at,
        "person": person,
        "evidence": evidence,
        "message": message,
    }
    if person.email_key:
        suppress(email_key=person.email_key, **why)
    if email_hash and email_hash not in email_hashes(person.email_key or ""):
        suppress_hash(email_hash=email_hash, **why)
    withdraw(person=person, purpose=MARKETING, at=at, source_url=source_url, ip=ip)
    exit_enrolments(person=person, reason="unsubscribed", at=at)


@transaction.atomic
def stay(*, person: Person, at: datetime, source_url: str = "", ip: str | None = None) -> bool:
    """Asked, they want our mail: a fresh opt-in, which lifts what was stopped for want of a sign. False: not asked."""
    person = _locked(person)
    now = standing(person, at=at)
    stopped_for_silence = now.stopped is not None and now.stopped.reason == NO_SIGN
    if not (stopped_for_silence or (now.asked_to_stay and now.stopped is None)):
        return False
    record_consent(
        person=person, purpose=MARKETING, given=True, at=at, text=_last_text(person), confirmed=True,
        basis=f"stayed {OWN_PAGE}", source_url=source_url, ip=ip,
    )  # fmt: skip
    return True


@transaction.atomic
def say_why(*, person: Person, said: str, at: datetime) -> bool:
    """Why they unsubscribed, if they like to say; asked after it is done. False where nothing is to be said of."""
    person = _locked(person)
    theirs = Suppression.objects.filter(
        person=person, reason=UNSUBSCRIBED, topic=None, lifted_at=None, said=""
    )
    return bool(said.strip() and theirs.update(said=" ".join(said.split())[:200]))


@transaction.atomic
def undo_stop(*, person: Person, at: datetime, source_url: str = "", ip: str | None = None) -> bool:
    """A fresh, logged opt-in that lifts the person's own unsubscribe; False where there is none to undo (any more)."""
    person = _locked(person)
    now = standing(person, at=at)
    if not now.can_undo or now.stopped is None:
        return False
    # The address that the mail went to was stopped in the same moment.
    Suppression.objects.filter(person=person, reason=UNSUBSCRIBED, at=now.stopped.at, lifted_at=None).exclude(
        pk=now.stopped.pk
    ).update(lifted_at=at)
    record_consent(
        person=person, purpose=MARKETING, given=True, at=at, text=_last_text(person), confirmed=True,
        basis=f"undone {OWN_PAGE}", source_url=source_url, ip=ip,
    )  # fmt: skip
    return True


@transaction.atomic
def allow_tracking(
    *, person: Person, at: datetime, language: str, source_url: str = "", ip: str | None = None
) -> bool:
    """Consent to tracking, with the words shown; False where it stands already or there are no words to agree to."""
    person = _locked(person)
    text = tracking_text(language)
    if text is None or has_consent(person=person, purpose=TRACKING):
        return False
    record_consent(
        person=person, purpose=TRACKING, given=True, at=at, text=text, source_url=source_url, ip=ip,
        basis=OWN_PAGE,
    )  # fmt: skip
    return True


@transaction.atomic
def end_tracking(*, person: Person, at: datetime, source_url: str = "", ip: str | None = None) -> None:
    """Taken back as easily as given: no click or open is noted for them any more, and their browsers are forgotten."""
    person = _locked(person)
    withdraw(person=person, purpose=TRACKING, at=at, source_url=source_url, ip=ip)
    browsers = Visitor.objects.filter(links__person=person, ended_at=None).values("pk")
    Visitor.objects.filter(pk__in=browsers).update(ended_at=at)


def tracking_text(language: str) -> ConsentText | None:
    """The newest words about tracking, in this language or else in any."""
    texts = ConsentText.objects.filter(purpose=TRACKING).order_by("-version", "-pk")
    return texts.filter(language=language).first() or texts.first()


@transaction.atomic
def object_to_scoring(
    *, person: Person, at: datetime, source_url: str = "", ip: str | None = None, by=None
) -> None:
    """No score, no grade, nothing found out about them from now on (GDPR art. 21). Twice is the same as once."""
    person = _locked(person)
    if Person.objects.filter(pk=person.pk, no_profiling=False).update(no_profiling=True):
        _note_objection(person, at, objects=True, source_url=source_url, ip=ip, by=by)
        stop_looking(person=person, at=at)


@transaction.atomic
def allow_scoring(
    *, person: Person, at: datetime, source_url: str = "", ip: str | None = None, by=None
) -> None:
    """The objection is taken back: scored again within seconds."""
    person = _locked(person)
    if Person.objects.filter(pk=person.pk, no_profiling=True).update(no_profiling=False):
        _note_objection(person, at, objects=False, source_url=source_url, ip=ip, by=by)
        look_again(person=person)


def _note_objection(
    person: Person, at: datetime, *, objects: bool, source_url: str, ip: str | None, by
) -> None:
    record_consent(
        person=person, purpose=PROFILING, given=not objects, at=at, source_url=source_url, ip=ip, by=by,
        basis="" if by else OWN_PAGE,
    )  # fmt: skip
    note_change(person_ids=[person.pk], at=at)


@transaction.atomic
def confirm(*, submission: Submission, at: datetime, source_url: str = "", ip: str | None = None) -> None:
    """The answer to a double opt-in mail. A second press changes nothing."""
    person = _locked(submission.person)
    if answer_of(submission) or person.erased_at:
        return
    asked = _asked(submission).filter(pending=True).first()
    record_consent(
        person=person, purpose=MARKETING, given=True, at=at, text=asked.text if asked else None, page=submission.page,
        submission=submission, confirmed=True, source_url=source_url, ip=ip,
    )  # fmt: skip
    sequence = submission.page.sequence if submission.page else None
    if sequence and enrol(person=person, sequence=sequence, at=at, submission=submission):
        start_nurture(lead=person.lead, at=at, why=str(sequence))


@transaction.atomic
def refuse(*, submission: Submission, at: datetime, source_url: str = "", ip: str | None = None) -> None:
    """ "It wasn't me": whoever typed this address had no right to; nothing more is sent to it."""
    person = _locked(submission.person)
    if answer_of(submission) != "refused" and not person.erased_at:
        record_consent(
            person=person, purpose=MARKETING, given=False, at=at, page=submission.page, submission=submission,
            source_url=source_url, ip=ip,
        )  # fmt: skip
    exit_enrolments(person=person, reason="not confirmed", at=at)


def consent_asked(submission: Submission) -> ConsentText | None:
    """The words that a double opt-in of this submission is about."""
    event = _asked(submission).select_related("text").first()
    return event.text if event else None


def waits_for_confirmation(submission: Submission) -> bool:
    """A box was ticked, and the mailbox has not said yes yet."""
    return answer_of(submission) == "" and _asked(submission).filter(pending=True).exists()


def answer_of(submission: Submission) -> str:
    """``confirmed``, ``refused`` or nothing yet."""
    answer = _asked(submission).filter(pending=False).first()
    if answer is None:
        return ""
    return "confirmed" if answer.given else "refused"


def _asked(submission: Submission):
    return ConsentEvent.objects.filter(submission=submission, purpose=MARKETING)


def _last_text(person: Person) -> ConsentText | None:
    given = (
        ConsentEvent.objects.filter(person=person, purpose=MARKETING, given=True)
        .select_related("text")
        .first()
    )
    return given.text if given else None


def _pause(person: Person, until: datetime, at: datetime) -> None:
    """Append a pause; ending one is a pause until now. Nothing is written where nothing changes."""
    if until > at or Pause.objects.filter(person=person, until__gt=at).exists():
        Pause.objects.create(person=person, until=until, at=at)


def _locked(person: Person | None) -> Person:
    """Of two merged the one who stayed. Raises Person.DoesNotExist for a form in quarantine, which has nobody."""
    found = Person.objects.select_for_update(no_key=True).get(pk=person.pk if person else None)
    return _locked(found.merged_into) if found.merged_into else found
