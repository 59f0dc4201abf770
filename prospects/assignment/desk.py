"""Who could take a prospect now: read once, asked often; locked, so that two handovers do not pick by one count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads.models import Person
from prospects.clocks.clock import Hours, add_working_minutes
from prospects.clocks.working_time import holidays_near, hours_of_users, reps_of
from prospects.models import Account, AssignmentMember, AssignmentRule, Pipeline, Prospect, Rep


class Desk:
    """Rules with their members, and what keeps a rep from taking one. Six statements, however many reps."""

    def __init__(self, at: datetime, *, locks: bool = False, without: Any = None) -> None:
        self.at, self.today, self._locks, self._without = at, timezone.localdate(at), locks, without
        self._locked: dict[int, list[AssignmentMember]] = {}
        self._capacity: dict[int, int] = {}
        self._open: dict[int, int] = {}
        self._hours: dict[int, Hours] = {}
        self._before: dict[int, Any] = {}  # by person
        self._account: dict[int, Any] = {}  # by company

    @cached_property
    def rules(self) -> list[AssignmentRule]:
        rules = AssignmentRule.objects.in_use()
        return list(rules if self._locks else rules.prefetch_related("members__user"))

    def members(self, rule: AssignmentRule) -> list[AssignmentMember]:
        """Those who take turns. Locked rows are read anew, in one order for everybody."""
        if not self._locks:
            return sorted((one for one in rule.members.all() if one.weight), key=lambda one: one.pk)
        if rule.pk not in self._locked:
            rows = AssignmentMember.objects.select_for_update(of=("self",)).filter(rule=rule, weight__gt=0)
            self._locked[rule.pk] = list(rows.select_related("user").order_by("pk"))
        return self._locked[rule.pk]

    def able(self, rule: AssignmentRule) -> list[AssignmentMember]:
        """The members who could take one now. Of those, whoever works today; on a day when nobody does, all."""
        members = self.members(rule)
        self._read([member.user for member in members])
        free = [member for member in members if not self.hindrance(member.user)]
        return [member for member in free if self._at_work(member.user)] or free

    def hindrance(self, user: Any) -> str:
        """What keeps this rep from taking a prospect, in words; empty for nothing."""
        if not user.is_active or user == self._without:
            return _("has left")
        self._read([user])
        until = [last for first, last in self._hours[user.pk].absences if first <= self.next_day <= last]
        if until:
            return _("is away until %(day)s") % {"day": date_format(max(until), "j F")}
        if user.pk in self._capacity and self._open[user.pk] >= self._capacity[user.pk]:
            return _("has %(number)s open, as many as allowed") % {"number": self._open[user.pk]}
        return ""

    def standing(self, user: Any) -> str:
        """For a table: the hindrance, or that today is none of their working days."""
        said = self.hindrance(user)
        return said or ("" if self._at_work(user) else _("does not work today"))

    def standings(self, members: Sequence[AssignmentMember]) -> list[str]:
        """The same for the members of a rule; a day on which none of them works keeps nobody from taking one."""
        closed = not any(self._at_work(one.user) for one in members if not self.hindrance(one.user))
        return [(self.hindrance if closed else self.standing)(one.user) for one in members]

    def _at_work(self, user: Any) -> bool:
        return self.today.isoweekday() in self._hours[user.pk].days

    @cached_property
    def next_day(self) -> date:
        """The day on which the house works on what comes in now: whoever is away on Monday gets nothing on Sunday."""
        return add_working_minutes(
            self.at, 1, Hours(timezone.get_default_timezone(), holidays=self._holidays)
        ).date()

    def _read(self, users: list[Any]) -> None:
        """Working time, and the load of those with a limit, of whoever was not asked about yet."""
        new = {user.pk: user for user in users if user.pk not in self._hours}
        if not new:
            return
        reps = reps_of(new.keys())
        self._hours |= hours_of_users(new.values(), self.at, reps=reps, holidays=self._holidays)
        limited = {pk: rep.capacity for pk, rep in reps.items() if rep.capacity is not None}
        if limited and self._locks:  # whoever counts what they have open waits for whoever is giving them one
            list(Rep.objects.select_for_update().filter(user__in=limited).order_by("user").values_list("pk"))
        self._capacity |= limited
        self._open |= open_prospects(limited)

    @cached_property
    def _holidays(self) -> frozenset[date]:
        return holidays_near(self.at)

    def last_owner(self, pipeline: Pipeline, person: Person) -> Any | None:
        """Whoever had the newest cycle of this person that had an owner."""
        if person.pk not in self._before:
            self.read_people(pipeline, [person])
        return self._before[person.pk]

    def account_owner(self, pipeline: Pipeline, person: Person) -> Any | None:
        """Whoever owns the account of the person's company."""
        if person.pk not in self._before:
            self.read_people(pipeline, [person])
        return self._account.get(person.company_id or 0)

    def read_people(self, pipeline: Pipeline, people: Sequence[Person]) -> None:
        """Earlier owners and account owners of many at once, before they are asked about one by one."""
        self._before |= dict.fromkeys((person.pk for person in people), None)
        cycles = Prospect.objects.filter(person__in=people, pipeline=pipeline, owner__isnull=False)
        for cycle in cycles.select_related("owner").order_by("round"):
            self._before[cycle.person_id] = cycle.owner
        companies = {person.company_id for person in people if person.company_id}
        if companies:
            rows = Account.objects.filter(company__in=companies, owner__isnull=False).select_related("owner")
            self._account |= {row.company_id: row.owner for row in rows}

    def read_everybody(self) -> None:
        """Members of all rules at once, before a page asks one by one."""
        self._read([member.user for rule in self.rules for member in rule.members.all()])


def open_prospects(users: Any) -> dict[int, int]:
    """How many open prospects each has now."""
    counts = dict.fromkeys(users, 0)
    if counts:
        rows = Prospect.objects.open().filter(owner__in=counts).order_by()
        counts |= dict(rows.values_list("owner").annotate(number=Count("pk")))
    return counts
