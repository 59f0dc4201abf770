"""Onto a list a thousand at a time or one by one: the same rows, words, grounds and doubles, also after a stop."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.models import Campaign, Channel
from crm.importing import work
from crm.importing.columns.mapping_file import parse
from crm.importing.run import resume_import
from crm.importing.undo import undo_import
from crm.models import ImportRun
from crm.tests.importing import NOW, a_file, dump, read
from leads.consent import suppress
from leads.models import ContactBasis, Person, Twin
from leads.twins.deciding import differ
from prospects import pipeline
from prospects.defaults import install
from prospects.models import ListedPerson, ProspectingList
from prospects.tests.conftest import TUESDAY, make_cold, make_move, reason
from prospects.tests.prospecting import a_list, a_profile

pytestmark = pytest.mark.django_db
COLUMNS = {
    "email": "mail", "first_name": "first", "last_name": "last", "company_name": "company", "phone": "phone",
    "country": "country",
}  # fmt: skip
COLD = parse({"kind": "cold_contact", "source": "fair", "columns": COLUMNS}, name="fair")
HEADER = "mail,first,last,company,phone,country"
LINES = [
    "lead@known.example,Lea,Lindt,Known,,SE",
    "sales@known.example,Sal,Sander,Known,,SE",
    "past@known.example,Pat,Past,Known,,SE",
    "silent@quiet.example,Sil,Quiet,Quiet,,SE",
    "asked@quiet.example,Asa,Asked,Quiet,,SE",
    "x@rival.example,Riva,Rival,Rival,,SE",
    "jurg@house.example,Jürg,Müller-Sømmer,Acme,,SE",  # in the base at another provider's
    "MULLER@corp.example,JÜRG,MÜLLER-SØMMER,ACME GmbH,,SE",
    "judged@corp.example,Jude,Judge,Bench,,SE",
    *(
        f"p{n}@c{n}.example,{chr(65 + n) * 4},Common,C{n},+4620{n * 1373:07d},{'SE' if n % 3 else 'US'}"
        for n in range(20)
    ),
    "ada1@one.example,Ada,Nordin,Corp,,SE",
    "ada.n@two.example,Ada,Nordin,Corp AB,,SE",  # three of one name and firm
    "nordin.a@three.example,ADA,NORDIN,corp,,",
    "bo@firm.example,Bo,Berg,,+46200010001,SE",
    "bo.b@mail.example,Boo,Berg,,,SE",
    "plain@last.example,Pia,Plain,Last,,",
]


@pytest.fixture
def onto(sam: Any, sara: Any) -> ProspectingList:
    """A base in which some of the file are known, each in a way of their own."""
    install()
    Campaign.objects.create(slug="old", utm_campaign="old", channel=Channel.objects.get(slug="website"))
    a_profile(
        {"field": "country", "wish": "required", "words": "SE"},
        {"field": "domain", "wish": "excluded", "words": "rival.example", "exclusion": "competitor"},
    )
    make_move(known("lead@known.example", "Lea", "Lindt"))
    make_cold(sam, known("sales@known.example", "Sal", "Sander"))
    past = make_cold(sam, known("past@known.example", "Pat", "Past"))
    pipeline.reject(prospect=past, reason=reason("no-need"), by=sam, at=TUESDAY)
    suppress(email_key="silent@quiet.example", reason="unsubscribed", at=TUESDAY)
    asked = known("asked@quiet.example", "Asa", "Asked")
    suppress(email_key="asked@quiet.example", reason="complained", at=TUESDAY, person=asked)
    known("j.mueller@provider.example", "Jürg", "Müller-Sømmer", company_name="Acme")
    one, two = (known(f"jude{n}@x{n}.example", "Jude", "Judge", company_name="Bench") for n in "12")
    differ(one=one, two=two, at=TUESDAY, by=sara)
    return a_list()


def known(email: str, first: str, last: str, **columns: Any) -> Person:
    return Person.objects.create(email=email, email_key=email, first_name=first, last_name=last, **columns)


def bring_in(folder: Any, onto: ProspectingList) -> tuple[dict[str, Any], dict[int, str]]:
    counts, told = read(a_file(folder, *LINES, header=HEADER), COLD, prospecting_list=onto)
    return {name: number for name, number in counts.items() if name != "seconds"}, told


def seen() -> tuple[Any, ...]:
    """What there is of the list, without the numbers of rows."""
    rows = ListedPerson.objects.values_list(
        "person__email_key", "state", "why", "fit", "fit_why", "like__email_key"
    )
    grounds = ContactBasis.objects.values_list("person__email_key", "kind", "why", "source", "at")
    pairs = Twin.objects.values_list("one__email_key", "two__email_key", "score", "state")
    return sorted(rows, key=str), sorted(grounds, key=str), sorted(pairs, key=str)


def undo() -> None:
    undo_import(run=ImportRun.objects.latest("pk"), by=None, at=NOW)


def test_one_by_one_and_all_at_once_are_the_same(tmp_path: Any, onto: Any, monkeypatch: Any) -> None:
    before = dump()
    told, found = bring_in(tmp_path, onto), seen()
    states = [row[1] for row in found[0]]
    assert (states.count("known"), states.count("set_aside")) == (3, 3)
    assert {row[0] for row in found[0] if row[5]} == {
        "jurg@house.example", "muller@corp.example", "judged@corp.example", "ada.n@two.example",
        "nordin.a@three.example",
    }  # fmt: skip
    undo()
    assert dump() == before
    for size in (1, 7):
        monkeypatch.setattr(work, "BATCH", size)
        assert bring_in(tmp_path, onto) == told
        assert seen() == found
        undo()


@pytest.mark.parametrize("broken", [1, 3])
def test_stopped_and_resumed_is_as_never_stopped(
    tmp_path: Any, onto: Any, monkeypatch: Any, broken: int
) -> None:
    _told, found = bring_in(tmp_path, onto), seen()
    undo()
    monkeypatch.setattr(work, "BATCH", 7)
    enter, calls = work.enter, iter(range(100))

    def breaking(*asked: Any) -> Any:
        told = enter(*asked)
        if next(calls) == broken:
            raise RuntimeError("power")
        return told

    with monkeypatch.context() as crash, pytest.raises(RuntimeError):
        crash.setattr(work, "enter", breaking)
        bring_in(tmp_path, onto)
    assert ListedPerson.objects.count() == 7 * broken
    resume_import(run=ImportRun.objects.latest("pk"), by=None, at=NOW)
    assert seen() == found
    undo()
    assert not ListedPerson.objects.exists()


def test_the_same_file_once_more_adds_nothing(tmp_path: Any, onto: Any) -> None:
    bring_in(tmp_path, onto)
    before = dump()
    counts, told = bring_in(tmp_path, onto)
    assert (counts["known"], told) == (len(LINES), {})
    assert dump() == before
