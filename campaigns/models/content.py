"""What we publish: assets, landing pages with their blocks and form fields, consent texts."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.archive import Archivable, ArchivableQuerySet
from campaigns.models.audience import JourneyStage, Persona
from campaigns.models.campaign import Campaign, Offer
from campaigns.models.mailing import Sequence


class AssetKind(Archivable):
    """E-book, white paper, webinar … a managed list; ``art`` names the drawing of its cover."""

    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("slug"), unique=True)
    verb = models.CharField(_("button"), max_length=40, default="read", help_text=_("read, view, watch, use"))
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("asset kind")
        verbose_name_plural = _("asset kinds")

    def __str__(self) -> str:
        return self.name


class Topic(Archivable):
    """A subject of the public library and of the preference page. ``palette`` is a class of the style sheet."""

    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("slug"), unique=True)
    palette = models.CharField(_("palette"), max_length=20, default="cv-monitoring")
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name


class AssetQuerySet(ArchivableQuerySet):
    def library(self, *, at) -> Self:
        """What the public library lists at ``at``, newest first, with all that a card shows."""
        return (
            self.in_use()
            .filter(audience=Asset.Audience.PUBLIC, published_at__lte=at)
            .filter(Q(expires_on=None) | Q(expires_on__gte=at.date()))
            .select_related("kind", "topic")
            .order_by("-published_at", "-pk")
        )


class Asset(Archivable):
    """A piece of content. Gated pieces are reached through a landing page; open ones are read in place."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("public")
        SALES = "sales", _("sales only")

    title = models.CharField(_("title"), max_length=160)
    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    summary = models.TextField(_("summary"), blank=True, help_text=_("One or two sentences for the library."))
    kind = models.ForeignKey(AssetKind, models.PROTECT, related_name="assets", verbose_name=_("kind"))
    topic = models.ForeignKey(
        Topic, models.PROTECT, related_name="assets", null=True, blank=True, verbose_name=_("topic")
    )
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.PUBLIC)
    gated = models.BooleanField(
        _("gated"), default=True, help_text=_("Asks for contact details before it is given.")
    )
    persona = models.ForeignKey(
        Persona, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("persona")
    )
    journey_stage = models.CharField(
        _("journey stage"), max_length=16, choices=JourneyStage, default=JourneyStage.AWARENESS
    )
    language = models.CharField(_("language"), max_length=5, default="en")
    file = models.FileField(_("file"), upload_to="assets/", blank=True)
    link = models.URLField(_("or a link"), blank=True, help_text=_("For a video or a page elsewhere."))
    body = models.TextField(
        _("text"), blank=True, help_text=_("Open pieces are read in place. HTML; cleaned when shown.")
    )
    length = models.CharField(
        _("length"), max_length=40, blank=True, help_text=_("24 pages, 7 minutes, 5 lessons")
    )
    art = models.CharField(
        _("cover drawing"),
        max_length=20,
        blank=True,
        help_text=_("Name of a drawing, used without a cover picture."),
    )
    cover = models.ImageField(_("cover picture"), upload_to="covers/", blank=True)
    featured = models.BooleanField(_("featured"), default=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "title"]
        verbose_name = _("asset")
        verbose_name_plural = _("assets")

    def __str__(self) -> str:
        return self.title


