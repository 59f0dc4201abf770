"""The enrichers that come with the project. They ask nobody outside: our tables, the address itself, a local file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

import maxminddb
import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _

from leads.enrichment.protocol import Enricher, EnrichQuery, Found
from leads.models import Company, Person

PEOPLE_ASKED = 200  # of one company
# Country domains that the whole world registers; they say nothing of a place.
ANYBODYS = frozenset({
    "ac", "ag", "ai", "am", "bz", "cc", "cd", "co", "eu", "fm", "gg", "gl", "im", "io", "la", "li",
    "ly", "me", "ms", "mu", "nu", "pw", "sc", "sh", "st", "su", "tk", "to", "tv", "vc", "ws",
})  # fmt: skip
TLD_OF = {"uk": "GB"}
# The part before a country domain that is no name: example.co.uk, example.com.au.
SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gov", "gv", "ltd", "net", "org", "or"})


class OwnCompanies(Enricher):
    """What our own table says of the company with this mail domain."""

    name = "own companies"
    needs = frozenset({"domain", "company_id"})
    seconds = None

    def lookup(self, query: EnrichQuery) -> Iterator[Found]:
        company = _company(query)
        if company is None:
            return
        values = {
            "industry": company.industry,
            "company_size": company.size,
            "founded_year": company.founded_year,
            "country": company.country,
            "city": company.city,
        }
        for field, value in values.items():
            if value not in ("", None):
                yield Found(
                    field=field,
                    value=str(value),
                    confidence=Decimal("0.9"),
                    source=_("Our table of companies"),
                )


class MailDomain(Enricher):
    """A company's own domain carries its name, and its ending perhaps its country."""

    name = "mail domain"
    needs = frozenset({"domain"})
    seconds = None

    def lookup(self, query: EnrichQuery) -> Iterator[Found]:
        labels = query.domain.split(".")
        if len(labels) < 2:
            return
        source = _("Mail domain %(domain)s") % {"domain": query.domain}
        if name := _name_in(labels):
            yield Found(field="company", value=name, confidence=Decimal("0.4"), source=source)
        ending = labels[-1]
        if len(ending) == 2 and ending.isalpha() and ending not in ANYBODYS:
            country = TLD_OF.get(ending, ending.upper())
            yield Found(field="country", value=country, confidence=Decimal("0.5"), source=source)


class EarlierPeople(Enricher):
    """What most of those said whom we know at the same company. The share of them is the confidence."""

    name = "earlier people there"
    needs = frozenset({"domain", "company_id"})
    seconds = None
    fields = {"country": "country", "language": "language", "company": "company_name"}

    def lookup(self, query: EnrichQuery) -> Iterator[Found]:
        company = _company(query)
        if company is None or not company.domain:
            return
        rows = Person.objects.filter(company=company, erased_at=None, merged_into=None)
        people = list(rows.order_by("-pk").values(*self.fields.values())[:PEOPLE_ASKED])
        for field, column in self.fields.items():
            said = Counter(row[column] for row in people if row[column])
            if said:
                value, count = said.most_common(1)[0]
                yield Found(
                    field=field, value=value, confidence=_sure(count, said.total()), source=_("People there")
                )


class Geography(Enricher):
    """The country of a phone number; else that of the address a form came from, where a local file knows it."""

    name = "geography"
    needs = frozenset({"phone", "ip"})
    seconds = None

    def lookup(self, query: EnrichQuery) -> Iterator[Found]:
        if country := phone_country(query.phone):
            yield Found(field="country", value=country, confidence=Decimal("0.8"), source=_("Phone number"))
        if country := address_country(query.ip):
            yield Found(
                field="country", value=country, confidence=Decimal("0.6"), source=_("Network address")
            )


def phone_country(number: str) -> str:
    """Two letters for an E.164 number; empty where it belongs to no country (satellites, freephone)."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) if number else None
    except phonenumbers.NumberParseException:
        return ""
    return region if region and region.isalpha() else ""


def address_country(ip: str) -> str:
    """By the file of GEO_DATABASE; empty without one, for a private address, or where the file does not know."""
    path = settings.GEO_DATABASE
    try:
        if not ip or not path or not ip_address(ip).is_global:
            return ""
        record = _opened(path, Path(path).stat().st_mtime).get(ip)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError):
        return ""
    return _iso_code(record)


def _iso_code(record: object) -> str:
    """Both shapes that such files have: {"country": {"iso_code": "CH"}} and {"country_code": "CH"}."""
    if not isinstance(record, dict):
        return ""
    country = record.get("country") or record.get("registered_country") or {}
    code = country.get("iso_code") if isinstance(country, dict) else None
    return str(code or record.get("country_code") or "").upper()


@lru_cache(maxsize=2)
def _opened(path: str, changed: float) -> maxminddb.Reader:
    """Opened once; a renewed file is opened anew."""
    return maxminddb.open_database(path)


def _company(query: EnrichQuery) -> Company | None:
    known: Iterable[Company] = ()
    if query.company_id:
        known = Company.objects.filter(pk=query.company_id)
    elif query.domain:
        known = Company.objects.filter(domain=query.domain)
    return next(iter(known), None)


def _name_in(labels: list[str]) -> str:
    """`maasland-pumps` of mail.maasland-pumps.co.uk, as a name; empty for a punycode label."""
    cut = 2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL else 1
    label = labels[-cut - 1]
    return "" if label.startswith("xn--") else label.replace("-", " ").title()


def _sure(count: int, of: int) -> Decimal:
    """One colleague alone convinces less than five of five: the share, drawn towards a half (Laplace)."""
    return (Decimal(count + 1) / Decimal(of + 2)).quantize(Decimal("0.01"))
