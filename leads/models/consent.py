"""What a person allowed, when, by which words; and whom we must not write to. Append-only."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import ConsentText, LandingPage, Topic
from leads.models.person import Person
from leads.models.tracking import Submission


class ConsentEvent(models.Model):
    """One giving or withdrawing of consent with its evidence (GDPR art. 7). The latest per purpose counts."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=10, choices=ConsentText.Purpose)
    given = models.BooleanField()
    text = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    page = models.ForeignKey(
        LandingPage, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    submission = models.ForeignKey(Submission, models.SET_NULL, null=True, blank=True, related_name="+")
    # Ticked, but the mailbox has not confirmed it yet: counts for nothing until a confirming row follows.
    pending = models.BooleanField(default=False)
    basis = models.CharField(
        max_length=200, blank=True, help_text=_("For imports: the legal basis, source and date.")
    )
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the double opt-in was answered.")
    )
    source_url = models.CharField(max_length=500, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["person", "purpose", "-at"], name="consent_latest")]  # may we write?

    def __str__(self) -> str:
        return f"{self.purpose}: {'yes' if self.given else 'no'}"


class ContactBasis(models.Model):
    """Why one-to-one mail to a cold contact is lawful (GDPR art. 6 (1), 14). Append-only; the latest counts.

    It is no consent: no marketing mail ever goes out on it, and an objection ends it.
    """

    class Kind(models.TextChoices):
        LEGITIMATE_INTEREST = "interest", _("legitimate interest, weighed and written down")
        EXISTING_CUSTOMER = "customer", _("an existing customer relation")
        CONSENT = "consent", _("consent given elsewhere, with proof")

    person = models.ForeignKey(Person, models.CASCADE, related_name="contact_bases", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    why = models.CharField(max_length=300)
    source = models.CharField(_("where the address comes from"), max_length=200)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("ground to contact")
        verbose_name_plural = _("grounds to contact")
        indexes = [models.Index(fields=["person", "-at"], name="contact_basis_latest")]  # may we write?

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.source}"


class Suppression(models.Model):
    """Never write to this address, whatever a form, an import or an admin says. Keyed by HMAC, outlives the person."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("address does not exist")
        COMPLAINED = "complained", _("complained")
        SALES = "sales", _("asked sales not to be contacted")
        IMPORTED = "imported", _("imported opt-out")
        SOFT_BOUNCES = "soft", _("mailbox refused mail three times")
        NO_SIGN = "no_sign", _("no sign of interest, asked once")

    email_hash = models.CharField(max_length=64)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="suppressions")
    # Empty: everything. Else marketing mail on one topic only.
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=14, choices=Reason)
    evidence = models.CharField(max_length=200, blank=True)
    # The mail it came by: unsubscribes and complaints are counted per step. The row outlives it.
    message = models.ForeignKey("leads.Message", models.SET_NULL, null=True, blank=True, related_name="+")
    said = models.CharField(max_length=200, blank=True, help_text=_("Why, in their words, if they said."))
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, help_text=_("A hold ends by itself then."))
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by_consent = models.ForeignKey(
        ConsentEvent, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["email_hash"], name="suppressed_now", condition=models.Q(lifted_at=None))
        ]  # the gate

    def __str__(self) -> str:
        return f"Suppression {self.pk}"


class TopicChoice(models.Model):
    """One switch of the preference page. No row: the topic is wanted."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="topic_choices")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+")
    wanted = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "topic"], name="topic_choice_once")]

    def __str__(self) -> str:
        return f"{self.topic}: {self.wanted}"


class Pause(models.Model):
    """The person asked for quiet until a day. The latest row counts."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="pauses")
    until = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d}"


class PrivacyRequest(models.Model):
    """The person asked for a copy of their data, or to be forgotten, on their own signed page (GDPR art. 15, 17, 20).

    It counts once the mailbox has confirmed it. The receipt is what they can quote.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("a copy of the data")
        ERASURE = "erasure", _("erasure")

    person = models.ForeignKey(Person, models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(_("asks for"), max_length=8, choices=Kind)
    receipt = models.CharField(_("receipt"), max_length=12, unique=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed by the mailbox"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("what was done"), max_length=300, blank=True)
    source_url = models.CharField(max_length=500, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=models.Q(done_at=None),
                name="privacy_request_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"Request {self.receipt}"
