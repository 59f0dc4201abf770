"""Someone we know of. Consent, suppression, touches and messages hang on the person, not on the lead."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.indexes import BeginsWith
from leads.models.company import Company


class Person(models.Model):
    """Has a canonical e-mail, a phone (E.164) or an external reference. ``leads.identity`` makes the keys."""

    email = models.CharField(_("e-mail"), max_length=254, blank=True, help_text=_("As the person wrote it."))
    # The exception to "text is never null": unique where present.
    email_key = models.CharField(max_length=254, null=True, blank=True, editable=False)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_key = models.CharField(max_length=20, null=True, blank=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    company_name = models.CharField(_("company, as said"), max_length=160, blank=True)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("company")
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    # Written by sales through lifecycle.note_sales_stage(); capture, nurture and segments read only these.
    # On the person, not the lead: a cold contact with an open prospect has no lead.
    sales_stage = models.CharField(_("sales stage"), max_length=40, blank=True, editable=False)
    sales_open = models.BooleanField(_("with sales"), default=False, editable=False)
    sales_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("whose prospect"),
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False, db_index=False
    )
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Null: the enrichers have not looked yet.
    enriched_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The person objected to being scored (GDPR art. 21); the evidence is a ConsentEvent.
    no_profiling = models.BooleanField(_("not scored"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["phone_key"], name="person_phone_once"),
            models.UniqueConstraint(fields=["email_key"], name="person_email_once"),
        ]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            # tombstones of a merged person
            models.Index(fields=["merged_into"], name="person_merged", condition=~models.Q(merged_into=None)),
            models.Index(
                fields=["last_name", "first_name"], name="person_by_name"
            ),  # order of the search's answers, duplicate check
            # The search box, by what a word begins.
            BeginsWith(Upper("last_name"), name="person_last_name_begins"),
            BeginsWith(Upper("first_name"), name="person_first_name_begins"),
            models.Index(fields=["email_key"], name="person_email_begins", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["phone_key"],
                name="person_phone_begins",
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(phone_key=None),
            ),
            models.Index(
                fields=["id"], name="person_to_enrich", condition=models.Q(enriched_at=None)
            ),  # the enrichers' queue
            # named a company that nobody has linked yet
            models.Index(
                fields=["id"],
                name="person_to_link",
                condition=models.Q(company=None, merged_into=None, erased_at=None)
                & ~models.Q(company_name=""),
            ),
        ]

    def __str__(self) -> str:
        # Never a name: str() ends up in logs and in the admin log, which erasure must not have to rewrite.
        return f"Person {self.pk}"

    @property
    def role_at(self) -> str:
        """`Head of quality, Brackwerk`, as far as it is known."""
        company = self.company.name if self.company else self.company_name
        return ", ".join(filter(None, [self.job_title, company]))

    @property
    def name(self) -> str:
        """What to call them on a screen: their name, else their address, else their number."""
        return f"{self.first_name} {self.last_name}".strip() or self.email or str(self)

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper() or self.name[:1].upper()


class ExternalRef(models.Model):
    """The same person in another system; an import finds them again by it."""

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    person = models.ForeignKey(Person, models.CASCADE, related_name="external_refs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="external_ref_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class Fact(models.Model):
    """A value with its source: what no column holds, and every value the person did not say themselves. Append-only."""

    class Source(models.TextChoices):
        SAID = "said", _("said on a form")
        IMPORTED = "imported", _("imported")
        ENRICHED = "enriched", _("found out")
        SALES = "sales", _("learnt by sales")
        STAFF = "staff", _("entered by staff")
        SEQUENCE = "sequence", _("set by a sequence")

    person = models.ForeignKey(Person, models.CASCADE, related_name="facts", db_index=False)
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=500)
    source = models.CharField(max_length=10, choices=Source)
    detail = models.CharField(max_length=120, blank=True, help_text=_("Which form, file or service."))
    confidence = models.DecimalField(max_digits=3, decimal_places=2, default=1)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "field", "-at"], name="fact_latest")
        ]  # latest value per field

    def __str__(self) -> str:
        return f"{self.field} of {self.person}"
