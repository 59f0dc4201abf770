"""Where the fact behind a fit line comes from, in words: `Form, 9 Oct`, or the company's page."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from leads.models import Company
from leads.person_facts import FactLine
from leads.scoring.matching import FitRule, number_in
from leads.templatetags.staff_ui import shortday

# What a rule looks at → the line of the facts panel, where they are called otherwise.
FACT_OF = {"company_age": "founded_year", "mailbox": "email", "seniority": "job_title"}
COLUMN_OF = {
    "company_size": "size",
    "company_age": "founded_year",
    "industry": "industry",
    "country": "country",
}


def source_of(rule: FitRule, value: str, facts: Mapping[str, FactLine], company: Company | None) -> str:
    """Who told us `value`, for which the rule holds, and when; empty where nobody can say."""
    name = rule.fact_name if rule.field == "fact" else FACT_OF.get(rule.field, rule.field)
    fact = facts.get(name)
    kept = _kept(rule, name, company)
    if fact is not None and (not kept or rule.field == "fact" or _same(fact.value, value)):
        return ", ".join(filter(None, (fact.source, shortday(fact.at) if fact.at else "")))
    return _("kept with the company") if kept else ""


def _kept(rule: FitRule, name: str, company: Company | None) -> bool:
    if company is None:
        return False
    if rule.field == "fact":
        return name in company.custom or name.removeprefix("custom_") in company.custom
    return bool(getattr(company, COLUMN_OF.get(rule.field, ""), None))


def _same(said: str, value: str) -> bool:
    number = number_in(value)
    return said.casefold() == value.casefold() or (number is not None and number_in(said) == number)
