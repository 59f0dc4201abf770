"""What happened: raw hits with verdicts, and the touches that scores and attribution read."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Asset, Campaign, Channel, InquiryKind, LandingPage, MailLink, ShortLink
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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "person", "evidence"], name="visitor_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.visitor} → {self.person}"


class Submission(Origin):
    """A form as it was sent. Quarantined ones stay here and cause nothing."""

    class State(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        QUARANTINED = "quarantined", _("quarantined")

    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="submissions")
    page = models.ForeignKey(LandingPage, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=12, choices=State)
    reasons = models.CharField(max_length=200, blank=True, help_text=_("Why it was quarantined."))
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
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "nonce", "email_key"], name="submission_once")]
        indexes = [
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


class Hit(Origin):
    """A raw HTTP event, judged later. Append-only; anonymous unless it carried a token."""

    class Kind(models.TextChoices):
        PAGE = "page", _("page")
        LINK = "link", _("short link")
        CLICK = "click", _("click in a mail")
        OPEN = "open", _("open of a mail")
        DOWNLOAD = "download", _("download")
        READ = "read", _("open piece read")

    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=8, default="GET")
    path = models.CharField(max_length=255, blank=True)
    # A first-party id with consent, else a hash with a daily salt that cannot be joined over days.
    visitor_key = models.CharField(max_length=64, blank=True)
    page = models.ForeignKey(LandingPage, models.PROTECT, null=True, blank=True, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+")
    short_link = models.ForeignKey(ShortLink, models.PROTECT, null=True, blank=True, related_name="+")
    mail_link = models.ForeignKey(MailLink, models.PROTECT, null=True, blank=True, related_name="+")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    message = models.ForeignKey("leads.Message", models.CASCADE, null=True, blank=True, related_name="+")
    ip = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=255, blank=True)
    judged = models.BooleanField(default=False)

    class Meta:
        indexes = [
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


class Touch(Origin):
    """A human act of a known person. A touch needs no campaign. Append-only."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="touches")
    kind = models.CharField(max_length=14, choices=TouchKind)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    page = models.ForeignKey(LandingPage, models.PROTECT, null=True, blank=True, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+")
    # One touch per hit, submission or message link: a sweep that runs twice adds nothing.
    hit = models.OneToOneField(Hit, models.SET_NULL, null=True, blank=True, related_name="+")
    submission = models.OneToOneField(Submission, models.SET_NULL, null=True, blank=True, related_name="+")
    message = models.ForeignKey("leads.Message", models.SET_NULL, null=True, blank=True, related_name="+")
    label = models.CharField(
        max_length=160, blank=True, help_text=_("What it was, in words, where no asset or page says it.")
    )
    seconds = models.PositiveIntegerField(null=True, blank=True, help_text=_("Time in view or watched."))

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "at"], name="touch_of_person"),  # timeline, receipts, rescoring
            models.Index(fields=["campaign", "at"], name="touch_of_campaign"),  # attribution of a period
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label or self.asset or self.page or ''}".strip()
