"""One-to-one mail between a colleague and a person: written here, or filed from the colleague's own mail program."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models.feedback import Inbound
from leads.models.nurture import Message
from leads.models.person import Person


class FilingAddress(models.Model):
    """A colleague's private address: what they send to it, or put it in BCC of, is filed with the person.

    The key is a secret in an address: whoever knows it can file in the colleague's name, so it can be renewed.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("whose")
    )
    key = models.CharField(max_length=32, unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    # Since when nothing is filed by it: the colleague has left. The key is kept, so that this can be undone.
    off_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("filing address")
        verbose_name_plural = _("filing addresses")

    def __str__(self) -> str:
        return str(self.user)


class OwnMail(models.Model):
    """One mail with one person: sent by us (`sent_as` is its row in the ledger), filed, or their answer.

    `message_id` and `in_reply_to` are those of RFC 5322; `thread` is the Message-ID of the first mail of the talk.
    """

    class Direction(models.TextChoices):
        OUT = "out", _("we wrote")
        IN = "in", _("they wrote")

    person = models.ForeignKey(Person, models.PROTECT, related_name="own_mails", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    direction = models.CharField(max_length=3, choices=Direction)
    sent_as = models.OneToOneField(Message, models.PROTECT, null=True, blank=True, related_name="own_mail")
    inbound = models.ForeignKey(Inbound, models.SET_NULL, null=True, blank=True, related_name="+")
    message_id = models.CharField(max_length=250)
    in_reply_to = models.CharField(max_length=250, blank=True)
    thread = models.CharField(max_length=250)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    # text/calendar that goes with it (RFC 5546): an invitation, a change or a cancellation.
    calendar = models.TextField(blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    submit_key = models.UUIDField(null=True, blank=True, unique=True)
    # Filed mail: since when sales have taken note of it.
    taken_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("one-to-one mail")
        verbose_name_plural = _("one-to-one mails")
        constraints = [
            models.UniqueConstraint(fields=["message_id", "person"], name="own_mail_once"),
            models.CheckConstraint(condition=Q(direction__in=["out", "in"]), name="own_mail_direction_known"),
        ]
        indexes = [
            models.Index(fields=["person", "-at"], name="own_mail_of_person"),  # timeline, the thread
            models.Index(  # the sweep: filed mail that sales have not taken note of
                fields=["id"],
                name="own_mail_to_take",
                condition=Q(taken_at=None, sent_as=None, direction="out"),
            ),
        ]

    def __str__(self) -> str:
        return f"Mail {self.pk}"


class UnfiledMail(models.Model):
    """A mail to a private address that stands on nobody's timeline yet, once for each address in it, and why.

    Its words stay in the inbound row, which is emptied after 90 days; then this row is history.
    """

    class Why(models.TextChoices):
        NOBODY = "nobody", _("nobody has this address")
        NOT_YOURS = "not_yours", _("a colleague's")
        SENDER = "sender", _("not sent from your own address")
        NO_ADDRESS = "no_address", _("no address of anybody else in it")
        OFF = "off", _("the address is switched off")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        FILED = "filed", _("filed")
        ASIDE = "aside", _("set aside")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    inbound = models.ForeignKey(Inbound, models.CASCADE, related_name="+", db_index=False)
    address = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=10, choices=Why)
    owner = models.CharField(max_length=150, blank=True, help_text=_("Whose person it is, in words."))
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("mail that found nobody")
        verbose_name_plural = _("mails that found nobody")
        constraints = [
            models.UniqueConstraint(fields=["inbound", "user", "address"], name="unfiled_mail_once")
        ]
        indexes = [
            models.Index(fields=["user", "-at"], name="unfiled_mail_of_user", condition=Q(state="waiting"))
        ]  # the page

    def __str__(self) -> str:
        return f"Mail {self.inbound_id}"
