"""What `check --deploy` asks of an installation beyond Django's own questions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

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
