"""A company that sales own: an owner, a tier, or a target. Users meet one page per company."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models import Company, Person


class AccountQuerySet(models.QuerySet):
    def for_list(self) -> Self:
        return self.select_related("company", "owner")


class Account(models.Model):
    class Tier(models.TextChoices):
        ONE = "1", _("tier 1")
        TWO = "2", _("tier 2")
        THREE = "3", _("tier 3")

    company = models.OneToOneField(Company, models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    is_target = models.BooleanField(_("target"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return f"Account {self.pk}"


class BuyingRole(models.Model):
    """What a person is in the account's decision."""

    class Role(models.TextChoices):
        DECIDES = "decides", _("decides")
        CHAMPION = "champion", _("champion")
        USER = "user", _("user")
        FINANCE = "finance", _("finance")
        BLOCKER = "blocker", _("blocker")

    account = models.ForeignKey(Account, models.CASCADE, related_name="roles")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=10, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "person"], name="buying_role_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"
