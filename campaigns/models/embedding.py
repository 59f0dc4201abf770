"""Other sites that may show our forms and tell us of their page views."""

from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from campaigns.models.archive import Archivable
from campaigns.models.page import LandingPage


def new_site_key() -> str:
    """A public name, not a secret: it stands in the other site's source."""
    return get_random_string(16, "abcdefghijkmnpqrstuvwxyz23456789")


class EmbedSite(Archivable):
    """A site of ours or a partner's, known by its key and by the origins it is served from."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    key = models.CharField(_("key"), max_length=16, unique=True, default=new_site_key, editable=False)
    origins = models.TextField(
        _("origins"),
        help_text=_(
            "One a line, as https://www.example.com. Only pages of these may show a form or send visits."
        ),
    )
    pages = models.ManyToManyField(
        LandingPage,
        blank=True,
        related_name="sites",
        verbose_name=_("forms"),
        help_text=_("The landing pages whose forms this site may show."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("embedding site")
        verbose_name_plural = _("embedding sites")

    def __str__(self) -> str:
        return self.name
