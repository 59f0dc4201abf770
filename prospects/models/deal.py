"""Money: what, how much, when due. Pipeline value and forecast count deals, never people."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Offer
from campaigns.models.archive import Archivable
from campaigns.models.labels import Labelled
from leads.models import Person
from prospects.models.account import Account, BuyingRole
from prospects.models.prospect import Prospect, Reason


class Product(Archivable):
    """What is sold. A deal may name products, or a plain amount."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, unique=True)
    price = models.DecimalField(
        _("list price"),
        max_digits=14,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=_("In the base currency."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.name


class Deal(Labelled):
    """A prospect may have several; an imported opportunity may have none and keep only its account."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    prospect = models.ForeignKey(Prospect, models.PROTECT, null=True, blank=True, related_name="deals")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="deals")
    title = models.CharField(_("title"), max_length=160, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    rate = models.DecimalField(
        _("rate to the base currency"), max_digits=14, decimal_places=6, default=Decimal(1)
    )
    rate_on = models.DateField(null=True, blank=True)
    base_amount = models.GeneratedField(
        expression=models.F("amount") * models.F("rate"),
        output_field=models.DecimalField(max_digits=16, decimal_places=2),
        db_persist=True,
    )
    status = models.CharField(_("status"), max_length=5, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    expected_on = models.DateField(_("expected"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=40, blank=True)
    # Unique where present, so an import can be repeated.
    external_id = models.CharField(max_length=120, null=True, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    submit_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="deal_external_once")]
        indexes = [
            models.Index(fields=["status", "closed_at"], name="deal_by_end")
        ]  # revenue of a period, forecast

    def __str__(self) -> str:
        return f"Deal {self.pk}"


class DealLine(models.Model):
    """A product of a deal at the price agreed on. Where a deal has lines, its amount is their sum."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    quantity = models.DecimalField(
        _("quantity"), max_digits=10, decimal_places=2, default=1, validators=[MinValueValidator(0)]
    )
    price = models.DecimalField(
        _("price each"),
        max_digits=14,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=_("In the deal's currency."),
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("line")
        verbose_name_plural = _("lines")

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}"


class DealPerson(models.Model):
    """Another person of the account who takes part in this decision."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=10, choices=BuyingRole.Role)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "person"], name="person_once_a_deal")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.person}"


class DealMove(models.Model):
    """Status history of a deal. Append-only."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="moves")
    old = models.CharField(max_length=5, choices=Deal.Status, blank=True)
    new = models.CharField(max_length=5, choices=Deal.Status)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    imported = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.deal}: {self.old or '–'} → {self.new}"
