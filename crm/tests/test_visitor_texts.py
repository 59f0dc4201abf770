"""Whatever a visitor may read is in every catalogue: a new sentence without its translations fails here."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Node, NodeList
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation
from django.utils.dates import MONTHS

from campaigns.defaults import KINDS
from campaigns.models import LandingPage

ROOT = Path(settings.BASE_DIR)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
# What visitors meet. Staff screens are English.
TEMPLATES = (
    "base_public.html",
    "4??.html",
    "5??.html",
    "campaigns/**/*.html",
    "leads/*.html",
    "emails/*.html",
)
MODULES = (
    "campaigns/library.py",
    "campaigns/mail/slot.py",
    "campaigns/offers.py",
    "campaigns/pages.py",
    "campaigns/search.py",
    "leads/answers.py",
    "leads/countries.py",
    "leads/capture/decide.py",
    "leads/forms/*.py",
    "leads/limits.py",
    "leads/nonce.py",
    "leads/personal_links.py",
    "leads/preferences.py",
    "leads/progressive.py",
    "leads/sending/fields.py",
    "leads/sending/headers.py",
    "leads/sending/letters.py",
    "leads/sending/pieces.py",
    "leads/sending/preview.py",
    "leads/sending/reasons.py",
    "leads/sharing.py",
    "leads/views/embed.py",
    "leads/views/ended.py",
    "leads/views/files.py",
    "leads/views/landing.py",
    "leads/views/mail.py",
    "leads/views/own_page.py",
    "leads/views/personal.py",
    "leads/views/public.py",
    "leads/views/search_engines.py",
    "leads/views/sending.py",
    "leads/views/share.py",
)
# Modules that speak to staff but for these functions.
FUNCTIONS = {
    "campaigns/mail/compose.py": ("_footer_text", "by_hand"),
    "prospects/correspondence/drafts.py": ("blank",),
    "prospects/correspondence/invitations.py": ("words",),
}
ONE = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}  # a plural is looked up by its singular
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
# _("…") within a tag, as in {{ name|default:_("Ask us") }}.
IN_A_TAG = re.compile(r"""_\("([^"]+)"\)""")
CONTEXT = "\x04"


def texts_of(node: Node) -> Iterator[str]:
    if isinstance(node, TranslateNode):
        literal = node.filter_expression.var
        said = getattr(literal, "literal", literal)
        context = node.message_context.var if node.message_context else ""
        yield f"{context}{CONTEXT}{said}" if context else str(said)
    if isinstance(node, BlockTranslateNode):
        said = node.render_token_list(node.singular)[0]
        yield " ".join(line.strip() for line in said.strip().splitlines()) if node.trimmed else said
    for name in (*node.child_nodelists, "nodelist"):
        for child in getattr(node, name, None) or NodeList():
            yield from texts_of(child)


def texts_of_templates() -> Iterator[tuple[str, str]]:
    folder = ROOT / "templates"
    for path in (path for pattern in TEMPLATES for path in sorted(folder.glob(pattern))):
        if "admin" not in path.parts:
            template = get_template(str(path.relative_to(folder))).template  # type: ignore[attr-defined]
            yield from ((path.name, text) for node in template.nodelist for text in texts_of(node))
            yield from ((path.name, text) for text in IN_A_TAG.findall(path.read_text()))


def texts_of_code(where: str, code: ast.AST) -> Iterator[tuple[str, str]]:
    for call in ast.walk(code):
        name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
        if name in ONE | WITH_CONTEXT:
            words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]  # type: ignore[attr-defined]
            yield where, CONTEXT.join(map(str, words[: 2 if name in WITH_CONTEXT else 1]))


def texts_of_modules() -> Iterator[tuple[str, str]]:
    for path in (path for pattern in MODULES for path in sorted(ROOT.glob(pattern))):
        yield from texts_of_code(path.name, ast.parse(path.read_text()))
    for name, functions in FUNCTIONS.items():
        found = [part for part in ast.parse((ROOT / name).read_text()).body if _name(part) in functions]
        assert len(found) == len(functions)
        for code in found:
            yield from texts_of_code(name, code)


def _name(part: ast.AST) -> str:
    return getattr(part, "name", "")


def texts_of_defaults() -> Iterator[tuple[str, str]]:
    """What an installation starts with, and months: Django writes the Italian ones with a capital."""
    for _slug, name, verb in KINDS:
        yield from (("defaults.py", f"kind{CONTEXT}{word}") for word in (name, verb))
    button = LandingPage._meta.get_field("button").default
    yield "page.py", f"public{CONTEXT}{button}"
    with translation.override("en"):
        yield from (("dates.py", str(month)) for month in MONTHS.values())


def all_texts() -> dict[str, str]:
    """Each sentence, and a place that says it."""
    found = (*texts_of_templates(), *texts_of_modules(), *texts_of_defaults())
    return {text: where for where, text in found}


def known(language: str) -> set[str]:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key[0] if isinstance(key, tuple) else key for key in catalogue} - {""}


def test_the_search_finds_what_pages_say():
    said = all_texts()
    assert len(said) > 300
    assert {"Ask us", "Erase my data", "public\x04Topics", "Unsubscribe: %s", "kind\x04White paper"} < set(
        said
    )


def test_every_place_that_is_searched_is_there():
    folders = {ROOT: (*MODULES, *FUNCTIONS), ROOT / "templates": TEMPLATES}
    assert [
        place for folder, places in folders.items() for place in places if not any(folder.glob(place))
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_a_visitor_may_read_is_translated(language):
    said = all_texts()
    assert sorted(f"{said[text]}: {text}" for text in set(said) - known(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_keeps_what_nobody_says_any_more(language):
    assert sorted(known(language) - set(all_texts())) == []
