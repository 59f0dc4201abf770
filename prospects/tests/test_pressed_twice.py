"""One form makes one row: the second press answers with the first, and a key of somebody else's form is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from campaigns.errors import Refused
from prospects import follow_ups, meetings, notes, social
from prospects.calls import log
from prospects.correspondence import acts
from prospects.feedback import requests
from prospects.models import Prospect
from prospects.money import deals
from prospects.tests.conftest import TUESDAY, make_inbound

pytestmark = pytest.mark.django_db
LATER = TUESDAY + timedelta(days=2)
VERBS: dict[str, Callable[..., Any]] = {
    "call": partial(log.log_call, outcome="no_answer"),
    "social": partial(social.log_social, network="linkedin", what="asked"),
    "mail": partial(acts.write_mail, subject="Bearings", text="Hello"),
    "meeting": partial(meetings.book_meeting, starts_at=LATER, subject="Demo"),
    "follow-up": partial(follow_ups.plan_follow_up, kind="call", due_at=LATER),
    "deal": partial(deals.open_deal, title="Bearings"),
    "note": partial(notes.write, text="Likes bikes"),
    "request": partial(requests.ask, kind="content", text="A case from a paper mill"),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_form_makes_one_row_and_for_one_person_only(
    verb: Callable[..., Any], accepted: Prospect, sam: Any
) -> None:
    press = partial(verb, by=sam, at=TUESDAY, submit_key=uuid4())
    made = press(prospect=accepted)
    assert press(prospect=accepted) == made
    with pytest.raises(Refused, match="load the page again"):
        press(prospect=make_inbound(sam))
    assert list(type(made).objects.all()) == [made]
