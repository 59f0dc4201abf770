"""Whether mails are kept here instead of going out, and who may read them."""

from django.conf import settings

# A kept mail holds a personal address: those who see leads anyway, and whoever runs the place.
MAY_READ_KEPT = ("leads.view_lead", "crm.view_status")


def is_kept() -> bool:
    """True where no mail server is set and the mails lie under DATA_DIR."""
    return settings.EMAIL_BACKEND.startswith("crm.maildir.") and bool(
        getattr(settings, "EMAIL_FILE_PATH", "")
    )
