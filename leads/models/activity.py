"""What our people did with a person before this installation: history of another system, shown on the timeline."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models.person import Person


class PastActivity(models.Model):
    """A call, meeting, note or mail of ours as another system kept it. Append-only; in no count of a rep's work.

    It hangs on the person: old systems log calls with people of whom there is no cycle of sales here.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        MEETING = "meeting", _("meeting")
        NOTE = "note", _("note")
        MAIL = "mail", _("mail")

    person = models.ForeignKey(Person, models.CASCADE, related_name="past_activities")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    outcome = models.CharField(max_length=80, blank=True, help_text=_("In the other system's words."))
    minutes = models.PositiveIntegerField(null=True, blank=True)
    who = models.CharField(max_length=120, blank=True, help_text=_("The colleague, as the file names them."))
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("imported activity")
        verbose_name_plural = _("imported activities")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="past_activity_once")]
        indexes = [models.Index(fields=["person", "-at"], name="past_activity_of_person")]  # timeline

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
