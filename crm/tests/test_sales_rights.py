"""Role × screen × method, over every address of sales: each sees and changes only their own; asked first."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import _person
from crm import roles
from crm.dashboards import urls as dashboards
from crm.models import ImportRun
from leads.models import Company, Inbound, UnfiledMail
from prospects import agreement, meetings, pipeline, urls
from prospects.api import urls as api_urls
from prospects.models import (
    BantAnswer,
    Deal,
    FollowUp,
    ListedPerson,
    MarketingRequest,
    Note,
    NoteFile,
    PhoneEvent,
    ProspectingList,
    Rep,
    Transfer,
)
from prospects.tests.conftest import make_inbound, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SALES, LEADERS, MARKETING = {"sam", "rita", "sara"}, {"sara"}, {"maya"}
READERS = SALES | MARKETING | {"vera"}  # of numbers; which of the rows behind them, the pages themselves say
LISTS_IN = LEADERS | MARKETING | {"omar"}
# Who may open an address, where that is not "everybody who works prospects".
WHO: dict[str, set[str]] = {
    "staff-assign": LEADERS, "staff-assignment": LEADERS, "staff-assignment-again": LEADERS,
    "staff-value": LEADERS, "staff-leaving": LEADERS, "staff-transfer-undo": LEADERS,
    "staff-accounts-targets": LEADERS, "staff-account-change": {"sam", "sara"},  # whose account it is
    **{f"staff-list-{page}": LEADERS for page in ("new", "change", "start", "row", "verb")},
    **{f"api-list-{verb}": LEADERS for verb in ("start", "aside", "back")},
    "api-account-change": {"sam", "sara"},
    "staff-team": LEADERS, "staff-team-rows": LEADERS,
    "staff-home": READERS | {"omar"}, "staff-search": SALES | MARKETING,
    **dict.fromkeys((
        "staff-agreement", "staff-agreement-version", "staff-agreement-acknowledge", "staff-targets",
        "staff-target-rows", "staff-reports", "staff-forms", "staff-offers", "staff-offer-rows", "staff-funnel",
        "staff-rows",
    ), READERS),
    "staff-sends-waiting": LEADERS | MARKETING,
    **dict.fromkeys((
        "staff-imports", "staff-import", "staff-import-columns", "staff-import-act", "staff-import-file",
    ), LISTS_IN),
    **dict.fromkeys(("staff-outbox", "staff-mail", "staff-mail-html"), LEADERS | MARKETING | {"omar"}),
    "staff-asked": MARKETING, "staff-asked-answer": MARKETING,
    "staff-notices": SALES | MARKETING, "staff-bell": SALES | MARKETING, "staff-notices-seen": SALES | MARKETING,
    "staff-lead-outcome": LEADERS | MARKETING, "staff-disagreements": LEADERS | MARKETING,
    "staff-disagreement-rows": LEADERS | MARKETING, "staff-review": LEADERS | MARKETING,
}  # fmt: skip
OPEN = {"staff-calendar-feed"}  # the address itself is the secret
# Whose object an address is about, by how its path begins. What stands here is not found by other reps.
PERSONAL = (
    "prospects/<",
    "follow-ups/<",
    "meetings/<",
    "notes/<",
    "notes/files/<",
    "calls/<",
    "addresses/unfiled/<",
    "deals/<",
    "board/<int",
)
NOT_PERSONAL = {
    "staff-take": "whom nobody owns is there for all; whoever is late hears who was faster",
    "staff-assign": "a manager's", "staff-review": "marketing's and a manager's",
}  # fmt: skip
NOTHING_THERE = {  # this world has no piece, no offer, no kept mail; the import is none of a manager's lists
    **dict.fromkeys(("staff-collateral", "staff-offer-rows", "staff-mail", "staff-mail-html"), (404,)),
    **dict.fromkeys(("staff-import", "staff-import-columns", "staff-import-file"), (404,)),
}
# Words of an address by how its path begins, where they mean something else than usual.
WORDS = {
    "team/rows/": {"key": "open"}, "reports/rows/": {"key": "leads"}, "reports/offers/": {"number": "taken"},
    "imports/": {"verb": "start", "which": "stayed-out"}, "targets/rows/": {"measure": "leads"},
}  # fmt: skip
WRITES = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM) "(?!django_session)', re.IGNORECASE)


def addresses() -> Iterator[tuple[str, str]]:
    for pattern in [*urls.urlpatterns, *api_urls.urlpatterns, *dashboards.urlpatterns]:
        yield str(pattern.name), str(pattern.pattern)


@pytest.fixture
def staff(maya, sam, sara, omar, vera, nora):
    rita = _person("rita", roles.SALES, first_name="Rita", last_name="Other")
    found = {"maya": maya, "sam": sam, "rita": rita, "sara": sara, "omar": omar, "vera": vera, "nora": nora}
    return found


@pytest.fixture
def clients(staff, caplog):
    """A browser for each, and one of somebody who is not signed in."""
    caplog.set_level(logging.CRITICAL, "django.request")  # hundreds of refusals, each with its traceback
    found = {who: Client() for who in (*staff, "")}
    for who, user in staff.items():
        found[who].force_login(user)
    return found


class World:
    """One of everything, all of it sam's."""

    def __init__(self, sam: Any) -> None:
        now = timezone.now()
        company = Company.objects.create(name="Works")
        self.prospect = make_inbound(sam, make_person(company=company))
        pipeline.accept(prospect=self.prospect, by=sam, at=now)
        self.prospect.refresh_from_db()
        note = Note.objects.create(prospect=self.prospect, text="x", at=now, by=sam)
        file = NoteFile(note=note, name="x.txt", size=1)
        file.file.save("x.txt", ContentFile(b"x"))
        event = {"source": "x", "external_id": "1", "number": "+41440000000", "direction": "in", "at": now}
        asked = {"prospect": self.prospect, "person": self.prospect.person, "kind": "content", "text": "x"}
        listed = ProspectingList.objects.create(name="x", source="x", basis="interest", basis_note="x")
        given = {"state": "started", "prospect": self.prospect, "started_at": now}
        ListedPerson.objects.create(list=listed, person=self.prospect.person, **given)
        self.of: dict[str, Any] = {
            "prospects/<": self.prospect, "board/<int": self.prospect, "notes/<": note, "notes/files/<": file,
            "follow-ups/<": FollowUp.objects.create(prospect=self.prospect, due_at=now, owner=sam),
            "meetings/<": meetings.book_meeting(prospect=self.prospect, starts_at=now, by=sam, at=now),
            "deals/<": Deal.objects.create(prospect=self.prospect, account=self.prospect.account, title="x"),
            "calls/<": PhoneEvent.objects.create(user=sam, **event),
            "addresses/unfiled/<": UnfiledMail.objects.create(
                user=sam, inbound=Inbound.objects.create(source="mailbox", key="x", body=b""), why="nobody", at=now
            ),
            "asked/<": MarketingRequest.objects.create(by=sam, **asked),
            "leaving/<": Transfer.objects.create(leaver=sam, by=sam),
            "accounts/<": self.prospect.account, "lists/<": listed, "prospecting-lists/<": listed,
            "imports/<": ImportRun.objects.create(file_name="x.csv", state="done", started_at=now, by=sam),
        }  # fmt: skip
        Rep.objects.update_or_create(user=sam, defaults={"calendar_key": "k" * 43})
        BantAnswer.objects.create(prospect=self.prospect, question="need", state="claimed", at=now)
        agreement.current(at=now)

    def fill(self, path: str) -> dict[str, Any]:
        """Parameters for an address by what its path begins with and names."""
        row = next((row for start, row in self.of.items() if path.startswith(start)), self.prospect)
        words = {"part": "facts", "by": "grade", "slug": "contacting", "key": "k" * 43, "what": "open"}
        words |= next((more for start, more in WORDS.items() if path.startswith(start)), {})
        numbers = {"pk": row.pk, "person_pk": self.prospect.person_id}
        return {name: (numbers | words).get(name, 1) for name in re.findall(r"<\w+:(\w+)>", path)}

    def address(self, name: str, path: str) -> str:
        return reverse(name, kwargs=self.fill(path))