class ConsentText(models.Model):
    """The words a person agreed to. A change is a new version; evidence points at the words of its day."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("marketing mail")
        TRACKING = "tracking", _("tracking")

    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    language = models.CharField(_("language"), max_length=5, default="en")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["purpose", "language", "-version"]
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "language", "version"], name="consent_text_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.language} v{self.version}"


class PageState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    ARCHIVED = "archived", _("archived")


class InquiryKind(models.TextChoices):
    """A form of one of these kinds is an inquiry: the strongest sign of interest."""

    NONE = "", _("no inquiry")
    CONTACT = "contact", _("contact")
    DEMO = "demo", _("demo")
    QUOTE = "quote", _("quote")
    CALL_BACK = "call_back", _("call-back")
    TRIAL = "trial", _("trial")


class LandingPageQuerySet(models.QuerySet):
    def public(self, *, at) -> Self:
        """Pages a visitor may see at ``at``."""
        return self.filter(
            Q(publish_from=None) | Q(publish_from__lte=at),
            Q(publish_until=None) | Q(publish_until__gt=at),
            state=PageState.PUBLISHED,
        )

    def for_render(self) -> Self:
        """All that rendering a page needs, in a constant number of queries."""
        return self.select_related(
            "asset__kind",
            "asset__topic",
            "campaign__channel",
            "consent_text",
            "tracking_text",
            "offer",
            "sequence",
        ).prefetch_related("blocks", "fields__custom_field")


class LandingPage(models.Model):
    """A page with one form. GET shows it; a valid POST captures."""

    slug = models.SlugField(_("address"), unique=True, max_length=80)
    title = models.CharField(_("headline"), max_length=160)
    lead_text = models.TextField(_("lead text"), blank=True, help_text=_("Two sentences under the headline."))
    kicker = models.CharField(_("line above the headline"), max_length=60, blank=True)
    facts_line = models.CharField(
        _("facts line"),
        max_length=160,
        blank=True,
        help_text=_("24 pages · 20 minutes · for maintenance engineers"),
    )
    asset = models.ForeignKey(
        Asset, models.PROTECT, null=True, blank=True, related_name="pages", verbose_name=_("asset")
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="pages", verbose_name=_("campaign")
    )
    offer = models.ForeignKey(
        Offer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("offer")
    )
    language = models.CharField(_("language"), max_length=5, default="en")
    state = models.CharField(_("state"), max_length=10, choices=PageState, default=PageState.DRAFT)
    publish_from = models.DateTimeField(_("shown from"), null=True, blank=True)
    publish_until = models.DateTimeField(_("shown until"), null=True, blank=True)
    # the form
    inquiry = models.CharField(
        _("inquiry"),
        max_length=10,
        choices=InquiryKind,
        blank=True,
        help_text=_("An inquiry is handed to sales at once, whatever the score."),
    )
    form_title = models.CharField(_("form title"), max_length=120, blank=True)
    form_note = models.CharField(_("note under the form title"), max_length=200, blank=True)
    button = models.CharField(_("button"), max_length=60, default="Send")
    small_print = models.TextField(_("small print"), blank=True)
    consent_text = models.ForeignKey(
        ConsentText,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("marketing consent"),
        help_text=_("Shown as a box that is never ticked beforehand."),
    )
    tracking_text = models.ForeignKey(
        ConsentText,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tracking consent"),
        help_text=_("A second box. Only with it are clicks and opens of this person's mails noted."),
    )
    double_opt_in = models.BooleanField(_("confirm by e-mail"), default=False)
    sequence = models.ForeignKey(
        Sequence, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("starts sequence")
    )
    thanks_text = models.TextField(_("thank-you text"), blank=True)

    objects = LandingPageQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["title"]
        verbose_name = _("landing page")
        verbose_name_plural = _("landing pages")

    def __str__(self) -> str:
        return self.title


class PageBlock(models.Model):
    """One line of a block; lines of the same kind that follow each other are shown as one block."""

    class Kind(models.TextChoices):
        POINT = "point", _("benefit")
        INSIDE = "inside", _("line of “What’s inside”")
        FIGURE = "figure", _("drawn figure beside “What’s inside”")
        QUOTE = "quote", _("quote")
        NEXT = "next", _("step of “What happens next”")
        FAQ = "faq", _("question and answer")
        CLOSING = "closing", _("closing call")

    page = models.ForeignKey(LandingPage, models.CASCADE, related_name="blocks")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    heading = models.CharField(_("heading"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    note = models.CharField(
        _("note"), max_length=120, blank=True, help_text=_("A page number, or who said it.")
    )

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("block")
        verbose_name_plural = _("blocks")

    def __str__(self) -> str:
        return self.heading


class FormField(models.Model):
    """A field of a page's form, mapped to what it fills."""

    class Maps(models.TextChoices):
        EMAIL = "email", _("e-mail")
        FIRST_NAME = "first_name", _("first name")
        LAST_NAME = "last_name", _("last name")
        COMPANY = "company", _("company")
        JOB_TITLE = "job_title", _("job title")
        PHONE = "phone", _("phone")
        COUNTRY = "country", _("country")
        COMPANY_SIZE = "company_size", _("company size")
        INDUSTRY = "industry", _("industry")
        MESSAGE = "message", _("message")
        HEARD_FROM = "heard_from", _("how did you hear about us?")
        CUSTOM = "custom", _("a custom field")

    page = models.ForeignKey(LandingPage, models.CASCADE, related_name="fields")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    maps_to = models.CharField(_("fills"), max_length=12, choices=Maps)
    custom_field = models.ForeignKey(
        "campaigns.CustomField", models.PROTECT, null=True, blank=True, related_name="+"
    )
    label = models.CharField(_("label"), max_length=80, blank=True, help_text=_("Empty: the usual label."))
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    required = models.BooleanField(_("required"), default=True)
    choices = models.TextField(_("choices"), blank=True, help_text=_("One a line; makes the field a list."))

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("form field")
        verbose_name_plural = _("form fields")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "maps_to"], condition=~Q(maps_to="custom"), name="form_field_once_a_page"
            )
        ]

    def __str__(self) -> str:
        return self.label or self.get_maps_to_display()
