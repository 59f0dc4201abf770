"""One cycle of work by sales on one person, its stages as data, and its append-only history."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models import IdealValue
from campaigns.models.archive import Archivable, ArchivableQuerySet
from campaigns.models.labels import Labelled
from leads.models import LeadMove, Person
from prospects.models.account import Account
from prospects.models.agreement import Agreement


class Pipeline(Archivable):
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("slug"), unique=True)
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_pipeline"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Stage(Archivable):
    """A step of a pipeline, or one of its ends. Reports know stages by ``slug``."""

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")
        RETURNED = "returned", _("returned to nurture")
        DISQUALIFIED = "disqualified", _("disqualified")

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages")
    slug = models.SlugField(_("slug"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=14, choices=Kind, default=Kind.OPEN)
    probability = models.PositiveSmallIntegerField(_("probability in %"), default=0)
    ageing_days = models.PositiveSmallIntegerField(_("usually days"), null=True, blank=True)
    limit_days = models.PositiveSmallIntegerField(
        _("at most days"),
        null=True,
        blank=True,
        help_text=_("Whoever stays longer is red everywhere, and the manager hears of it."),
    )
    managers_only = models.BooleanField(_("only a manager moves prospects here"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["pipeline", "order"]
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [models.UniqueConstraint(fields=["pipeline", "slug"], name="stage_once_a_pipeline")]

    def __str__(self) -> str:
        return self.name


class StageRule(models.Model):
    """What must be known before a prospect may enter the stage."""

    class Needs(models.TextChoices):
        CONVERSATION = "conversation", _("a logged conversation")
        NEED_CONFIRMED = "need_confirmed", _("need, confirmed")
        AUTHORITY_KNOWN = "authority_known", _("authority, known")
        ONE_UNKNOWN = "one_unknown", _("at most one of the four answers unknown")
        NONE_NO = "none_no", _("none of the four answers is no")
        BUDGET_KNOWN = "budget_known", _("budget, known")
        TIMING_KNOWN = "timing_known", _("timing, known")
        AMOUNT = "amount", _("a deal with an amount")
        REASON = "reason", _("a reason")
        MEETING_HELD = "meeting_held", _("a meeting that was held")
        VERDICT = "verdict", _("the verdict “accepted”")
        FACT = "fact", _("a fact or field, known")

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="rules")
    needs = models.CharField(_("needs"), max_length=20, choices=Needs)
    field = models.CharField(
        _("which fact"),
        max_length=60,
        blank=True,
        help_text=_("For “a fact or field”: its key, as on the page of custom fields."),
    )

    class Meta:
        verbose_name = _("entry rule")
        verbose_name_plural = _("entry rules")
        constraints = [models.UniqueConstraint(fields=["stage", "needs", "field"], name="stage_rule_once")]

    def __str__(self) -> str:
        return self.get_needs_display()


class Reason(Archivable, Labelled):
    """Why sales said no. Each reason carries its outcome, so the verdict is one choice."""

    class Outcome(models.TextChoices):
        RETURN_ON_DATE = "return_on_date", _("returns to nurture and comes back on a date")
        NURTURE = "nurture", _("returns to nurture")
        WRONG_PERSON = "wrong_person", _("returns to nurture; find the right person there")
        DISQUALIFY = "disqualify", _("is disqualified")
        SUPPRESS = "suppress", _("is never contacted again")

    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("slug"), unique=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    exclusion = models.CharField(_("excludes as"), max_length=12, choices=IdealValue.Exclusion, blank=True)
    for_rejection = models.BooleanField(_("offered when rejecting"), default=True)
    for_loss = models.BooleanField(_("offered when losing"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")

    def __str__(self) -> str:
        return self.name


def no_next_step(at: datetime) -> Q:
    """Whether an open prospect is red, as a condition: for a filter, or `annotate(red=…)` of a list."""
    mine = {"prospect": models.OuterRef("pk")}
    of_prospect = Prospect._meta.get_field  # its follow-ups and meetings are defined above this file
    promises = of_prospect("follow_ups").related_model._default_manager.filter(
        **mine, done_at=None, due_at__gt=at
    )
    meetings = of_prospect("meetings").related_model._default_manager.filter(
        **mine, outcome="booked", at__gt=at
    )
    answers = Q(first_acted_at=None, answer_by__gt=at)
    return ~models.Exists(promises) & ~models.Exists(meetings) & ~answers


class ProspectQuerySet(ArchivableQuerySet):
    def visible_to(self, user) -> Self:
        """Sales see their own; managers see all. Everybody else sees none."""
        if user.has_perm("prospects.manage_prospects"):
            return self
        if user.has_perm("prospects.work_prospects"):
            return self.filter(owner=user)
        return self.none()

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def without_next_step(self, at: datetime) -> Self:
        """Open, and nothing lies ahead: no promise, no meeting, no first answer by the clock. Red everywhere."""
        return self.open().filter(no_next_step(at))

    def for_person_page(self) -> Self:
        """The head of the person page: the card, the lead's score and first touch, the pipeline."""
        return self.for_card().select_related(
            "pipeline",
            "person__lead__persona",
            "person__lead__score__model",
            "person__lead__first_touch__channel",
            "person__lead__first_touch__campaign",
        )

    def for_list(self) -> Self:
        """A row of the prospects list or a card of the board: the card and the grade."""
        return self.for_card().select_related("person__lead__score")

    def for_card(self) -> Self:
        """All that a card or a row shows, in one query."""
        return self.select_related(
            "person__company", "stage", "owner", "lead_move", "reason", "account__company"
        )


