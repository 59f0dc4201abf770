"""What we publish: pieces of content, their kinds and topics."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from campaigns.models.archive import Archivable, ArchivableQuerySet
from campaigns.models.audience import JourneyStage, Persona
from campaigns.uploads import check_picture, check_piece, cover_path, piece_path


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

    @property
    def shown(self) -> str:
        """The name in the language of the moment, if it is one of the usual kinds; else as it was typed."""
        return pgettext("kind", self.name)

    @property
    def word(self) -> str:
        """The same inside a sentence: "white paper", "Leitfaden"."""
        return self.shown if (get_language() or "").startswith("de") else self.shown.lower()

    @property
    def shown_verb(self) -> str:
        """What one does with it: "read", "lesen"."""
        return pgettext("kind", self.verb)


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
    file = models.FileField(_("file"), upload_to=piece_path, validators=[check_piece], blank=True)
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
    cover = models.ImageField(
        _("cover picture"),
        upload_to=cover_path,
        validators=[check_picture],
        blank=True,
        width_field="cover_width",
        height_field="cover_height",
        help_text=_("Empty: the first page of the PDF; without one, the drawing of its kind."),
    )
    cover_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    cover_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # The PDF of which the cover is the first page: a new file makes a new cover, a marketer's own picture stays.
    cover_of = models.CharField(max_length=255, blank=True, editable=False)
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