def ask(client: Client, method: str, address: str) -> tuple[int, list[str]]:
    """The status, and the statements that wrote something."""
    with CaptureQueriesContext(connection) as seen:
        answer = getattr(client, method)(address)
    if answer.streaming:
        b"".join(answer.streaming_content)  # which closes the file
    return answer.status_code, [query["sql"][:90] for query in seen if WRITES.match(query["sql"])]


@pytest.fixture
def world(sam, staff, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "crm.maildir.EmailBackend", tmp_path / "mail"
    return World(sam)


def test_every_address_of_the_whole_house_says_who_may_open_it():
    """Those of sales are for reps unless they say otherwise; these have no such usual answer."""
    assert {str(one.name) for one in dashboards.urlpatterns} - set(WHO) == set()


def test_each_address_is_closed_to_whoever_has_no_business_there(world, clients):
    wrong = []
    for name, path in addresses():
        address = world.address(name, path)
        for who in sorted(set(clients) - WHO.get(name, SALES)) if name not in OPEN else ():
            for method in ("get", "post"):
                status, wrote = ask(clients[who], method, address)
                # A changing address may say so (405) before it asks for the narrower of two rights.
                expected = {403, 405 if method == "get" else 403} if who else {302, 401}
                if status not in expected or wrote:
                    wrong.append((name, who, method, status, wrote))
    assert "\n".join(map(str, wrong)) == ""


def test_each_address_answers_those_whose_it_is_and_a_look_changes_nothing(world, clients):
    wrong = []
    for name, path in addresses():
        for who in WHO.get(name, SALES) - {"rita"}:
            status, wrote = ask(clients[who], "get", world.address(name, path))
            if status not in (200, 302, 405, *NOTHING_THERE.get(name, ())) or wrote:
                wrong.append((name, who, status, wrote))
    assert "\n".join(map(str, wrong)) == ""


def test_what_is_another_reps_is_answered_as_what_does_not_exist_and_nothing_is_written(world, clients):
    wrong, found = [], 0
    for name, path in addresses():
        if not path.startswith(PERSONAL) or name in NOT_PERSONAL:
            continue
        theirs, none = world.address(name, path), reverse(name, kwargs=world.fill(path) | {"pk": 10**9})
        for method in ("get", "post"):
            status, wrote = ask(clients["rita"], method, theirs)
            found += status == 404
            if status not in (404, 405) or wrote or status != ask(clients["rita"], method, none)[0]:
                wrong.append((name, method, status, wrote))
    assert "\n".join(map(str, wrong)) == ""
    assert found > 35


def test_no_address_takes_another_method(world, clients):
    """PUT and DELETE: nothing is done, and nothing fails."""
    wrong = []
    for name, path in addresses():
        for method in ("put", "delete"):
            status, wrote = ask(clients["sara"], method, world.address(name, path))
            if status >= 500 or wrote:
                wrong.append((name, method, status, wrote))
    assert "\n".join(map(str, wrong)) == ""


def test_every_list_of_a_rep_leaves_out_what_is_anothers(world, clients):
    person = world.prospect.person
    type(person).objects.filter(pk=person.pk).update(first_name="Hidden", last_name="Byname")
    shown = {"sam": [], "rita": []}
    for name, path in addresses():
        if "<" not in path and "rita" in WHO.get(name, SALES):
            for who, names in shown.items():
                names += [name] if b"Byname" in clients[who].get(reverse(name)).content else []
    assert shown["rita"] == []
    assert len(shown["sam"]) > 4  # the page that shows it to its owner was looked at
