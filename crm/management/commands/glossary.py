"""`manage.py glossary`: write docs/glossary.md from the one source of words."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from crm.glossary import as_markdown


class Command(BaseCommand):
    help = "Write docs/glossary.md from crm/glossary.py."

    def handle(self, *args, **options) -> None:
        path = settings.BASE_DIR / "docs" / "glossary.md"
        path.parent.mkdir(exist_ok=True)
        with translation.override("en"):
            path.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write(f"{path.name} written")
