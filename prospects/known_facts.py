"""The facts an entry rule may ask for: what is known of a person, and custom fields of person, company, prospect, deal.

A key is the name of a column or fact ("phone", "industry"), or the owner and the key of a custom field ("deal.volume").
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from campaigns.models import CustomField
from leads.best_known import best
from leads.person_facts import COLUMNS, FACT_WORDS, FIELD_OF
from prospects.models import Deal, Prospect

Entity = CustomField.Entity
EMPTY = (None, "")
OF_COMPANY = {"company_name": "name", "company_size": "size"}  # a column of the company under another name


def choices() -> list[tuple[str, str]]:
    """What a rule may name, key and words: columns and facts of a person, then the custom fields in use."""
    own = CustomField.objects.in_use().order_by("entity", "label")
    return [
        *((key, str(words)) for key, words in (COLUMNS | FACT_WORDS).items() if key != "company"),
        *((f"{field.entity}.{field.key}", f"{field.get_entity_display()}: {field.label}") for field in own),
    ]


def labels(keys: Collection[str]) -> dict[str, str]:
    """Key → words; an archived field keeps its label, a key nobody knows is its own word."""
    words = {key: str(words) for key, words in (COLUMNS | FACT_WORDS).items()}
    named = {key.partition(".")[2] for key in keys} - {""}
    if named:
        rows = CustomField.objects.filter(key__in=named)
        words |= {f"{field.entity}.{field.key}": field.label for field in rows}
    return {key: words.get(key, key) for key in keys}


def known_among(prospect: Prospect, keys: Collection[str]) -> set[str]:
    """Those of `keys` that hold a value for this prospect. Three queries at most, none without keys."""
    said = _said(prospect, keys)
    deals: list[dict[str, Any]] = []
    if any(key.startswith(f"{Entity.DEAL}.") for key in keys):
        deals = list(prospect.deals.exclude(status=Deal.Status.LOST).values_list("custom", flat=True))
    return {key for key in keys if key in said or _holds(prospect, deals, key)}


def _said(prospect: Prospect, keys: Collection[str]) -> set[str]:
    """Keys that a fact of the person answers, under its own name or that of a custom field."""
    names: dict[str, str] = {}
    for key in keys:
        owner, _dot, field = key.partition(".")
        if not field:
            names |= {key: key, FIELD_OF.get(key, key): key}
        elif owner == Entity.PERSON:
            names |= {field: key, f"custom_{field}": key}
    if not names:
        return set()
    facts = best(prospect.person.facts.filter(field__in=names))
    return {names[field] for field, fact in facts.items() if fact.value}


def _holds(prospect: Prospect, deals: list[dict[str, Any]], key: str) -> bool:
    owner, _dot, field = key.partition(".")
    company = prospect.person.company
    if not field:
        of_company = getattr(company, OF_COMPANY.get(key, key), None)
        return getattr(prospect.person, key, None) not in EMPTY or of_company not in EMPTY
    kept = {
        Entity.PROSPECT.value: [prospect.custom],
        Entity.COMPANY.value: [company.custom] if company else [],
        Entity.DEAL.value: deals,
    }
    return any(custom.get(field) not in EMPTY for custom in kept.get(owner, []))
