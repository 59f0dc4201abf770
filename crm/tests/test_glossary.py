"""One source of words: the definitions on hover and docs/glossary.md say the same."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from crm.dashboards.tiles import TILES
from crm.glossary import SECTIONS, TERMS, as_markdown
from crm.reports.funnel import funnel


def test_the_document_is_the_one_that_the_source_makes() -> None:
    with translation.override("en"):
        made = as_markdown()
    assert (Path(settings.BASE_DIR) / "docs" / "glossary.md").read_text(encoding="utf-8") == made


def test_no_word_stands_in_two_sections() -> None:
    assert sum(len(terms) for _title, terms in SECTIONS.values()) == len(TERMS)


@pytest.mark.django_db
def test_every_step_and_tile_has_its_word() -> None:
    assert {step.key for step in funnel().steps} | set(TILES) <= set(TERMS)


def test_a_definition_is_on_the_page_for_hover_and_focus(client: Client, maya: Any) -> None:
    client.force_login(maya)
    page = client.get("/staff/reports/funnel/").content.decode()
    assert '<dfn class="term" tabindex="0">' in page
    assert str(TERMS["sales_qualified"].says) in page
