"""A person who has shown interest, and the append-only history of what became of that."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import IdealValue, JourneyStage, Persona
from campaigns.models.labels import Labelled
from leads.models.person import Person
from leads.models.tracking import Touch


class LeadStatus(models.TextChoices):
    NEW = "new", _("new")
    NURTURING = "nurturing", _("nurturing")
    MARKETING_QUALIFIED = "marketing_qualified", _("marketing-qualified")
    DISQUALIFIED = "disqualified", _("disqualified")
    CUSTOMER = "customer", _("customer")


class LeadQuerySet(models.QuerySet):
    def for_list(self) -> Self:
        """All that a row of the leads list shows, in one query."""
        return self.select_related(
            "person__company",
            "persona",
            "score",
            "first_touch__campaign",
            "first_touch__channel",
            "last_touch__asset",
            "last_touch__message",
            "last_touch__page",
            "last_touch__campaign",
        )


class Lead(Labelled):
    """One per person. Status changes only in ``leads.lifecycle``."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="lead")
    status = models.CharField(_("status"), max_length=20, choices=LeadStatus, default=LeadStatus.NEW)
    status_since = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(_("became a lead"), default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    persona = models.ForeignKey(
        Persona,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("persona"),
        db_index=False,
    )
    journey_stage = models.CharField(_("journey stage"), max_length=16, choices=JourneyStage, blank=True)
    exclusion = models.CharField(_("excluded as"), max_length=12, choices=IdealValue.Exclusion, blank=True)
    first_touch = models.ForeignKey(
        Touch, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    last_touch = models.ForeignKey(Touch, models.SET_NULL, null=True, blank=True, related_name="+")
    marketing_qualified_at = models.DateTimeField(_("first marketing-qualified"), null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        permissions = [
            ("enter_leads", _("Can enter leads by hand and check people in")),
            ("import_leads", _("Can import lists of people and opt-outs")),
            ("import_history", _("Can import rows with their history")),
            ("export_leads", _("Can take people out as a file")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LeadStatus.values), name="lead_status_known")
        ]
        indexes = [
            # persona filter of the list
            models.Index(fields=["persona"], name="lead_by_persona", condition=~Q(persona=None)),
            models.Index(fields=["-created_at", "-id"], name="lead_newest"),  # default order of the list
            models.Index(
                fields=["status", "-created_at", "-id"], name="lead_by_status"
            ),  # status chip of the list
            models.Index(fields=["first_touch"], name="lead_by_first_touch"),  # cohort by campaign
        ]

    def __str__(self) -> str:
        return f"Lead {self.pk}"


class LeadMove(Labelled):
    """Status history; also the queue of the handover: a qualified move without ``handed_at`` is still due."""

    class Way(models.TextChoices):
        CAPTURE = "capture", _("first sign of interest")
        INQUIRY = "inquiry", _("inquiry")
        GRADE = "grade", _("grade and required facts")
        SALES = "sales", _("by sales")
        STAFF = "staff", _("by staff")
        NURTURE = "nurture", _("nurture began")
        IMPORTED = "imported", _("imported history")

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="moves")
    old = models.CharField(max_length=20, choices=LeadStatus, blank=True)
    new = models.CharField(max_length=20, choices=LeadStatus)
    way = models.CharField(max_length=10, choices=Way)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    model = models.ForeignKey(
        "leads.ScoringModel", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    grade = models.CharField(max_length=2, blank=True)
    receipts = models.JSONField(
        default=list, blank=True, help_text=_("The score's lines, frozen at a qualification.")
    )
    submission = models.ForeignKey(
        "leads.Submission", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    handed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            # the handover sweep
            models.Index(
                fields=["at"],
                name="move_to_hand_over",
                condition=Q(new="marketing_qualified", handed_at=None),
            ),
            models.Index(fields=["new", "at"], name="move_by_day"),  # funnel by event date
        ]

    def __str__(self) -> str:
        return f"{self.lead}: {self.old or '–'} → {self.new}"


class WorkRequest(models.Model):
    """Something a rep should do, asked from below: a reply, a complaint, a form of somebody they own."""

    class Kind(models.TextChoices):
        FORM = "form", _("sent a form again")
        REPLY = "reply", _("replied to a mail")
        COMPLAINT = "complaint", _("complained")
        STEP = "step", _("a sequence asks for a call")
        SOCIAL = "social", _("a sequence asks for a message on a social network")
        TO_DO = "to_do", _("a sequence asks for something")
        LIST = "list", _("stood on an imported list")

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    note = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=80, help_text=_("What asked; the same cause asks once."))
    at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="work_request_once"),
        ]
        indexes = [
            models.Index(fields=["at"], name="work_request_due", condition=Q(taken_at=None))
        ]  # the sweep

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"
