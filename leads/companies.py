"""Which company a person belongs to, by the domain of their mail, never by a free or throw-away mailbox."""

from datetime import datetime

from django.db import IntegrityError, transaction

from leads.mailboxes import domain_of, is_companys
from leads.models import Company, Person
from leads.tracking import note_change


def company_for(*, person: Person, at: datetime) -> Company | None:
    """The person's company, linked now if it was not: by mail domain, else by the exact name they gave."""
    if person.company_id:
        return person.company
    domain = domain_of(person.email_key)
    if is_companys(domain):
        company = _company(domain=domain, name=person.company_name or domain, at=at)
    elif person.company_name:
        known = Company.objects.filter(name__iexact=person.company_name).order_by("pk").first()
        company = known or Company.objects.create(name=person.company_name, created_at=at)
    else:
        return None
    with transaction.atomic():
        if Person.objects.filter(pk=person.pk, company=None).update(company=company):
            note_change(person_ids=[person.pk], at=at)
    person.company = company
    return company


def link_due(*, at: datetime, limit: int = 200) -> int:
    """Link people who have named a company since they were looked up. Each of them can be, so none is met twice."""
    people = Person.objects.filter(company=None, merged_into=None, erased_at=None).exclude(company_name="")
    return sum(company_for(person=person, at=at) is not None for person in people.order_by("-pk")[:limit])


def _company(*, domain: str, name: str, at: datetime) -> Company:
    company = Company.objects.filter(domain=domain).first()
    if company:
        return company
    try:
        with transaction.atomic():
            return Company.objects.create(domain=domain, name=name, created_at=at)
    except IntegrityError:
        return Company.objects.get(domain=domain)
