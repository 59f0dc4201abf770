"""What a step does, in one line: the same words in the builder, at publishing, in the live view and beside a person.

Words of a sequence are for staff; dates and clock times follow the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Compares, LooksAt, PublishedStep, SequenceStep, StepKind, StepRule

DAY, WEEK = 24, 7 * 24
ALL_DAYS = "1234567"


@dataclass(frozen=True)
class StepWords:
    """One step as read by people. ``position`` counts from 1; ``ways`` is where it leads when not to the next one."""

    position: int
    what: str
    when: str
    ways: str

    @property
    def line(self) -> str:
        """``Mail “Page nine”, 2 days after, Tue–Thu at 09:00 in their zone``."""
        return ", ".join(part for part in (self.what, self.when, self.ways) if part)


def of_working(steps: Sequence[SequenceStep]) -> dict[int, StepWords]:
    """Working step id → its words. ``steps``: all of one sequence, in order, with template, asset, page and topic."""
    places = {step.pk: place for place, step in enumerate(steps, start=1)}
    return {
        step.pk: _words(
            step,
            places[step.pk],
            mail=step.template.name if step.template else "",
            then=places.get(step.then_id or 0),
            otherwise=places.get(step.otherwise_id or 0),
        )
        for step in steps
    }


def of_published(steps: Iterable[PublishedStep], subjects: Mapping[int, str]) -> dict[int, StepWords]:
    """Position → words of one version. ``subjects``: step id → the subject of its usual wording."""
    return {step.position: of_one(step, subjects.get(step.pk, "")) for step in steps}


def of_one(step: PublishedStep, mail: str) -> StepWords:
    """A frozen step, saved or not. ``mail``: what its mail is called."""
    return _words(step, step.position, mail=mail, then=step.then_position, otherwise=step.otherwise_position)


def _words(step: StepRule, position: int, *, mail: str, then: int | None, otherwise: int | None) -> StepWords:
    return StepWords(position, _what(step, mail), when(step), _ways(step, position, then, otherwise))


def _what(step: StepRule, mail: str) -> str:
    match step.kind:
        case StepKind.MAIL:
            said = _("Mail “%(mail)s”") % {"mail": mail} if mail else _("Mail without a template")
            return _("%(mail)s with the next piece") % {"mail": said} if step.next_piece else said
        case StepKind.WAIT:
            return _("Wait")
        case StepKind.WAIT_FOR:
            words = _("Wait as long as %(act)s") if _turned_round(step) else _("Wait until %(act)s")
            limit = _(", at most %(time)s") % {"time": span(step.limit_hours)} if step.limit_hours else ""
            return words % {"act": question(step)} + limit
        case StepKind.BRANCH:
            words = _("Unless %(act)s") if _turned_round(step) else _("If %(act)s")
            return words % {"act": question(step)}
        case StepKind.FOLLOW_UP:
            return str(_REP_DOES[step.rep_does]) % {"note": step.note or _("no note")}
        case StepKind.CHANGE:
            return _change(step)
    return _("End here")


_REP_DOES: dict[str, Promise] = {
    StepRule.RepDoes.CALL: gettext_lazy("Call by the rep: %(note)s"),
    StepRule.RepDoes.SOCIAL: gettext_lazy("Message on a social network by the rep: %(note)s"),
    StepRule.RepDoes.OTHER: gettext_lazy("Follow-up for the rep: %(note)s"),
}


def _change(step: StepRule) -> str:
    if step.topic:
        return _("Change the topic “%(topic)s” to %(value)s") % {
            "topic": step.topic,
            "value": step.value or _("wanted"),
        }
    return _("Set %(field)s to “%(value)s”") % {"field": step.field or _("a field"), "value": step.value}


def _turned_round(step: StepRule) -> bool:
    """Whether it asks that something is not so; a field says that in its own words."""
    return step.compares == Compares.IS_NOT and step.looks_at != LooksAt.FIELD


def question(step: StepRule) -> str:
    """What a branch or a wait asks: ``they clicked in a mail of this sequence``."""
    said = _KNOWN.get((step.looks_at, step.compares)) or _asked(step)
    if not step.within_days:
        return str(said)
    days = ngettext("within %(n)d day", "within %(n)d days", step.within_days) % {"n": step.within_days}
    return f"{said} {days}"


def _asked(step: StepRule) -> str:
    match step.looks_at:
        case LooksAt.CLICK:
            return _("they clicked in a mail of this sequence")
        case LooksAt.DOWNLOAD:
            return _about(_("they downloaded"), step.asset, _("something"))
        case LooksAt.PAGE:
            return _about(_("they visited"), step.page, _("a page"))
        case LooksAt.FORM:
            return _about(_("they sent the form of"), step.page, _("any page"))
        case LooksAt.REPLY:
            return _("they replied")
        case LooksAt.FIELD:
            return _("their %(field)s") % {"field": step.field} + " " + _compared(step)
        case LooksAt.CONSENT if not step.value:
            return _("they agreed to marketing mail")
    words = _BY_VALUE.get(step.looks_at, gettext_lazy("nothing is chosen yet"))
    return str(words) % {"value": step.value, "topic": step.topic or "–"}


_BY_VALUE: dict[str, Promise] = {
    LooksAt.GRADE: gettext_lazy("they have grade %(value)s or better"),
    LooksAt.CONSENT: gettext_lazy("they agreed to “%(value)s”"),
    LooksAt.TOPIC: gettext_lazy("they want “%(topic)s”"),
    LooksAt.STATUS: gettext_lazy("they are as a lead “%(value)s”"),
    LooksAt.STAGE: gettext_lazy("they are with sales at “%(value)s”"),
}
_KNOWN: dict[tuple[str, str], Promise] = {
    (LooksAt.GRADE, Compares.KNOWN): gettext_lazy("they have a grade"),
    (LooksAt.GRADE, Compares.UNKNOWN): gettext_lazy("they have no grade yet"),
    (LooksAt.STAGE, Compares.KNOWN): gettext_lazy("they are with sales"),
    (LooksAt.STAGE, Compares.UNKNOWN): gettext_lazy("they are not with sales"),
}


def _about(verb: str, thing: object, anything: str) -> str:
    return f"{verb} “{thing}”" if thing else f"{verb} {anything}"


def _compared(step: StepRule) -> str:
    if step.compares in (Compares.KNOWN, Compares.UNKNOWN):
        return str(step.get_compares_display())
    return f"{step.get_compares_display()} “{step.value}”"


def when(step: StepRule) -> str:
    """``2 days after, Tue–Thu at 09:00 in their zone``; empty where the step waits for nothing."""
    parts = [_("%(time)s after") % {"time": span(step.delay_hours)}] if step.delay_hours else []
    days = weekdays(step.weekdays)
    if step.at_time:
        clock = {"days": days, "clock": f"{step.at_time:%H:%M}"}
        parts.append(
            (_("%(days)s at %(clock)s in their zone") if days else _("at %(clock)s in their zone")) % clock
        )
    elif days:
        parts.append(_("on %(days)s") % {"days": days})
    if not parts and step.kind == StepKind.MAIL:
        return _("at once")
    return ", ".join(parts)


def span(hours: int | None) -> str:
    """Hours in the unit people count such a time in: ``36 hours``, ``2 days``, ``1 week``."""
    number = hours or 0
    if number and number % WEEK == 0:
        weeks = number // WEEK
        return ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}
    if number and number % DAY == 0:
        days = number // DAY
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    return ngettext("%(n)d hour", "%(n)d hours", number) % {"n": number}


def weekdays(digits: str) -> str:
    """``1234`` → ``Mon–Thu``, ``135`` → ``Mon, Wed, Fri``; empty for any day."""
    chosen = sorted({int(digit) for digit in digits if digit in ALL_DAYS})
    if len(chosen) in (0, 7):
        return ""
    names = [str(WEEKDAYS_ABBR[day - 1]) for day in chosen]
    in_a_row = chosen[-1] - chosen[0] == len(chosen) - 1
    return f"{names[0]}–{names[-1]}" if in_a_row and len(chosen) > 2 else ", ".join(names)


def _ways(step: StepRule, position: int, then: int | None, otherwise: int | None) -> str:
    forks = step.kind in (StepKind.BRANCH, StepKind.WAIT_FOR)
    first = _("go to %(n)d") % {"n": then} if then and then != position + 1 else ""
    if not forks:
        return _("then %(way)s") % {"way": first} if first else ""
    second = _("else go to %(n)d") % {"n": otherwise} if otherwise else _("else end")
    return _("%(first)s, %(second)s") % {"first": first or _("go on"), "second": second}
