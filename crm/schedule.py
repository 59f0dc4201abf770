"""The one schedule: what runs by itself, how often, and in which queue.

A verb is named by its dotted path and takes `at=` (an aware datetime) and returns a dict of counts. It must
bear being run twice, late, twice at once and after a crash (docs/jobs.md). Verbs are looked up when they run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

JOBS = "jobs"  # short sweeps
MAIL = "mail"  # delivery, so that a slow mail server holds up nothing else
BULK = "bulk"  # long work of the night


@dataclass(frozen=True, kw_only=True)
class Job:
    """One line of the schedule. Either `every` (seconds) or `nightly` (local hour) is set.

    A nightly job keeps one JobRun row a night, and a night missed is caught up once.
    """

    name: str
    verb: str
    queue: str = JOBS
    every: int = 0
    nightly: time | None = None


SCHEDULE = (
    Job(name="deliver", verb="leads.sending.delivery.deliver_due", every=1, queue=MAIL),
    Job(name="judge", verb="leads.judging.judge_due", every=2),
    Job(name="enrich", verb="leads.enrichment.enrich_due", every=5),
    Job(name="visitors", verb="leads.visitors.link_due", every=5),
    Job(name="referrals", verb="leads.sharing.refer_due", every=30),
    Job(name="qualify", verb="leads.scoring.verdicts.qualify_due", every=2),
    Job(name="rescore", verb="leads.scoring.rescore.rescore_dirty", every=2),
    Job(name="handover", verb="prospects.handover.sweep", every=2),
    Job(name="filed", verb="prospects.correspondence.filed.sweep", every=30),
    Job(name="advance", verb="leads.nurture.advance.advance", every=5),
    Job(name="segments", verb="leads.segments.refresh_due", every=60),
    Job(name="entries", verb="leads.nurture.entries.let_in", every=60),
    Job(name="clocks", verb="prospects.clocks.escalation.sweep", every=30),
    Job(name="lists", verb="prospects.prospecting.settling.settle", every=60),
    Job(name="lists-fit", verb="prospects.prospecting.fitting.fit_all", nightly=time(4, 50), queue=BULK),
    Job(name="not-now", verb="prospects.pipeline.return_due", every=60),
    Job(name="rehearse", verb="leads.nurture.rehearsal.work_due", every=2, queue=BULK),
    Job(name="backtest", verb="leads.scoring.backtest.work_due", every=2, queue=BULK),
    Job(name="learn", verb="leads.scoring.learn.work_due", every=2, queue=BULK),
    Job(name="learned-drift", verb="leads.scoring.learn.drift.check_due", nightly=time(3, 20), queue=BULK),
    Job(name="dead-leases", verb="leads.sending.ledger.free_dead_leases", every=60),
    Job(name="inbox", verb="leads.inbox.mailbox.fetch", every=60, queue=BULK),
    Job(name="answers", verb="leads.inbox.intake.work_due", every=2),
    Job(name="sunset", verb="leads.feedback.sunset.ask_or_stop", nightly=time(4, 10), queue=BULK),
    Job(name="old-answers", verb="leads.inbox.intake.forget_old", nightly=time(3, 50)),
    Job(name="addresses", verb="leads.retention.remove_addresses", nightly=time(3, 30), queue=BULK),
    Job(name="imports", verb="crm.importing.queue.work_due", every=2, queue=BULK),
    Job(name="old-imports", verb="crm.importing.kept.forget_old", nightly=time(3, 40)),
    Job(name="pieces", verb="leads.sending.pieces.refresh", nightly=time(2, 50), queue=BULK),
    Job(name="doubles-new", verb="leads.twins.finding.find_new", every=600, queue=BULK),
    Job(name="doubles", verb="leads.twins.finding.find_all", nightly=time(1, 40), queue=BULK),
    Job(name="segments-all", verb="leads.segments.refresh_all", nightly=time(4, 40), queue=BULK),
    Job(name="rescore-night", verb="leads.scoring.night.rescore_night", nightly=time(2, 15), queue=BULK),
)
BY_NAME = {job.name: job for job in SCHEDULE}
BY_VERB = {job.verb: job for job in SCHEDULE}
