"""A small demo company, loaded once for all tests of a class; each test's changes are rolled back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.test import TestCase, override_settings

from crm.demo import load

AT = datetime(2026, 3, 18, 13, 20, tzinfo=UTC)
SCALE = 0.04


class Loaded(TestCase):
    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(cls.enterClassContext(TemporaryDirectory()))
        cls.enterClassContext(override_settings(DATA_DIR=cls.folder, MEDIA_ROOT=cls.folder / "media"))
        super().setUpClass()

    @classmethod
    def setUpTestData(cls) -> None:
        load.load(at=AT, scale=SCALE)

    @pytest.fixture(autouse=True)
    def its_files(self, settings: Any) -> None:
        settings.DATA_DIR, settings.MEDIA_ROOT = self.folder, self.folder / "media"
