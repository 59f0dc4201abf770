"""What we do, through which channel, when, and at what cost."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.archive import Archivable
from campaigns.models.audience import Persona


class Channel(Archivable):
    """How somebody came: paid search, e-mail, referral. ``direct`` and ``unknown`` always exist."""

    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("slug"), unique=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.name


class ChannelRule(models.Model):
    """One line of the ordered table that turns click ids, UTM and referrer into a channel. The first match wins."""

    class Field(models.TextChoices):
        CLICK_ID = "click_id_kind", _("click id")
        UTM_SOURCE = "utm_source", _("UTM source")
        UTM_MEDIUM = "utm_medium", _("UTM medium")
        REFERRER = "referrer_host", _("referring site")

    order = models.PositiveSmallIntegerField(_("order"), default=100)
    field = models.CharField(_("looks at"), max_length=20, choices=Field)
    words = models.CharField(
        _("values"),
        max_length=500,
        help_text=_("Separated by commas. A referring site also matches its subdomains."),
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="rules", verbose_name=_("gives channel")
    )

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("channel rule")
        verbose_name_plural = _("channel rules")

    def __str__(self) -> str:
        return f"{self.get_field_display()}: {self.words} → {self.channel}"


class Programme(Archivable):
    """A long effort that campaigns belong to: six e-books for one persona over a year. Results roll up."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), unique=True)
    aim = models.TextField(_("aim"), blank=True)
    persona = models.ForeignKey(
        Persona, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("persona")
    )
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    def __str__(self) -> str:
        return self.name


class Campaign(Archivable):
    """One effort with a channel, dates, a budget and a UTM set of its own."""

    class Objective(models.TextChoices):
        LEAD_GENERATION = "lead_generation", _("lead generation: gated, broad")
        DEMAND_GENERATION = "demand_generation", _("demand generation: open, shareable, never gated")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("programme"),
    )
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="campaigns", verbose_name=_("channel"))
    objective = models.CharField(
        _("objective"), max_length=20, choices=Objective, default=Objective.LEAD_GENERATION
    )
    persona = models.ForeignKey(
        Persona, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("persona")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    budget = models.DecimalField(
        _("budget"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
        help_text=_("In the base currency."),
    )
    utm_source = models.CharField(_("UTM source"), max_length=80, blank=True)
    utm_medium = models.CharField(_("UTM medium"), max_length=80, blank=True)
    utm_campaign = models.SlugField(
        _("UTM campaign"),
        max_length=80,
        unique=True,
        help_text=_("Ties a visit to this campaign. Change it before the first link goes out, never after."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-starts_on", "name"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None)
                | models.Q(starts_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Spend(models.Model):
    """Money spent for a campaign on a day. ``base_amount`` is in the base currency by the rate of ``rate_on``."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="spend", verbose_name=_("campaign"))
    on = models.DateField(_("on"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    rate = models.DecimalField(
        _("rate to the base currency"), max_digits=14, decimal_places=6, default=Decimal(1)
    )
    rate_on = models.DateField(_("rate of"), null=True, blank=True)
    base_amount = models.GeneratedField(
        expression=models.F("amount") * models.F("rate"),
        output_field=models.DecimalField(max_digits=14, decimal_places=2),
        db_persist=True,
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    external_ref = models.CharField(
        _("reference"),
        max_length=120,
        null=True,
        blank=True,
        unique=True,
        help_text=_("The invoice or the advertiser's own id; one row each, so an import can be repeated."),
    )

    class Meta:
        ordering = ["-on"]
        verbose_name = _("spend")
        verbose_name_plural = _("spend")
        indexes = [models.Index(fields=["on", "campaign"], name="spend_by_day")]  # cost per lead of a period

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}, {self.on}"


class Offer(Archivable):
    """Terms that a page, a mail or a rep may grant. The deal records the code."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)
    terms = models.TextField(_("terms"), blank=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="offers")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, blank=True, related_name="+")
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_until = models.DateField(_("until"), null=True, blank=True)
    limit = models.PositiveIntegerField(
        _("how many"), null=True, blank=True, help_text=_("Empty: without limit.")
    )
    discount_percent = models.DecimalField(
        _("discount in %"), max_digits=5, decimal_places=2, default=Decimal(0)
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class ShortLink(models.Model):
    """``/go/<code>/``: a tracked short link of a campaign, for print, talks and QR codes."""

    code = models.SlugField(_("code"), unique=True, max_length=40)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="short_links")
    target = models.CharField(
        _("target"), max_length=500, help_text=_("A path of this site or an http(s) address.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("short link")
        verbose_name_plural = _("short links")

    def __str__(self) -> str:
        return self.code
