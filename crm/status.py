"""What an operator wants to know at a glance, as data. Asks the database only, in a handful of indexed queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from crm.models import DispatcherLease, JobRun
from crm.schedule import SCHEDULE, Job
from leads.models import LeadMove, LeadScore, Message, ScoreRun, SenderPause, WorkRequest
from leads.sending import limits
from leads.sending.gate import ASKED_FOR
from leads.sending.limits import Limit

OLDEST_DUE_LIMIT = timedelta(seconds=60)
RED_BAR_AFTER = timedelta(minutes=5)
LATE_AFTER = timedelta(seconds=60)  # for jobs that run every few seconds: six missed heartbeats


@dataclass(frozen=True)
class JobState:
    """A line of the schedule with its newest run; `late` when it should have run and did not."""

    job: Job
    run: JobRun | None
    late: bool

    @property
    def failed(self) -> bool:
        return self.run is not None and self.run.state == JobRun.State.FAILED

    @property
    def good(self) -> bool:
        return not (self.failed or self.late)


@dataclass(frozen=True)
class Status:
    """Everything of the status page. Times are aware; an oldest time of None means: none is waiting."""

    at: datetime
    mode: str  # "embedded" or "production"
    database: str  # "SQLite" or "PostgreSQL"
    dispatcher: DispatcherLease | None
    oldest_due: datetime | None
    due: int
    unknown: int
    pause: SenderPause | None  # the mail server refuses us; nothing is sent until then
    sending_limits: list[Limit]  # a minute and today, as far as there are any
    full_domains: list[str]  # mail domains that take no more marketing mail this minute
    sent_today: int
    failed_today: int
    oldest_unscored: datetime | None
    not_handed_over: int
    work_not_taken: int
    last_rescoring: JobRun | None
    last_check: ScoreRun | None  # its counts: checked, differ
    jobs: list[JobState]

    @property
    def waiting(self) -> timedelta:
        """How long the oldest due mail has been waiting."""
        return self.at - self.oldest_due if self.oldest_due else timedelta(0)

    @property
    def mail_late(self) -> bool:
        return self.waiting > OLDEST_DUE_LIMIT

    @property
    def dispatching(self) -> bool:
        """Whether a worker holds the lease now."""
        return self.dispatcher is not None and self.dispatcher.until > self.at

    @property
    def scores_differ(self) -> int:
        """Leads whose stored score was not what it is made of, at the last check."""
        return self.last_check.counts.get("differ", 0) if self.last_check else 0

    @property
    def good(self) -> bool:
        mail_goes = not self.pause and not self.mail_late
        return (
            self.dispatching and mail_goes and not self.scores_differ and all(job.good for job in self.jobs)
        )


def status(*, at: datetime) -> Status:
    """The state of the installation at `at`."""
    room = limits.room(at=at)
    mail = _mail(at, room)
    jobs = _jobs(at)
    return Status(
        at=at,
        mode="embedded" if settings.EMBEDDED else "production",
        database=connection.display_name,
        dispatcher=DispatcherLease.objects.first(),
        oldest_due=mail["oldest"],
        due=mail["due"],
        unknown=mail["unknown"],
        pause=SenderPause.objects.filter(lifted_at=None, until__gt=at).order_by("-until").first(),
        sending_limits=room.limits,
        full_domains=room.full(asked=False),
        sent_today=mail["sent"],
        failed_today=mail["failed"],
        oldest_unscored=LeadScore.objects.aggregate(oldest=Min("dirty_at"))["oldest"],
        not_handed_over=LeadMove.objects.filter(new="marketing_qualified", handed_at=None).count(),
        work_not_taken=WorkRequest.objects.filter(taken_at=None).count(),
        last_rescoring=JobRun.objects.filter(name="rescore-night").order_by("-started_at").first(),
        last_check=ScoreRun.objects.filter(counts__has_key="checked").first(),
        jobs=jobs,
    )


def sending_is_late(at: datetime) -> timedelta | None:
    """How late the oldest mail is that should be gone by now; None up to five minutes. One indexed query.

    What the gate holds until a time or a limit keeps back is not late.
    """
    oldest = _waiting(at, limits.room(at=at)).aggregate(oldest=Min("due_at"))["oldest"]
    return at - oldest if oldest and at - oldest > RED_BAR_AFTER else None


def _waiting(at: datetime, room: limits.Room) -> QuerySet[Message]:
    """Mails that are due and that no limit keeps back."""
    due = Message.objects.filter(state=Message.State.SCHEDULED, due_at__lte=at)
    if not room.marketing:
        return due.filter(kind__in=ASKED_FOR)
    full = room.full(asked=False)
    return due.exclude(to_domain__in=full) if full else due


def _mail(at: datetime, room: limits.Room) -> dict[str, Any]:
    state = Message.State
    midnight = at.astimezone(ZoneInfo(settings.TIME_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Message.objects.filter(ended_at__gte=midnight)
    return {
        **_waiting(at, room).aggregate(oldest=Min("due_at"), due=Count("pk")),
        **today.aggregate(
            sent=Count("pk", filter=Q(state=state.SENT)), failed=Count("pk", filter=Q(state=state.FAILED))
        ),
        "unknown": Message.objects.filter(state=state.UNKNOWN).count(),
    }


def _jobs(at: datetime) -> list[JobState]:
    newest: dict[str, JobRun] = {}
    since = at - timedelta(days=14)
    for run in JobRun.objects.filter(started_at__gte=since).order_by("started_at"):
        newest[run.name] = run
    return [JobState(job, newest.get(job.name), _late(job, newest.get(job.name), at)) for job in SCHEDULE]


def _late(job: Job, run: JobRun | None, at: datetime) -> bool:
    if job.nightly:
        return run is not None and at - run.started_at > timedelta(hours=26)
    return run is None or at - run.started_at > LATE_AFTER + 2 * timedelta(seconds=job.every)
