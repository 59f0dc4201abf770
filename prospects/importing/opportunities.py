"""Opportunities with their own status and dates. One of a known person becomes a cycle with a deal; one without
becomes a deal of its company; a blank company stays blank and is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models.functions import Lower

from leads.importing import Changes, Whom, leads_of, people_by
from leads.models import Company, LeadMove
from prospects.importing.cycles import LOST, WON, Sold, write_cycles
from prospects.models import Account, Deal, Prospect
from prospects.past import PastCycle, write_deals

NO_COMPANY = "no company named"
NOBODY = "the person is not known here; kept as a deal of the company"
AT_WORK = "this person has an open cycle already; the deal was added to it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Opportunity:
    """One row. `status` is that of a deal, `account` the name of a company, `whom` may be empty."""

    line: int
    external_id: str
    at: datetime
    status: str
    closed_at: datetime | None = None
    expected_on: date | None = None
    whom: Whom = Whom()  # noqa: RUF009 - a tuple, it cannot change
    account: str = ""
    title: str = ""
    amount: Decimal | None = None
    currency: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    flag: str = ""


def import_opportunities(
    *, rows: Sequence[Opportunity], source: str, by: Any, at: datetime, changes: Changes | None = None
) -> list[Sold]:
    """Write one batch; call inside a transaction. What is known by its id adds nothing."""
    changes = changes if changes is not None else Changes()
    people = people_by([row.whom for row in rows if row.whom], source=source)
    accounts = _accounts({row.account for row in rows if row.account}, at, changes)
    kept = Deal.objects.filter(source=source, external_id__in=[row.external_id for row in rows])
    have = set(kept.values_list("external_id", flat=True))
    moves = _free_moves(people.values())
    at_work = set(_open_cycles(people.values()))
    told: list[Sold] = []
    cycles: dict[int, PastCycle] = {}
    beside: list[Opportunity] = []
    for row in rows:
        person = people.get(row.whom)
        is_open = row.status == Deal.Status.OPEN
        if row.external_id in have:
            told.append(Sold(row.line, "known"))
        elif person and not (is_open and person in at_work):
            cycles[row.line] = _cycle(row, person, accounts.get(row.account), moves.pop(person, None), source)
            told.append(Sold(row.line, "created", flag=_flags(row, "" if row.account else NO_COMPANY)))
            at_work |= {person} if is_open else set()
        else:
            beside.append(row)
            told.append(Sold(row.line, "created", flag=_flags(row, _flag(row, person))))
    told = write_cycles(cycles, told, source, by, at, changes)
    at_work_now = _open_cycles(people.values())
    write_deals(
        [_deal(row, accounts.get(row.account), at_work_now.get(people.get(row.whom, 0)), source) for row in beside],
        by, changes,
    )  # fmt: skip
    return told


def _flags(row: Opportunity, found: str) -> str:
    """What the file lacks, as it was read and as it was written."""
    return "; ".join(filter(None, (row.flag, found)))


def _flag(row: Opportunity, person: int | None) -> str:
    if person:
        return AT_WORK
    return NOBODY if row.whom else "" if row.account else NO_COMPANY


def _cycle(
    row: Opportunity, person: int, account: int | None, move: LeadMove | None, source: str
) -> PastCycle:
    end = row.closed_at or row.at
    steps = {Deal.Status.WON: [(WON, end)], Deal.Status.LOST: [(LOST, end)]}.get(Deal.Status(row.status), [])
    return PastCycle(
        person_id=person, account_id=account, opened_at=min(row.at, end), steps=steps,
        origin=Prospect.Origin.INBOUND if move else Prospect.Origin.OUTBOUND,
        lead_move_id=move.pk if move else None, marketing_qualified_at=move.at if move else None,
        title=row.title, amount=row.amount, currency=row.currency, source=source, external_id=row.external_id,
        expected_on=row.expected_on, custom=dict(row.kept),
    )  # fmt: skip


def _free_moves(people: Iterable[int]) -> dict[int, LeadMove]:
    """Person → the handover that no cycle stands for yet."""
    ids = list(people)
    used = set(Prospect.objects.filter(person__in=ids).values_list("lead_move", flat=True))
    found = leads_of(ids)
    return {person: move for person, (_lead, move) in found.items() if move and move.pk not in used}


def _deal(row: Opportunity, account: int | None, cycle: int | None, source: str) -> Deal:
    return Deal(
        prospect_id=cycle, account_id=account, title=row.title, amount=row.amount,
        currency=row.currency or settings.CURRENCY, status=row.status, opened_at=row.at,
        closed_at=None if row.status == Deal.Status.OPEN else row.closed_at or row.at,
        expected_on=row.expected_on, source=source, external_id=row.external_id, custom=dict(row.kept),
    )  # fmt: skip


def _open_cycles(people: Iterable[int]) -> dict[int, int]:
    return dict(Prospect.objects.open().filter(person__in=list(people)).values_list("person", "pk"))


def _accounts(names: set[str], at: datetime, changes: Changes) -> dict[str, int]:
    """Name → account; companies and accounts are made where missing. Names are told apart by their letters only."""
    known = _companies(names)
    new = {name.lower(): name for name in sorted(names) if name.lower() not in known}
    made = [Company(name=name[:160], created_at=at) for name in new.values()]
    changes.insert(made)
    known |= {name: company.pk for name, company in zip(new, made, strict=True)}
    accounts = dict(Account.objects.filter(company__in=known.values()).values_list("company", "pk"))
    missing = [Account(company_id=pk, created_at=at) for pk in sorted({*known.values()} - set(accounts))]
    changes.insert(missing)
    accounts |= {account.company_id: account.pk for account in missing}
    return {name: accounts[known[name.lower()]] for name in names}


def _companies(names: set[str]) -> dict[str, int]:
    """By name in lower case; the oldest of several."""
    wanted = {name.lower() for name in names}
    rows = Company.objects.annotate(low=Lower("name")).filter(low__in=wanted).order_by("-pk")
    return dict(rows.values_list("low", "pk"))
