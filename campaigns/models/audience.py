"""Whom we write for: personas, the ideal customer profile, target accounts, custom fields."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.archive import Archivable


class JourneyStage(models.TextChoices):
    """Where a buyer stands. The public words are those a visitor would use of themselves."""

    AWARENESS = "awareness", _("awareness")
    CONSIDERATION = "consideration", _("consideration")
    DECISION = "decision", _("decision")


class Seniority(models.TextChoices):
    """What a job title says of its holder's place."""

    OWNER = "owner", _("owner or founder")
    C_LEVEL = "c_level", _("runs the company (C-level)")
    VP = "vp", _("vice president")
    DIRECTOR = "director", _("director")
    HEAD = "head", _("head of a department")
    MANAGER = "manager", _("manager or team lead")
    SENIOR = "senior", _("senior or specialist")
    JUNIOR = "junior", _("junior or assistant")
    STUDENT = "student", _("student or intern")


class Persona(Archivable):
    """A buyer type we write for."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), unique=True)
    description = models.TextField(
        _("description"), blank=True, help_text=_("Their day, their worries, their words.")
    )
    title_words = models.CharField(
        _("words in job titles"),
        max_length=255,
        blank=True,
        help_text=_("Separated by commas. A lead whose job title holds one of them gets this persona."),
    )
    talking_points = models.TextField(
        _("talking points"), blank=True, help_text=_("Shown beside the call form, one a line.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("persona")
        verbose_name_plural = _("personas")

    def __str__(self) -> str:
        return self.name


class PersonaRule(models.Model):
    """One more way to tell a persona, where no word of a job title did: the first rule that holds says who it is."""

    class Field(models.TextChoices):
        SENIORITY = "seniority", _("seniority")
        INDUSTRY = "industry", _("industry")
        SIZE = "company_size", _("company size (people)")
        COUNTRY = "country", _("country (two letters)")
        FACT = "fact", _("a fact by name")

    persona = models.ForeignKey(Persona, models.CASCADE, related_name="rules")
    field = models.CharField(_("looks at"), max_length=14, choices=Field)
    fact_name = models.CharField(_("fact"), max_length=60, blank=True)
    words = models.CharField(_("values"), max_length=500, blank=True, help_text=_("Separated by commas."))
    minimum = models.PositiveIntegerField(_("from"), null=True, blank=True)
    maximum = models.PositiveIntegerField(_("to"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("rule of a persona")
        verbose_name_plural = _("rules of personas")

    def __str__(self) -> str:
        return f"{self.persona}: {self.get_field_display()}"


class IdealProfile(Archivable):
    """The ideal customer profile: what a company and a role should be like. One is active at a time."""

    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("active"), default=False)

    class Meta:
        verbose_name = _("ideal customer profile")
        verbose_name_plural = _("ideal customer profiles")
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=models.Q(is_active=True), name="one_active_ideal_profile"
            )
        ]

    def __str__(self) -> str:
        return self.name


class IdealValue(models.Model):
    """One line of the profile. Words compare without case; numbers by minimum and maximum."""

    class Field(models.TextChoices):
        SIZE = "company_size", _("company size (people)")
        AGE = "company_age", _("years in business")
        INDUSTRY = "industry", _("industry")
        COUNTRY = "country", _("country (two letters)")
        TITLE = "job_title", _("words in the job title")
        SENIORITY = "seniority", _("seniority")
        DOMAIN = "domain", _("mail domain")

    class Wish(models.TextChoices):
        REQUIRED = "required", _("required")
        PREFERRED = "preferred", _("preferred")
        EXCLUDED = "excluded", _("excluded")

    class Exclusion(models.TextChoices):
        """Why an excluded value excludes: a word for the lead's page."""

        NONE = "", _("not an exclusion")
        COMPETITOR = "competitor", _("competitor")
        STUDENT = "student", _("student")
        JOB_SEEKER = "job_seeker", _("job seeker")
        SUPPLIER = "supplier", _("supplier")
        COUNTRY = "country", _("country not sold to")

    profile = models.ForeignKey(IdealProfile, models.CASCADE, related_name="values")
    field = models.CharField(_("field"), max_length=20, choices=Field)
    wish = models.CharField(_("wish"), max_length=10, choices=Wish)
    words = models.CharField(_("values"), max_length=500, blank=True, help_text=_("Separated by commas."))
    minimum = models.PositiveIntegerField(_("from"), null=True, blank=True)
    maximum = models.PositiveIntegerField(_("to"), null=True, blank=True)
    exclusion = models.CharField(_("excludes as"), max_length=12, choices=Exclusion, blank=True)

    class Meta:
        verbose_name = _("wanted value")
        verbose_name_plural = _("wanted values")

    def __str__(self) -> str:
        span = f"{self.minimum or 0} – {self.maximum or '∞'}"
        return f"{self.get_field_display()}: {self.words or span}"


class TargetList(Archivable):
    """Named companies we want, by mail domain, before we know anybody there."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("target account list")
        verbose_name_plural = _("target account lists")

    def __str__(self) -> str:
        return self.name


class TargetDomain(models.Model):
    target_list = models.ForeignKey(TargetList, models.CASCADE, related_name="domains")
    domain = models.CharField(_("mail domain"), max_length=253)

    class Meta:
        verbose_name = _("target domain")
        verbose_name_plural = _("target domains")
        constraints = [
            models.UniqueConstraint(fields=["target_list", "domain"], name="target_domain_once_a_list")
        ]

    def __str__(self) -> str:
        return self.domain


class CustomField(Archivable):
    """A field an organisation adds. Values of people are facts; others keep them in their ``custom`` column."""

    class Entity(models.TextChoices):
        PERSON = "person", _("person")
        COMPANY = "company", _("company")
        PROSPECT = "prospect", _("prospect")
        DEAL = "deal", _("deal")

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        DATE = "date", _("date")
        CHOICE = "choice", _("one of a list")
        YES_NO = "yes_no", _("yes or no")

    entity = models.CharField(_("belongs to"), max_length=10, choices=Entity)
    key = models.SlugField(_("key"), max_length=40)
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.TextField(_("choices"), blank=True, help_text=_("One a line, for a list."))

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [models.UniqueConstraint(fields=["entity", "key"], name="custom_field_key_once")]

    def __str__(self) -> str:
        return self.label
