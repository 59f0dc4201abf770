"""A submitted form becomes person, lead, submission, touch and consent, or nothing at all.

It does not score, enrich or mail: it leaves due rows and a nudge, and the worker does the rest within seconds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from campaigns.channels import UTM
from campaigns.errors import Conflict, Refused
from campaigns.models import Campaign, Channel, ConsentText, EmbedSite, LandingPage, PageTest
from leads.capture.decide import decide, no_sender, submission_row
from leads.capture.entry import Captured, Entry, Stated
from leads.capture.known import Known, read
from leads.capture.rows import CaptureRows, Stale, write_each
from leads.capture.statement import write_at_once
from leads.identity import Keys, email_key, phone_key
from leads.models import Door, Person, ShareLink, Submission
from leads.nudge import nudge
from leads.tracking import VisitContext

TRIES = 5


def capture(
    *,
    page: LandingPage | None,
    answers: Mapping[str, str],
    consents: Sequence[ConsentText | Stated],
    visit: VisitContext,
    nonce: str,
    at: datetime,
    suspicions: Sequence[str] = (),
    door: str = Door.PAGE,
    site: EmbedSite | None = None,
    share: ShareLink | None = None,
    test: PageTest | None = None,
    variant: str = "",
    marks: Sequence[str] = (),
    campaign: Campaign | None = None,
    channel: Channel | None = None,
    label: str = "",
    by: Any = None,
    known: Person | None = None,
    now: datetime | None = None,
) -> Captured:
    """Take a form in. ``answers`` are keyed by what the field fills (``FormField.Maps``, custom: ``custom_<key>``).

    The same nonce and address twice is answered with the first result. ``suspicions`` (honeypot, too fast) put the
    form into quarantine: kept, and nothing else happens. ``known``: the person of a signed personal link, who need
    not type an address. Without a page, ``campaign`` and ``label`` say what it was. ``now``: when it is written
    down, where that is later than ``at``. Raises Refused where nothing identifies the sender.
    """
    keys = _keys(answers, known, page)
    if known is not None and keys.email_key not in (None, known.email_key):
        known = None  # somebody else uses a forwarded link
    if not keys and known is None:
        raise Refused(no_sender(), missing=["email"])
    entry = Entry(
        page=page, answers=answers, consents=consents, visit=visit, nonce=nonce, keys=keys, at=at, now=now or at,
        door=door, site=site, share=share, test=test, variant=variant, marks=marks, campaign=campaign,
        channel=channel, label=label, by=by, known=known,
    )  # fmt: skip
    return _take_in(entry, suspicions)


def release(*, submission: Submission, by: Any, at: datetime) -> Captured:
    """Let a quarantined form in after all, as of the time it was sent.

    Raises Conflict where it is in already, Refused where its sender was erased meanwhile.
    """
    with transaction.atomic():
        row = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("page", "person")
            .get(pk=submission.pk)
        )
        if row.state != Submission.State.QUARANTINED:
            raise Conflict(now=str(row.get_state_display()))
        entry = _as_it_was(row, by, at)
        if entry.known.erased_at if entry.known else not entry.keys:
            raise Refused(_("The person was erased on request: there is nobody to let in."))
        known = read(entry)
        rows = decide(entry, known)
        write_each(rows)
    _nudge(entry)
    return _captured(rows, known)


def _as_it_was(row: Submission, by: Any, at: datetime) -> Entry:
    """The form that lies in quarantine. What was ticked is kept with it."""
    visit = VisitContext(
        url=row.source_url, referrer=row.referrer, click_id_kind=row.click_id_kind, click_id=row.click_id,
        utm={name: getattr(row, name) for name in UTM if getattr(row, name)}, ip=row.ip, agent=row.agent,
    )  # fmt: skip
    return Entry(
        page=row.page, answers=row.answers, consents=list(ConsentText.objects.filter(pk__in=row.ticked)),
        visit=visit, nonce=row.nonce, keys=_keys(row.answers, row.person, row.page), at=row.at, now=at, door=row.door,
        campaign=row.campaign, label=row.label, site=row.site, share=row.share, by=by, known=row.person,
        released=row,
    )  # fmt: skip


def _keys(answers: Mapping[str, str], known: Person | None, page: LandingPage | None) -> Keys:
    """A number without a country is read as of the country answered, else on file, else of the page."""
    raw = answers.get("email", "")
    country = (
        answers.get("country") or (known.country if known else "") or (page.phone_country if page else "")
    )
    return Keys(
        email_key=email_key(raw) if raw else None, phone_key=phone_key(answers.get("phone", ""), country)
    )


def _take_in(entry: Entry, suspicions: Sequence[str]) -> Captured:
    """Look, decide and write; again where somebody was faster, once more where the connection had gone."""
    for attempt in range(1, TRIES + 1):
        try:
            return _once(entry, suspicions)
        except (IntegrityError, Stale):
            # Somebody wrote the same person or the same form at this moment; the next look finds it.
            if attempt == TRIES:
                raise
        except OperationalError:
            # Whatever became of it: the next look finds the form if it was kept after all.
            if attempt > 1 or connection.in_atomic_block or not _gone():
                raise
            connection.close()
    raise AssertionError("unreachable")


def _gone() -> bool:
    """Whether the connection was cut, so that another one may work."""
    raw = connection.connection
    return connection.vendor == "postgresql" and (raw is None or raw.closed)


def _once(entry: Entry, suspicions: Sequence[str]) -> Captured:
    """One statement is its own transaction; inside another one, and row by row, it needs a savepoint or begin."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        return _look_and_write(entry, suspicions)
    with transaction.atomic():
        return _look_and_write(entry, suspicions)


def _look_and_write(entry: Entry, suspicions: Sequence[str]) -> Captured:
    known = read(entry)
    if known.twin:
        return _first_result(known)
    if suspicions:
        return _quarantine(entry, suspicions)
    rows = decide(entry, known)
    _write(rows)
    _nudge(entry)
    return _captured(rows, known)


def _captured(rows: CaptureRows, known: Known) -> Captured:
    return Captured(
        submission=rows.submission, person=rows.person, lead=rows.lead, new_lead=known.lead is None
    )


def _write(rows: CaptureRows) -> None:
    write_at_once(rows) if connection.vendor == "postgresql" else write_each(rows)


def _first_result(known: Known) -> Captured:
    first = Submission.objects.select_related("person__lead").get(pk=known.twin)
    lead = getattr(first.person, "lead", None) if first.person else None
    quarantined = first.state == Submission.State.QUARANTINED
    return Captured(submission=first, person=first.person, lead=lead, twin=True, quarantined=quarantined)


def _quarantine(entry: Entry, suspicions: Sequence[str]) -> Captured:
    """Kept as it came, with what was ticked: nobody becomes a lead and nothing is sent."""
    row = submission_row(entry)
    row.state, row.reasons, row.judged_at = (
        Submission.State.QUARANTINED, ", ".join(suspicions)[:200], entry.now,
    )  # fmt: skip
    row.person = entry.known
    row.save(force_insert=True)
    return Captured(submission=row, person=None, lead=None, quarantined=True)


def _nudge(entry: Entry) -> None:
    nudge("leads.scoring.verdicts.qualify_due" if entry.inquiry else "leads.sending.delivery.deliver_due")
    if entry.page is not None and entry.page.sequence_id:
        nudge("leads.nurture.advance.advance")  # the first mail goes before a score can hand the person over
    nudge("leads.enrichment.enrich_due")
