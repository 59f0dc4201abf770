"""Outbound: lists of cold contacts, on what ground we write to them, and what became of each."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Sequence
from campaigns.models.archive import Archivable
from leads.models import ContactBasis, Person
from prospects.models.prospect import Prospect


class ProspectingList(Archivable):
    """Where cold contacts came from, and the lawful basis for speaking to them."""

    name = models.CharField(_("name"), max_length=120)
    source = models.CharField(_("where the addresses come from"), max_length=200)
    basis = models.CharField(_("lawful basis"), max_length=10, choices=ContactBasis.Kind)
    basis_note = models.TextField(
        _("why this basis holds"), help_text=_("Kept as evidence (GDPR art. 6 and 14).")
    )
    cadence = models.ForeignKey(
        Sequence, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cadence")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("prospecting list")
        verbose_name_plural = _("prospecting lists")
        permissions = [("import_prospects", _("Can bring in lists of cold contacts"))]

    def __str__(self) -> str:
        return self.name


class ListedPerson(models.Model):
    """One line of a list that is a person: fit against the ideal profile, and what we did with it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        STARTED = "started", _("sales works on it")
        KNOWN = "known", _("we know this person already")
        SET_ASIDE = "set_aside", _("set aside")

    list = models.ForeignKey(ProspectingList, models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    fit = models.PositiveSmallIntegerField(_("fit"), null=True, blank=True)
    fit_why = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=200, blank=True)
    # Perhaps the same person under other keys: work on this one waits until somebody has looked.
    like = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    prospect = models.ForeignKey(Prospect, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["list", "person"], name="listed_once")]
        indexes = [models.Index(fields=["list", "state", "-fit"], name="listed_by_fit")]  # the list's page

    def __str__(self) -> str:
        return f"{self.list}: {self.person}"
