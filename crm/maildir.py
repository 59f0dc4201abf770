"""Mail back end that keeps each mail as a file in a mail folder (Maildir), readable by any mail program."""

from __future__ import annotations

import mailbox
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Keeps mails in settings.EMAIL_FILE_PATH; a mail is there whole or not at all."""

    def __init__(self, *args: Any, file_path: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the mails; returns how many have been kept."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        kept = mailbox.Maildir(self.folder, create=True)
        sent = 0
        for message in email_messages:
            if message.recipients():
                kept.add(message.message().as_bytes())
                sent += 1
        return sent