class Prospect(Labelled):
    """A cycle. The stage changes only in ``prospects.pipeline``."""

    class Origin(models.TextChoices):
        INBOUND = "inbound", _("inbound")
        OUTBOUND = "outbound", _("outbound")

    class Verdict(models.TextChoices):
        OPEN = "", _("no verdict yet")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="prospects")
    round = models.PositiveSmallIntegerField(default=1)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    lead_move = models.OneToOneField(LeadMove, models.PROTECT, null=True, blank=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="prospects")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    assigned_why = models.CharField(max_length=200, blank=True)
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="prospects")
    stage_since = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    marketing_qualified_at = models.DateTimeField(null=True, blank=True, help_text=_("Empty for outbound."))
    # First response: by when, and when a person first acted.
    answer_by = models.DateTimeField(null=True, blank=True)
    first_acted_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    sales_qualified_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True, related_name="+")
    return_on = models.DateField(_("comes back on"), null=True, blank=True)
    returned_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the cycle that follows was opened.")
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True)
    custom = models.JSONField(default=dict, blank=True)

    objects = ProspectQuerySet.as_manager()

    class Meta:
        verbose_name = _("prospect")
        verbose_name_plural = _("prospects")
        permissions = [
            ("work_prospects", _("Can work own prospects")),
            ("manage_prospects", _("Can see and work all prospects")),
            ("see_outcomes", _("Can see stage, owner, verdict, reason and amount of prospects")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "pipeline", "round"], name="prospect_once_a_round"),
            models.UniqueConstraint(
                fields=["person", "pipeline"], condition=Q(closed_at=None), name="one_open_prospect"
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "stage"], name="prospect_of_owner", condition=Q(closed_at=None)
            ),  # today, board
            models.Index(
                fields=["return_on"], name="prospect_to_return", condition=Q(returned_at=None)
            ),  # not-now clock
            models.Index(fields=["opened_at"], name="prospect_by_opening"),  # funnel by event date
            models.Index(
                fields=["answer_by"],
                name="prospect_clock",
                condition=Q(closed_at=None, first_acted_at=None) & ~Q(answer_by=None),
            ),  # broken clocks
            models.Index(
                fields=["stage", "stage_since"], name="prospect_of_stage", condition=Q(closed_at=None)
            ),  # a lane of the team's board, and who stays too long
            models.Index(
                fields=["stage_since", "id"], name="prospect_by_change", condition=Q(closed_at=None)
            ),  # the team's list, page by page
        ]

    def __str__(self) -> str:
        return f"Prospect {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class StageMove(models.Model):
    """Stage history. Append-only; time in stage and time to conversion come from here."""

    prospect = models.ForeignKey(Prospect, models.PROTECT, related_name="moves")
    old = models.ForeignKey(Stage, models.PROTECT, null=True, blank=True, related_name="+")
    new = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True, related_name="+")
    # Of a verdict: what both teams had agreed on that day.
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="+")
    imported = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["new", "at"], name="stage_move_by_day")]  # funnel by event date

    def __str__(self) -> str:
        return f"{self.prospect}: {self.old or '–'} → {self.new}"
