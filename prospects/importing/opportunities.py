"""Opportunities with their own status and dates. One of a known person becomes a cycle with a deal; one without
becomes a deal of its company; a blank company stays blank and is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from campaigns.errors import Refused
from leads.importing import Changes, Whom, leads_of, people_by
from leads.models import Company, LeadMove
from prospects.importing.accounts import companies_named
from prospects.importing.cycles import LOST, WON, Sold, write_cycles
from prospects.importing.products import give_lines
from prospects.models import Account, Deal, Prospect
from prospects.money.deals import in_base
from prospects.past import PastCycle, write_deals

NO_COMPANY = "no company named"
NOBODY = "the person is not known here; kept as a deal of the company"
UNRATED = "no rate for this currency is known: the sum counts one to one until its rate is given on the deal"
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
    has_line: bool = False  # the product named in `kept` is a line of the deal
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
    rates = _rates(rows, at)
    for row in rows:
        if row.amount is not None and row.currency not in rates:
            row = replace(row, flag=_flags(row, UNRATED))
        person, rate = people.get(row.whom), rates.get(row.currency, Decimal(1))
        is_open = row.status == Deal.Status.OPEN
        if row.external_id in have:
            told.append(Sold(row.line, "known"))
        elif person and not (is_open and person in at_work):
            move = moves.pop(person, None)
            cycles[row.line] = _cycle(row, person, accounts.get(row.account), move, source, rate)
            told.append(Sold(row.line, "created", flag=_flags(row, "" if row.account else NO_COMPANY)))
            at_work |= {person} if is_open else set()
        else:
            beside.append(row)
            told.append(Sold(row.line, "created", flag=_flags(row, _flag(row, person))))
    told = write_cycles(cycles, told, source, by, at, changes)
    at_work_now = _open_cycles(people.values())
    write_deals(
        [
            _deal(
                row, accounts.get(row.account), at_work_now.get(people.get(row.whom, 0)), source,
                rates.get(row.currency, Decimal(1)),
            )
            for row in beside
        ],
        by, changes,
    )  # fmt: skip
    lined = {row.line: row.external_id for row in rows if row.has_line}
    new = [lined[one.line] for one in told if one.what == "created" and one.line in lined]
    if new:
        give_lines(source=source, ids=new, changes=changes)
    return told


def _rates(rows: Sequence[Opportunity], at: datetime) -> dict[str, Decimal]:
    """Currency → its rate, as far as one is known."""
    found: dict[str, Decimal] = {}
    for currency in {row.currency for row in rows}:
        with suppress(Refused):
            found[currency] = in_base(currency or settings.CURRENCY, at)["rate"]
    return found


def _flags(row: Opportunity, found: str) -> str:
    """What the file lacks, as it was read and as it was written."""
    return "; ".join(filter(None, (row.flag, found)))


def _flag(row: Opportunity, person: int | None) -> str:
    if person:
        return AT_WORK
    return NOBODY if row.whom else "" if row.account else NO_COMPANY


def _cycle(
    row: Opportunity, person: int, account: int | None, move: LeadMove | None, source: str, rate: Decimal
) -> PastCycle:
    end = row.closed_at or row.at
    steps = {Deal.Status.WON: [(WON, end)], Deal.Status.LOST: [(LOST, end)]}.get(Deal.Status(row.status), [])
    return PastCycle(
        person_id=person, account_id=account, opened_at=min(row.at, end), steps=steps,
        origin=Prospect.Origin.INBOUND if move else Prospect.Origin.OUTBOUND,
        lead_move_id=move.pk if move else None, marketing_qualified_at=move.at if move else None,
        title=row.title, amount=row.amount, currency=row.currency, rate=rate, source=source,
        external_id=row.external_id,
        expected_on=row.expected_on, custom=dict(row.kept),
    )  # fmt: skip


def _free_moves(people: Iterable[int]) -> dict[int, LeadMove]:
    """Person → the handover that no cycle stands for yet."""
    ids = list(people)
    used = set(Prospect.objects.filter(person__in=ids).values_list("lead_move", flat=True))
    found = leads_of(ids)
    return {person: move for person, (_lead, move) in found.items() if move and move.pk not in used}


def _deal(row: Opportunity, account: int | None, cycle: int | None, source: str, rate: Decimal) -> Deal:
    return Deal(
        prospect_id=cycle, account_id=account, title=row.title, amount=row.amount,
        currency=row.currency or settings.CURRENCY, rate=rate, status=row.status, opened_at=row.at,
        closed_at=None if row.status == Deal.Status.OPEN else row.closed_at or row.at,
        expected_on=row.expected_on, source=source, external_id=row.external_id, custom=dict(row.kept),
    )  # fmt: skip


def _open_cycles(people: Iterable[int]) -> dict[int, int]:
    return dict(Prospect.objects.open().filter(person__in=list(people)).values_list("person", "pk"))


def _accounts(names: set[str], at: datetime, changes: Changes) -> dict[str, int]:
    """Name → account; companies and accounts are made where missing. Names are told apart by their letters only."""
    known = {name: company.pk for name, company in companies_named(names).items()}
    new = {name.lower(): name for name in sorted(names) if name.lower() not in known}
    made = [Company(name=name[:160], created_at=at) for name in new.values()]
    changes.insert(made)
    known |= {name: company.pk for name, company in zip(new, made, strict=True)}
    accounts = dict(Account.objects.filter(company__in=known.values()).values_list("company", "pk"))
    missing = [Account(company_id=pk, created_at=at) for pk in sorted({*known.values()} - set(accounts))]
    changes.insert(missing)
    accounts |= {account.company_id: account.pk for account in missing}
    return {name: accounts[known[name.lower()]] for name in names}
