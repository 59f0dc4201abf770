"""What `check --deploy` asks of an installation beyond Django's own questions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

DEMO = "Averdahl"
SPOKEN = ("ORG_NAME", "ORG_BRAND", "POSTAL_ADDRESS", "DEFAULT_FROM_EMAIL")


@register(Tags.security, deploy=True)
def speaks_for_itself(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Mail must name its true sender and postal address (CAN-SPAM, 15 U.S.C. 7704), not the demo company's."""
    return [
        Error(f"{name} is still the demo company's: {value!r}.", hint=f"Set {name}.", id="crm.E001")
        for name in SPOKEN
        if DEMO.lower() in (value := str(getattr(settings, name))).lower()
    ]


@register(Tags.security, deploy=True)
def files_what_it_promises(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """An address for filing whose mailbox nobody reads takes mail and loses it."""
    if not settings.FILING_ADDRESS or settings.INBOX:
        return []
    hint = "Set INBOX_URL to the mailbox that mail to FILING_ADDRESS goes to."
    return [Warning("FILING_ADDRESS is set, but no mailbox is read.", hint=hint, id="crm.W002")]
