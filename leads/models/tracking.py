"""What happened: raw hits with verdicts, and the touches that scores and attribution read."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    Asset,
    Campaign,
    Channel,
    EmbedSite,
    InquiryKind,
    LandingPage,
    MailLink,
    PageTest,
    ShortLink,
)
from campaigns.models.labels import Labelled
from leads.models.person import Person


class Origin(models.Model):
    """Where a hit, a submission or a touch came from. Allow-listed keys, at most 255 characters each."""

    utm_source = models.CharField(max_length=255, blank=True)
    utm_medium = models.CharField(max_length=255, blank=True)
    utm_campaign = models.CharField(max_length=255, blank=True)
    utm_content = models.CharField(max_length=255, blank=True)
    utm_term = models.CharField(max_length=255, blank=True)
    referrer = models.CharField(max_length=255, blank=True)
    click_id_kind = models.CharField(max_length=12, blank=True)
    click_id = models.CharField(max_length=255, blank=True)

    class Meta:
        abstract = True


class Visitor(models.Model):
    """A browser that agreed to be remembered; not a person."""

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    # The other site whose consent manager said yes; empty: a box on a form of ours.
    site = models.ForeignKey(EmbedSite, models.PROTECT, null=True, blank=True, related_name="+")
    # The agreement was taken back: what still comes from this browser is anonymous.
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the worker looks whose its hits are; null: nothing new. Hits up to ``settled_at`` have been given or left.
    due_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # the worker's queue
            models.Index(fields=["due_at"], name="visitor_due", condition=~models.Q(due_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.key)


class VisitorLink(models.Model):
    """Visitor → person, with its evidence. A shared device has several, and none of them welds people together."""

    class Evidence(models.TextChoices):
        FORM = "form", _("submitted a form")
        CLICK = "click", _("clicked in their own mail")

    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="links")
    person = models.ForeignKey(Person, models.CASCADE, related_name="visitor_links")
    evidence = models.CharField(max_length=10, choices=Evidence)
    at = models.DateTimeField(default=timezone.now)
    # Taken apart by hand: the row stays as it was, and is not made again.
    unlinked_at = models.DateTimeField(null=True, blank=True)
    unlinked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("browser of a person")
        verbose_name_plural = _("browsers of people")
        constraints = [
            models.UniqueConstraint(fields=["visitor", "person", "evidence"], name="visitor_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.visitor} → {self.person}"


class ShareLink(models.Model):
    """A known person's own link to a piece. A newcomer's visit by it is a referral touch of both."""

    code = models.CharField(max_length=16, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="share_links")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "asset"], name="share_link_once")]

    def __str__(self) -> str:
        return f"Share link {self.pk}"


class Door(models.TextChoices):
    """How a form came in. All doors end in ``leads.capture.capture``."""

    PAGE = "page", _("landing page")
    EMBED = "embed", _("form on another site")
    API = "api", _("API")
    EVENT = "event", _("check-in at an event")
    STAFF = "staff", _("entered by staff")


class Submission(Origin, Labelled):
    """A form as it was sent. Quarantined ones stay here and cause nothing until somebody releases them."""

    class State(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        QUARANTINED = "quarantined", _("quarantined")

    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="submissions", db_index=False
    )
    door = models.CharField(max_length=6, choices=Door, default=Door.PAGE)
    # A check-in and a manual entry have no page; they name the campaign themselves.
    page = models.ForeignKey(
        LandingPage, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    label = models.CharField(max_length=160, blank=True, help_text=_("The event, or what staff noted."))
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=12, choices=State)
    reasons = models.CharField(max_length=200, blank=True, help_text=_("Why it was quarantined."))
    marks = models.CharField(max_length=200, blank=True, help_text=_("Worth knowing: a free mailbox …"))
    # Ids of the consent texts that were ticked: for a form that is released later, and to know a form again.
    ticked = models.JSONField(default=list)
    released_at = models.DateTimeField(null=True, blank=True)
    # Who released it, or typed it in.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    email_key = models.CharField(max_length=254, blank=True)
    # A cached page carries one nonce for many people; without a nonce the key is a ten-minute slot.
    nonce = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    inquiry = models.CharField(max_length=10, choices=InquiryKind, blank=True)
    # An inquiry waits here until it has been judged; null means "still due".
    judged_at = models.DateTimeField(null=True, blank=True)
    source_url = models.CharField(max_length=500, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=255, blank=True)
    visitor = models.ForeignKey(
        Visitor, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    site = models.ForeignKey(
        EmbedSite, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    share = models.ForeignKey(
        ShareLink, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    test = models.ForeignKey(
        PageTest, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    variant = models.CharField(max_length=1, blank=True, help_text=_("Which wording was shown."))

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.UniqueConstraint(fields=["page", "nonce", "email_key"], name="submission_once"),
            models.UniqueConstraint(
                fields=["door", "nonce", "email_key"],
                condition=models.Q(page=None),
                name="submission_once_without_page",
            ),
        ]
        indexes = [
            # forms of a test of two wordings; forms of newcomers who came by a share link
            models.Index(fields=["test"], name="submission_of_test", condition=~models.Q(test=None)),
            models.Index(fields=["share"], name="submission_of_share", condition=~models.Q(share=None)),
            # what waits in quarantine
            models.Index(
                fields=["-at"],
                name="submission_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            # forms of linked visitors whose earlier visits may become touches
            models.Index(fields=["visitor"], name="submission_of_visitor", condition=~models.Q(visitor=None)),
            # inquiries still to be judged: polled every few seconds, almost always empty
            models.Index(
                fields=["at"],
                name="submission_due",
                condition=models.Q(judged_at=None) & ~models.Q(inquiry=""),
            ),
            models.Index(fields=["person", "-at"], name="submission_of_person"),  # timeline
        ]

    def __str__(self) -> str:
        return f"Submission {self.pk}"


class HitQuerySet(models.QuerySet):
    def with_verdict(self) -> Self:
        """Each hit with its latest verdict as ``read_as``; null where none was given yet."""
        latest = Verdict.objects.filter(hit=models.OuterRef("pk")).order_by("-version").values("verdict")[:1]
        return self.annotate(read_as=models.Subquery(latest))


class Hit(Origin):
    """A raw HTTP event, judged later. Append-only; anonymous unless it carried a token."""

    class Kind(models.TextChoices):
        PAGE = "page", _("page")
        LINK = "link", _("short link")
        CLICK = "click", _("click in a mail")
        OPEN = "open", _("open of a mail")
        DOWNLOAD = "download", _("download")
        READ = "read", _("open piece read")
        VIEW = "view", _("time in view")
        LEFT = "left", _("form left unsent")
        TRAP = "trap", _("trap link")

    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=8, default="GET")
    path = models.CharField(max_length=255, blank=True)
    # A hash with a daily salt that cannot be joined over days; with consent, the visitor's own row beside it.
    visitor_key = models.CharField(max_length=64, blank=True)
    visitor = models.ForeignKey(
        Visitor, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    page = models.ForeignKey(LandingPage, models.PROTECT, null=True, blank=True, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+")
    short_link = models.ForeignKey(
        ShortLink, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    mail_link = models.ForeignKey(
        MailLink, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    message = models.ForeignKey("leads.Message", models.CASCADE, null=True, blank=True, related_name="+")
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=255, blank=True)
    site = models.ForeignKey(
        EmbedSite, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    share = models.ForeignKey(
        ShareLink, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    test = models.ForeignKey(
        PageTest, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    variant = models.CharField(max_length=1, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True, help_text=_("In view, of a piece read."))
    depth = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Per cent of it seen."))
    label = models.CharField(
        max_length=120, blank=True, help_text=_("The field a form was left at; the page of another site.")
    )
    judged = models.BooleanField(default=False)

    objects = HitQuerySet.as_manager()

    class Meta:
        indexes = [
            # visits of a browser that agreed to be remembered, to be linked to a person
            models.Index(fields=["visitor", "at"], name="hit_of_visitor", condition=~models.Q(visitor=None)),
            # both wordings of a test
            models.Index(fields=["test", "variant"], name="hit_of_test", condition=~models.Q(test=None)),
            # visits by somebody's share link
            models.Index(fields=["share", "at"], name="hit_of_share", condition=~models.Q(share=None)),
            # addresses that have been kept long enough
            models.Index(fields=["at"], name="hit_with_address", condition=~models.Q(ip=None)),
            models.Index(fields=["at", "kind"], name="hit_by_day"),  # human visits of a period
            models.Index(
                fields=["id"], name="hit_to_judge", condition=models.Q(judged=False)
            ),  # the classifier's queue
            models.Index(fields=["campaign", "at"], name="hit_of_campaign"),  # visits by campaign
        ]

    def __str__(self) -> str:
        return f"Hit {self.pk}"


class Verdict(models.Model):
    """Human or machine, with reasons. The latest classifier version counts; old ones stay."""

    class Kind(models.TextChoices):
        HUMAN = "human", _("human")
        MACHINE = "machine", _("machine")
        UNSURE = "unsure", _("unsure")

    hit = models.ForeignKey(Hit, models.CASCADE, related_name="verdicts")
    version = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=8, choices=Kind)
    reasons = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hit", "version"], name="verdict_once_a_version")]

    def __str__(self) -> str:
        return f"{self.verdict} ({self.reasons})"


class TouchKind(models.TextChoices):
    """What a person did or met. ``open`` is kept without credit."""

    VISIT = "visit", _("visited")
    FORM = "form", _("sent a form")
    INQUIRY = "inquiry", _("asked for contact")
    DOWNLOAD = "download", _("downloaded")
    READ = "read", _("read")
    CLICK = "click", _("clicked")
    OPEN = "open", _("opened a mail")
    REPLY = "reply", _("replied")
    EVENT = "event", _("took part")
    REFERRAL = "referral", _("was referred")
    USAGE = "usage", _("used the trial")
    FIRST_CONTACT = "first_contact", _("first contact")


class Touch(Origin, Labelled):
    """A human act of a known person. A touch needs no campaign. Append-only."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="touches", db_index=False)
    kind = models.CharField(max_length=14, choices=TouchKind)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", db_index=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    page = models.ForeignKey(
        LandingPage, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # One touch per hit, submission or message link: a sweep that runs twice adds nothing.
    hit = models.OneToOneField(Hit, models.SET_NULL, null=True, blank=True, related_name="+")
    submission = models.OneToOneField(Submission, models.SET_NULL, null=True, blank=True, related_name="+")
    message = models.ForeignKey(
        "leads.Message", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    label = models.CharField(
        max_length=160, blank=True, help_text=_("What it was, in words, where no asset or page says it.")
    )
    seconds = models.PositiveIntegerField(null=True, blank=True, help_text=_("Time in view or watched."))
    depth = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Per cent of it seen."))
    share = models.ForeignKey(
        ShareLink, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            # referrals of a share link
            models.Index(fields=["share"], name="touch_of_share", condition=~models.Q(share=None)),
            # who opened and clicked the mails of a step
            models.Index(fields=["message"], name="touch_of_message", condition=~models.Q(message=None)),
            # timeline, receipts; rescoring reads nothing but this index: a person's touches lie all over the table
            models.Index(fields=["person", "at"], include=["kind", "asset"], name="touch_of_person"),
            models.Index(fields=["campaign", "at"], name="touch_of_campaign"),  # attribution of a period
            models.Index(fields=["at"], name="touch_by_time"),  # whom a segment's "within days" lets go
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label or self.asset or self.page or ''}".strip()
