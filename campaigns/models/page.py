"""Landing pages with their blocks, and the test of a second wording."""

from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from simple_history.models import HistoricalRecords

from campaigns.models.campaign import Campaign, Offer
from campaigns.models.content import Asset
from campaigns.models.form import ConsentText
from campaigns.uploads import check_picture, social_path


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


class MailboxPolicy(models.TextChoices):
    """What a form does with an address at a free or throw-away provider."""

    ALLOW = "allow", _("accept")
    MARK = "mark", _("accept and mark")
    REFUSE = "refuse", _("refuse with a reason")


class LandingPageQuerySet(models.QuerySet):
    def public(self, *, at) -> Self:
        """Pages a visitor may see at ``at``."""
        return self.filter(
            Q(publish_from=None) | Q(publish_from__lte=at),
            Q(publish_until=None) | Q(publish_until__gt=at),
            state=PageState.PUBLISHED,
        )

    def ended(self, *, at) -> Self:
        """Pages that were public and are no more: archived, or past their time."""
        return self.filter(Q(state=PageState.ARCHIVED) | Q(state=PageState.PUBLISHED, publish_until__lte=at))

    def family(self, page: "LandingPage") -> Self:
        """The page in all of its languages."""
        root = page.translation_of_id or page.pk
        return self.filter(Q(pk=root) | Q(translation_of=root))

    def with_last_change(self) -> Self:
        """``changed_at``: when somebody last saved the page."""
        versions = LandingPage.history.filter(id=OuterRef("pk")).order_by("-history_date")
        return self.annotate(changed_at=Subquery(versions.values("history_date")[:1]))

    def for_render(self) -> Self:
        """All that rendering a page needs, in a constant number of queries."""
        running = PageTest.objects.filter(page=OuterRef("pk"), state=PageTest.State.RUNNING)
        return (
            self.annotate(
                running_test_id=Subquery(running.values("pk")[:1]),
                is_translated=Exists(LandingPage.objects.filter(translation_of=OuterRef("pk"))),
            )
            .select_related(
                "asset__kind",
                "asset__topic",
                "campaign__channel",
                "consent_text",
                "tracking_text",
                "offer",
                "sequence",
            )
            .prefetch_related("blocks", "fields__custom_field")
        )


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
    search_text = models.CharField(
        _("text for search engines"),
        max_length=160,
        blank=True,
        help_text=_("One sentence under the link in search results. Empty: the lead text."),
    )
    social_image = models.ImageField(
        _("picture for social networks"),
        upload_to=social_path,
        validators=[check_picture],
        blank=True,
        help_text=_("1200 × 630. Empty: the cover."),
    )
    language = models.CharField(_("language"), max_length=5, default="en")
    translation_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="translations",
        verbose_name=_("translation of"),
        help_text=_(
            "The same page in its first language. Search engines and readers are told of each other."
        ),
    )
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
        "campaigns.Sequence",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("starts sequence"),
    )
    thanks_text = models.TextField(_("thank-you text"), blank=True)
    most_asked = models.PositiveSmallIntegerField(
        _("questions at most"),
        default=4,
        help_text=_("How many questions a person whom we know already is asked at once."),
    )
    phone_country = models.CharField(
        _("country of phone numbers"),
        max_length=2,
        blank=True,
        help_text=_("Two letters, such as CH. Numbers typed without a country are read as of here."),
    )
    # against junk
    free_mailboxes = models.CharField(
        _("free mailboxes"), max_length=6, choices=MailboxPolicy, default=MailboxPolicy.ALLOW
    )
    throwaway_mailboxes = models.CharField(
        _("throw-away mailboxes"), max_length=6, choices=MailboxPolicy, default=MailboxPolicy.MARK
    )
    hourly_limit = models.PositiveIntegerField(
        _("forms an hour"),
        default=1000,
        help_text=_("More than this from all visitors together are asked to try again later."),
    )

    objects = LandingPageQuerySet.as_manager()
    history = HistoricalRecords()

    # What `for_render` and `campaigns.pages.find_page` add.
    running_test_id: int | None
    is_translated: bool
    family: "list[LandingPage]"

    class Meta:
        ordering = ["title"]
        verbose_name = _("landing page")
        verbose_name_plural = _("landing pages")

    def __str__(self) -> str:
        return self.title

    @property
    def shown_button(self) -> str:
        """The words on the button; those it has until somebody writes others follow the language of the moment."""
        return pgettext("public", self.button)


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
        return f"{self.get_kind_display()}: {self.heading}"


class PageTest(models.Model):
    """A second wording of a page, shown to half of its visitors until a number fixed before is reached.

    Empty texts are the page's own. ``visitors_each`` cannot be changed once the test runs: looking every day and
    stopping at a good moment names winners that are none.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        RUNNING = "running", _("running")
        DONE = "done", _("done")

    class Kept(models.TextChoices):
        A = "a", _("A, the page as it was")
        B = "b", _("B, the second wording")

    page = models.ForeignKey(LandingPage, models.PROTECT, related_name="tests", verbose_name=_("page"))
    title = models.CharField(_("headline"), max_length=160, blank=True)
    lead_text = models.TextField(_("lead text"), blank=True)
    form_title = models.CharField(_("form title"), max_length=120, blank=True)
    button = models.CharField(_("button"), max_length=60, blank=True)
    visitors_each = models.PositiveIntegerField(
        _("visitors each"),
        default=400,
        validators=[MinValueValidator(50)],
        help_text=_("Human visitors of each wording before the test says anything."),
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    kept = models.CharField(_("kept"), max_length=1, choices=Kept, blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("test of two wordings")
        verbose_name_plural = _("tests of two wordings")
        constraints = [
            models.UniqueConstraint(
                fields=["page"], condition=Q(state="running"), name="page_test_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.page}: {self.title or self.button or self.pk}"
