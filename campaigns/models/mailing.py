"""The wording of e-mails, and the rules under which the organisation sends them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.archive import Archivable
from campaigns.models.audience import Persona
from campaigns.models.campaign import Offer


class MailFormat(models.TextChoices):
    SIMPLE = "simple", _("simple: paragraphs, lists, pictures, buttons")
    MJML = "mjml", _("MJML: columns and sections of your own")


class EmailTemplate(Archivable):
    """A mail's words. Merge fields are Liquid over plain data: ``{{ person.first_name | default: "there" }}``."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    subject = models.CharField(_("subject"), max_length=200)
    preheader = models.CharField(_("preview line"), max_length=200, blank=True)
    format = models.CharField(_("written as"), max_length=6, choices=MailFormat, default=MailFormat.SIMPLE)
    body = models.TextField(_("body"), help_text=_("HTML with merge fields; cleaned against an allow list."))
    language = models.CharField(_("language"), max_length=5, default="en")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, blank=True, related_name="+")
    offer = models.ForeignKey(
        Offer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("offer"),
        help_text=_("Its name, code and terms become merge fields, and the mail counts as shown."),
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("e-mail template")
        verbose_name_plural = _("e-mail templates")

    def __str__(self) -> str:
        return self.name


class SendingPolicy(models.Model):
    """How much mail one person gets over all flows, and how fast the server may send. One row (pk 1)."""

    most_a_week = models.PositiveSmallIntegerField(
        _("marketing mails a person and week"),
        default=3,
        validators=[MinValueValidator(1)],
        help_text=_("Over all sequences and mailings. The flow of higher priority goes first."),
    )
    per_minute = models.PositiveIntegerField(
        _("mails a minute"), default=0, help_text=_("Over all workers. 0: as fast as the server takes them.")
    )
    per_domain_minute = models.PositiveIntegerField(
        _("mails a minute to one mail domain"), default=0, help_text=_("0: no limit of its own.")
    )
    ramp_from = models.DateField(
        _("new sending domain since"),
        null=True,
        blank=True,
        help_text=_("Empty: no ramp. Mailboxes distrust a domain that sends thousands on its first day."),
    )
    ramp_first_day = models.PositiveIntegerField(
        _("mails on the first day"), default=50, validators=[MinValueValidator(1)]
    )
    ramp_percent = models.PositiveSmallIntegerField(
        _("more each day, in %"), default=50, validators=[MinValueValidator(1), MaxValueValidator(300)]
    )
    ramp_until = models.PositiveIntegerField(
        _("ramp ends at mails a day"), default=20_000, validators=[MinValueValidator(1)]
    )
    sunset_months = models.PositiveSmallIntegerField(
        _("ask again after months without a sign"),
        default=12,
        help_text=_("0: never. A sign is a click, a form, a reply, a visit; an open is none."),
    )
    sunset_days = models.PositiveSmallIntegerField(
        _("days to answer before we stop"), default=30, validators=[MinValueValidator(7)]
    )
    sunset_sequence = models.ForeignKey(
        "campaigns.Sequence",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sequence that asks"),
        help_text=_("One mail that asks whether they still want to hear from us."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("sending policy")
        verbose_name_plural = _("sending policy")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_sending_policy")]

    def __str__(self) -> str:
        return "Sending policy"
