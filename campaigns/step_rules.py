"""What a step's rule may say: conditions of a branch or a wait, and what a step may change. Pure.

Asked when a sequence is published, so that nobody's walk meets a condition that cannot be judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from campaigns.comparing import date_in, number_in, read_grade
from campaigns.models import Compares, ConsentText, LooksAt, StepKind, StepRule

# What people do, as against what they are: where behaviour decides, a rehearsal has two bounds.
BEHAVIOUR = frozenset((LooksAt.CLICK, LooksAt.DOWNLOAD, LooksAt.PAGE, LooksAt.FORM, LooksAt.REPLY))
# Columns of a person, and what is known of their company, by the names of form fields.
PERSON_FIELDS = ("email", "phone", "first_name", "last_name", "job_title", "country", "language", "time_zone")
COMPANY_FIELDS = ("company", "company_size", "industry", "city", "founded_year")
OTHER_FACTS = ("heard_from",)
FIELDS = (*PERSON_FIELDS, *COMPANY_FIELDS, *OTHER_FACTS)
# What a step may write. Names, addresses and numbers are the person's own.
MAY_CHANGE = ("job_title", "country", "language", "time_zone", "industry", "company_size")
CUSTOM = re.compile(r"custom_[a-z0-9_-]{1,40}")
# Lead status and sales stage are words of a higher app; a test there holds these to be the same.
LEAD_STATUSES = ("new", "nurturing", "marketing_qualified", "disqualified", "customer")
STAGE = re.compile(r"[a-z0-9_-]{1,40}")
YES, NO = "yes", "no"

_EITHER = (Compares.IS, Compares.IS_NOT)
_ASKS: dict[str, tuple[Compares, ...]] = {
    **dict.fromkeys(BEHAVIOUR, _EITHER),
    LooksAt.GRADE: (Compares.IS, Compares.IS_NOT, Compares.AT_LEAST, Compares.KNOWN, Compares.UNKNOWN),
    LooksAt.FIELD: tuple(Compares),
    LooksAt.CONSENT: _EITHER,
    LooksAt.TOPIC: _EITHER,
    LooksAt.STATUS: _EITHER,
    LooksAt.STAGE: (*_EITHER, Compares.KNOWN, Compares.UNKNOWN),
}
_NEED_NO_VALUE = (Compares.KNOWN, Compares.UNKNOWN)
_IN_ORDER = (Compares.AT_LEAST, Compares.AT_MOST)


def problems(rule: StepRule) -> list[str]:
    """Why a step cannot be published as it is, each in words; empty when nothing is wrong."""
    found = list(_when(rule))
    if rule.kind in (StepKind.BRANCH, StepKind.WAIT_FOR):
        found += _condition(rule)
    if rule.kind == StepKind.WAIT_FOR and not rule.limit_hours:
        found.append(_("say how many hours it waits at most"))
    if rule.kind == StepKind.CHANGE:
        found += _change(rule)
    return found


def choices(value: str) -> list[str]:
    """``new, nurturing`` → each of them: any may be the one."""
    return [word for part in value.split(",") if (word := part.strip().casefold())]


def _when(rule: StepRule) -> Iterable[str]:
    if not re.fullmatch(r"[1-7]*", rule.weekdays):
        yield _("days are numbers from 1 (Monday) to 7 (Sunday), such as 12345")


def _condition(rule: StepRule) -> Iterable[str]:
    if rule.looks_at not in LooksAt.values:
        return [_("say what it asks")]
    allowed = _ASKS[rule.looks_at]
    if rule.compares not in allowed:
        words = ", ".join(str(one.label) for one in allowed)
        return [
            _("“%(asks)s” can be compared by: %(allowed)s")
            % {"asks": rule.get_looks_at_display(), "allowed": words}
        ]
    check = _VALUES.get(rule.looks_at)
    return check(rule) if check else []


def _grade(rule: StepRule) -> Iterable[str]:
    if rule.compares not in _NEED_NO_VALUE and not read_grade(rule.value):
        yield _("a grade is a letter from A to D and a digit from 1 to 4, such as B2")


def _field(rule: StepRule) -> Iterable[str]:
    if rule.field not in FIELDS and not CUSTOM.fullmatch(rule.field):
        yield _("the field “%(field)s” is not known: use %(known)s or custom_<key>") % {
            "field": rule.field,
            "known": ", ".join(FIELDS),
        }
    if rule.compares in _IN_ORDER and number_in(rule.value) is None and date_in(rule.value) is None:
        yield _("“at least” and “at most” need a number or a day such as 2026-11-18")
    elif rule.compares not in _NEED_NO_VALUE and not rule.value.strip():
        yield _("say which value")


def _consent(rule: StepRule) -> Iterable[str]:
    if rule.value and rule.value not in ConsentText.Purpose.values:
        yield _("consent is one of: %(known)s") % {"known": ", ".join(ConsentText.Purpose.values)}


def _topic(rule: StepRule) -> Iterable[str]:
    if rule.topic_id is None:
        yield _("choose the topic")


def _status(rule: StepRule) -> Iterable[str]:
    if not choices(rule.value) or not set(choices(rule.value)) <= set(LEAD_STATUSES):
        yield _("a lead status is one of: %(known)s") % {"known": ", ".join(LEAD_STATUSES)}


def _stage(rule: StepRule) -> Iterable[str]:
    said = choices(rule.value)
    if rule.compares not in _NEED_NO_VALUE and not (said and all(STAGE.fullmatch(one) for one in said)):
        yield _("name the sales stage by its short name, such as to_contact")


_VALUES: dict[str, Callable[[StepRule], Iterable[str]]] = {
    LooksAt.GRADE: _grade,
    LooksAt.FIELD: _field,
    LooksAt.CONSENT: _consent,
    LooksAt.TOPIC: _topic,
    LooksAt.STATUS: _status,
    LooksAt.STAGE: _stage,
}


def _change(rule: StepRule) -> Iterable[str]:
    if rule.topic_id is not None:
        if rule.value not in (YES, NO):
            yield _("for a topic the value is yes (wanted) or no")
        if rule.field:
            yield _("a step changes a topic or a field, not both")
    elif rule.field not in MAY_CHANGE and not CUSTOM.fullmatch(rule.field):
        yield _("a step may change: %(known)s, custom_<key> or a topic") % {"known": ", ".join(MAY_CHANGE)}
    elif not rule.value.strip():
        yield _("say which value")
    else:
        yield from _fits_the_column(rule)


def _fits_the_column(rule: StepRule) -> Iterable[str]:
    value = rule.value.strip()
    if rule.field == "country" and not re.fullmatch(r"[A-Z]{2}", value):
        yield _("a country is two capital letters, such as NL")
    elif rule.field == "language" and not re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", value):
        yield _("a language is two small letters, such as nl")
    elif rule.field == "time_zone" and value not in available_timezones():
        yield _("a time zone has a name such as Europe/Amsterdam")
    elif rule.field == "job_title" and len(value) > 120:
        yield _("a job title has at most 120 letters")
    elif rule.field == "company_size" and number_in(value) is None:
        yield _("a company size is a number")
