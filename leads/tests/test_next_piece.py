"""What the thank-you page offers next."""

import pytest

from campaigns.models import Channel
from leads import tokens
from leads.tests.builders import NOON, a_lead, a_page, an_asset, submitted
from leads.tracking import record_touch

pytestmark = pytest.mark.django_db


def thanks(client, captured, person=None):
    token = tokens.thanks_token(captured.submission.pk)
    me = {"me": tokens.person_token(person.pk)} if person else {}
    return client.get(f"/p/bearing-paper/thanks/{token}/", me).content.decode()


def test_who_only_types_an_address_does_not_learn_what_its_owner_has_read(client):
    read = an_asset("read", gated=False)
    first = submitted(a_page())
    website = Channel.objects.get(slug="website")
    record_touch(person=first.person, kind="read", at=NOON, asset=read, channel=website)
    stranger = a_lead("stranger@x.example").person
    assert f"/r/{read.slug}/" in thanks(client, first)
    assert f"/r/{read.slug}/" in thanks(client, first, stranger)


def test_nothing_is_offered_that_was_had_before(client):
    read, other = an_asset("read", gated=False), an_asset("other", gated=False)
    first = submitted(a_page())
    website = Channel.objects.get(slug="website")
    record_touch(person=first.person, kind="read", at=NOON, asset=read, channel=website)
    html = thanks(client, first, first.person)
    assert f"/r/{other.slug}/" in html
    assert f"/r/{read.slug}/" not in html


def test_who_has_had_everything_is_offered_nothing(client):
    first = submitted(a_page())
    assert "Read next" not in thanks(client, first)
