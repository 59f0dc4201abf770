"""Accounts of another system: the company, and whose subsidiary it is. Known ones keep what they have."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models.functions import Lower

from campaigns.errors import Refused
from leads.importing import Changes, make_due
from leads.importing.rows import Told
from leads.mailboxes import is_companys
from leads.models import Company, Lead
from prospects.accounts import set_parent
from prospects.models import Account

FREE_DOMAIN = "the domain is of a free mailbox; left out"
RING = "its parent belongs to it; the family stays as it is"
OTHER_PARENT = "it has another parent here, which stays"


@dataclass(frozen=True, kw_only=True, slots=True)
class PastAccount:
    """One row. `said` are columns of Company, `kept` goes to its custom values, `parent` is the name of a company."""

    line: int
    name: str
    domain: str = ""
    parent: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    flag: str = ""

    @property
    def external_id(self) -> str:
        """What a second row about the same account has too."""
        return self.name.casefold()


def import_accounts(
    *, rows: Sequence[PastAccount], at: datetime, changes: Changes | None = None
) -> list[Told]:
    """Write one batch; call inside a transaction. A company is known by its domain, else by its name."""
    changes = changes if changes is not None else Changes()
    domains = {row.domain for row in rows if row.domain}
    by_domain = {row.domain: row for row in Company.objects.filter(domain__in=domains)}
    names = {row.name for row in rows} | {row.parent for row in rows if row.parent}
    by_name = companies_named(names)
    told = {row.line: Told(row.line, "known", flag=row.flag) for row in rows}
    ours, new = {}, []
    for row in rows:
        known = by_domain.get(row.domain) or by_name.get(row.name.lower())
        if known is None:
            known = Company(name=row.name, created_at=at, custom=dict(row.kept), **row.said)
            new.append(known)
            by_name[row.name.lower()] = known
            told[row.line] = Told(row.line, "created", flag=row.flag)
        if is_companys(row.domain):
            by_domain.setdefault(row.domain, known)
        ours[row.line] = known
    parents = {row.parent.lower(): row.parent for row in rows if row.parent.lower() not in by_name}
    above = {low: Company(name=name, created_at=at) for low, name in parents.items() if low}
    new += above.values()
    by_name |= above
    changes.insert(new)
    made = {company.pk for company in new}
    for row in rows:
        flags = _fill(row, ours[row.line], ours[row.line].pk in made, by_domain, changes, told)
        flags += _belongs(row, ours[row.line], by_name, changes, told)
        _add_flags(told, row.line, flags)
    _make_accounts({company.pk for company in ours.values()}, ours, at, changes, told)
    changed = {ours[line].pk for line, one in told.items() if one.what != "known"}
    leads = Lead.objects.filter(person__company__in=changed - made).values_list("pk", flat=True)
    make_due(lead_ids=list(leads), at=at, changes=changes)
    return list(told.values())


def companies_named(names: Collection[str]) -> dict[str, Company]:
    """By name in lower case; the oldest of several."""
    wanted = {name.lower() for name in names}
    rows = Company.objects.annotate(low=Lower("name")).filter(low__in=wanted).order_by("-pk")
    return {row.name.lower(): row for row in rows}


def _fill(
    row: PastAccount, company: Company, is_new: bool, by_domain: Mapping[str | None, Company], changes: Changes,
    told: dict[int, Told],
) -> list[str]:  # fmt: skip
    """Blanks only; custom values too, each by itself. Returns what is to be told."""
    blanks = {} if is_new else {key: value for key, value in row.said.items() if not getattr(company, key)}
    flags = []
    if row.domain and not is_companys(row.domain):
        flags.append(FREE_DOMAIN)
    elif row.domain and not company.domain and by_domain.get(row.domain) is company:
        blanks["domain"] = row.domain
    kept = {} if is_new else {key: value for key, value in row.kept.items() if not company.custom.get(key)}
    if kept:
        blanks["custom"] = {**company.custom, **kept}
    if blanks:
        _change(company, changes, **blanks)
        _now_changed(told, row.line)
    return flags


def _belongs(
    row: PastAccount,
    company: Company,
    by_name: Mapping[str, Company],
    changes: Changes,
    told: dict[int, Told],
) -> list[str]:
    if not row.parent:
        return []
    parent = by_name[row.parent.lower()]
    if company.parent_id is not None:
        return [] if company.parent_id == parent.pk else [OTHER_PARENT]
    try:
        set_parent(company=company, parent=parent)
    except Refused:
        return [RING]
    _change(company, changes, parent_id=parent.pk)
    _now_changed(told, row.line)
    return []


def _change(company: Company, changes: Changes, **columns: Any) -> None:
    changes.move(company, **columns)
    Company.objects.filter(pk=company.pk).update(**columns)


def _make_accounts(
    companies: set[int], ours: Mapping[int, Company], at: datetime, changes: Changes, told: dict[int, Told]
) -> None:
    have = set(Account.objects.filter(company__in=companies).values_list("company", flat=True))
    changes.insert([Account(company_id=pk, created_at=at) for pk in sorted(companies - have)])
    for line, company in ours.items():
        if company.pk not in have:
            _now_changed(told, line)


def _now_changed(told: dict[int, Told], line: int) -> None:
    if told[line].what == "known":
        told[line] = Told(line, "changed", flag=told[line].flag)


def _add_flags(told: dict[int, Told], line: int, flags: Sequence[str]) -> None:
    if flags:
        one = told[line]
        told[line] = Told(line, one.what, flag="; ".join(filter(None, (one.flag, *flags))))
