"""Hostile text in every column, field and UTM shows inert on every page and in every mail (RELIABILITY A1, C12)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils.html import escape

from crm.tests import hostile
from crm.tests.hostile_world import World
from leads.models import Message
from leads.sending import line
from leads.sending.letters import letter
from leads.tests.builders import NOON, a_page

pytestmark = pytest.mark.django_db
# Addresses that need somebody else to lead there, and why they are not asked for.
NOT_ASKED = {
    "click": "leads on", "open_pixel": "a picture", "trap": "leads nowhere", "api-capture": "takes JSON",
    "staff-import-file": "a file that this import has not made", "short_link": "its target is no address",
}  # fmt: skip
ASKED_WITH = ("utm_source", "utm_campaign", "gclid", "email", "me", "via", "q", "topic", "page", "said")


@pytest.fixture
def world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.EMAIL_BACKEND = "crm.maildir.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return World()


def seen_by(world, client, name):
    """Every answer that somebody gets at this address: nobody in particular for the public ones."""
    for user in [world.root, *world.users.values()] if name.startswith("staff-") else [None]:
        client.logout()
        if user:
            client.force_login(user)
        yield client.get(world.address(name))


def judged(answers):
    """The worst of what pages made of the text, and whether anybody was answered at all."""
    found, answered = set(), False
    for answer in answers:
        assert answer.status_code < 500
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        answered |= answer.status_code not in (403, 404)
        if answer.get("Content-Type", "").startswith("text/html"):
            found |= set(hostile.harm(content.decode()))
    return sorted(found), answered


def test_every_address_can_be_filled(world):
    """A new page belongs into this test: name what to fill in, in ``hostile_world.MORE``."""
    asked = {name: takes for name, takes in hostile.names() if not name.startswith("admin:")}
    assert [
        name for name, takes in asked.items() if takes and name not in NOT_ASKED and not world.fill(name)
    ] == []


def test_most_columns_hold_hostile_text(world):
    assert len(world.poisoned) > 50
    assert sum(world.poisoned.values()) > 150


@pytest.mark.any_database
def test_no_public_or_staff_page_makes_more_of_it_than_text(world, client):
    names = [
        name for name, _takes in hostile.names() if not name.startswith("admin:") and name not in NOT_ASKED
    ]
    seen = {name: judged(seen_by(world, client, name)) for name in names}
    assert {name: found for name, (found, _answered) in seen.items() if found} == {}
    assert [name for name, (_found, answered) in seen.items() if not answered] == []


@pytest.mark.any_database
def test_no_page_of_the_admin_makes_more_of_it_than_text(world, client):
    client.force_login(world.root)
    seen = {name: judged([client.get(address)]) for name, address in hostile.admin_addresses().items()}
    assert {name: found for name, (found, _answered) in seen.items() if found} == {}
    assert sum(answered for _found, answered in seen.values()) > 80


def test_the_text_is_there_to_be_seen(world, client):
    """So that the tests above look at pages which show it."""
    client.force_login(world.root)
    shown = client.get(reverse("staff-lead", args=[world.person.pk])).content.decode()
    assert shown.count(f"&lt;{hostile.TAG}") > 10
    assert f"&lt;{hostile.TAG}" in client.get(world.address("landing")).content.decode()


@pytest.mark.parametrize(
    "name", ["library", "landing", "asset", "preferences", "staff-leads", "staff-search", "staff-funnel"]
)
def test_an_address_full_of_it_is_answered_and_shows_it_inert(world, client, name):
    client.force_login(world.root)
    for query in ASKED_WITH:
        answer = client.get(world.address(name), {query: hostile.LONG + "\x00"})
        assert answer.status_code < 500
        assert hostile.harm(answer.content.decode()) == []


@pytest.mark.parametrize(
    "page",
    [
        f"<p>{hostile.LONG}</p>",
        f'<p title="{hostile.LONG}">x</p>',
        f'<a href="javascript:{hostile.MARK}()">x</a>',
        f'<a href=" JavaScript:{hostile.MARK}()">x</a>',
        f"<script>let name = '{hostile.MARK}'</script>",
        f"<div x-data=\"{{name: '{hostile.MARK}'}}\"></div>",
        f"<p style='color:{hostile.MARK}'>x</p>",
        hostile.MADE_BY_A_TEMPLATE,
    ],
)
def test_the_judge_sees_what_is_harmful(page):
    assert hostile.harm(page)


def test_the_judge_lets_text_be_text():
    told = f'<p title="{escape(hostile.LONG)}">{escape(hostile.LONG)}</p>'
    assert hostile.harm(f'{told}<script type="application/ld+json">"{hostile.MARK}"</script>') == []


@pytest.mark.parametrize("extra", ["", "%00", "%ED%A0%80", "%3D1%2B1", "%E2%80%AE", "%FF"])
def test_a_form_that_comes_back_shows_what_was_typed_as_text(client, extra):
    """NUL, a lone surrogate, a formula, a turned direction, broken UTF-8: never a 5xx (RELIABILITY C11)."""
    page = a_page("back")
    names = ("email", "first_name", "company", "message", "nonce", "landing_url")
    body = "&".join(f"{name}={quote(hostile.LONG)}{extra}" for name in names)
    answer = client.post(f"/p/{page.slug}/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 303, 422)
    assert hostile.harm(answer.content.decode()) == []


def test_mails_carry_it_as_text(world):
    """Letters to visitors: the HTML part is judged like a page, headers stay one line each."""
    kinds = set()
    for message in Message.objects.select_related("person", "enrolment", "step", "words", "submission"):
        written = letter(message, NOON)
        raw = line.email(written).message()
        assert hostile.harm(written.html) == []
        assert all("\n" not in value and "\r" not in value for value in written.headers.values())
        assert len(raw.get_all("Subject")) == len(raw.get_all("To")) == 1
        kinds.add(message.kind)
    assert kinds == {"sequence", "download", "opt_in", "one", "request"}
