"""Small marks that every staff page draws the same way: icons, grades, bars, times, money.

No tag writes a style attribute: the staff policy allows none, so lengths are SVG attributes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django import template
from django.conf import settings
from django.http import QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from leads.timeline import message_subject, touch_words

register = template.Library()
register.filter(message_subject)
register.filter(touch_words)

STEP_CLASS = {"A": "l1", "B": "l2", "C": "l3", "D": "l4", "1": "l1", "2": "l2", "3": "l3", "4": "l4"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """One sign of the sprite, hidden from readers that speak: a word always stands beside it."""
    return _drawn_icon(name, static("img/icons.svg"))


@lru_cache(maxsize=512)
def _drawn_icon(name: str, sprite: str) -> SafeString:
    return format_html('<svg class="ico" aria-hidden="true"><use href="{}#i-{}"/></svg>', sprite, name)


@register.simple_tag
def meter(value, kind: str = "", top: float = 100) -> SafeString:
    """A bar filled to `value` of `top`; the number itself stands beside it as text."""
    share = max(0.0, min(100.0, 100.0 * float(value or 0) / float(top or 1)))
    return format_html(
        '<svg class="meter {}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="4"/></svg>',
        kind,
        f"{share:.1f}",
    )


@register.simple_tag
def grade(mark: str, fit=None, engagement=None, size: str = "") -> SafeString:
    """The grade chip: letter = fit, digit = engagement; the deeper the tint, the hotter.

    `mark` is a letter A-D and a digit 1-4 ("A2"); an empty mark draws a dash that says so.
    """
    if not mark or len(mark) < 2:
        return format_html('<span class="meta" title="{}">–</span>', _("Not scored yet"))
    return _drawn_grade(mark[:2], fit, engagement, size, get_language())


@lru_cache(maxsize=4096)
def _drawn_grade(mark: str, fit, engagement, size: str, _language: str | None) -> SafeString:
    """A list draws the same few dozen chips again and again."""
    letter, digit = mark[0], mark[1]
    said = _grade_said(letter, digit, fit, engagement)
    small = ("", "")
    if size == "lg":
        small = (_small(_("fit"), fit), _small(_("engagement"), engagement))
    return format_html(
        '<span class="grade {}" role="img" aria-label="{}" title="{}"><b class="{}">{}{}</b>'
        '<b class="{}">{}{}</b></span>',
        f"grade-{size}" if size else "",
        said,
        said,
        STEP_CLASS.get(letter, "l4"),
        letter,
        small[0],
        STEP_CLASS.get(digit, "l4"),
        digit,
        small[1],
    )


def _small(word: str, points) -> SafeString | str:
    return format_html("<small>{} {}</small>", word, round(points)) if points is not None else ""


def _grade_said(letter: str, digit: str, fit, engagement) -> str:
    if fit is None or engagement is None:
        return _("Fit %(letter)s, engagement %(digit)s") % {"letter": letter, "digit": digit}
    return _("Fit %(letter)s (%(fit)d of 100), engagement %(digit)s (%(engagement)d of 100)") % {
        "letter": letter,
        "digit": digit,
        "fit": round(fit),
        "engagement": round(engagement),
    }


@register.filter
def initials(name) -> str:
    """Two letters for the round picture of a person, one for a company of one word."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def ago(moment: datetime | None, now: datetime | None = None) -> SafeString | str:
    """A moment as people say it, the exact time on hover. Empty moments draw a dash."""
    if moment is None:
        return "–"
    local, here = timezone.localtime(moment), timezone.localtime(now or timezone.now())
    return _drawn_moment(moment, exactly(local), _in_words(local, here))


def _drawn_moment(moment: datetime, exact: str, words: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, words)


def exactly(local: datetime) -> str:
    """`22 November 2026, 14:05 CET`: Django's "j F Y, H:i T", which takes apart its pattern at each call."""
    return f"{local.day} {MONTHS[local.month]} {local.year}, {local:%H:%M} {local.tzname()}"


def relative(moment: datetime, now: datetime) -> str:
    """`moment` in words, seen from `now`: minutes and hours near by, then days, then the date."""
    return _in_words(timezone.localtime(moment), timezone.localtime(now))


def _in_words(local: datetime, here: datetime) -> str:
    """Both in the zone of whoever looks; a list says this a hundred times, so each zone is reckoned once."""
    day, today = local.date(), here.date()
    gap = here.astimezone(UTC) - local.astimezone(UTC)
    if gap < timedelta(0):
        return _to_come(local, (day - today).days, today)
    minutes = int(gap.total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("%(n)d min ago") % {"n": minutes}
    days = (today - day).days
    if days == 0 or minutes < 360:
        return _("%(n)d h ago") % {"n": minutes // 60}
    if days == 1:
        return _("yesterday")
    if days < 30:
        return _("%(n)d days ago") % {"n": days}
    return short_date(day, today)


def _to_come(local: datetime, days: int, today: date) -> str:
    clock = f"{local:%H:%M}"
    if days == 0:
        return _("today %(clock)s") % {"clock": clock}
    if days == 1:
        return _("tomorrow %(clock)s") % {"clock": clock}
    if days < 7:
        return f"{WEEKDAYS_ABBR[local.weekday()]} {clock}"
    return short_date(local.date(), today)


def short_date(day: date, today: date) -> str:
    """`18 Nov`, with the year when it is another one."""
    return _short_date(day, day.year == today.year, get_language())


@lru_cache(maxsize=1024)
def _short_date(day: date, this_year: bool, _language: str | None) -> str:
    return formats.date_format(day, "j M" if this_year else "j M Y")


@register.simple_tag
def stamp(moment: datetime | None) -> SafeString | str:
    """The clock time of this week, under the name of its day (`dayname`); else the date. The exact time on hover."""
    if moment is None:
        return "–"
    local, today = timezone.localtime(moment), timezone.localdate()
    gap = (today - local.date()).days
    if -7 < gap < 0:
        words = formats.date_format(local, "D H:i")  # under "To come", which names no day
    else:
        words = formats.date_format(local, "H:i") if 0 <= gap < 7 else short_date(local.date(), today)
    return _drawn_moment(moment, exactly(local), words)


@register.filter
def dayname(moment: datetime) -> str:
    """The heading of a day in a timeline: Today, Yesterday, Tuesday 18 November, Earlier."""
    day, today = timezone.localdate(moment), timezone.localdate()
    gap = (today - day).days
    if gap == 0:
        return _("Today")
    if gap == 1:
        return _("Yesterday")
    if 0 < gap < 7:
        return formats.date_format(day, "l j F")
    if gap < 0:
        return _("To come")
    return formats.date_format(day, "F Y")


@register.filter
def shortday(day: date | datetime | None) -> str:
    """A date without its time: `18 Nov`."""
    if day is None:
        return "–"
    if isinstance(day, datetime):
        day = timezone.localdate(day)
    return short_date(day, timezone.localdate())


@register.simple_tag
def money(amount, currency: str = "", places: int = 0) -> str:
    """An amount with its currency: `85,000 EUR`. None draws a dash."""
    if amount is None or amount == "":
        return "–"
    number = formats.number_format(round(Decimal(amount), int(places)), int(places), force_grouping=True)
    return f"{number} {currency}".strip()


@register.filter
def percent(share, places: int = 1) -> str:
    """A share 0-1 as a percentage; None draws a dash, for nothing can be said."""
    if share is None:
        return "–"
    return f"{formats.number_format(100 * float(share), int(places))}%"


@register.filter
def count(number) -> str:
    """A whole number with its thousands apart; None draws a dash."""
    return "–" if number is None else formats.number_format(number, 0, force_grouping=True)


@register.filter
def figure(number, places: int = 1) -> str:
    """A number with `places` decimals, none when it is whole; None draws a dash."""
    if number is None:
        return "–"
    value = round(float(number), int(places))
    return formats.number_format(value, 0 if value == int(value) else int(places), force_grouping=True)


@register.filter
def signed(points) -> str:
    """Points of a receipt with their sign: +20, −5."""
    value = round(float(points))
    return f"+{value}" if value >= 0 else f"−{-value}"


@register.filter
def stayed(span: timedelta | None) -> str:
    """How long something lasted, in the one unit that fits: 12 min, 5 h, 2 days."""
    if span is None:
        return "–"
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 60 * 24:
        return _("%(n)d h") % {"n": minutes // 60}
    days = minutes // (60 * 24)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.filter
def at_key(mapping, key):
    """The value a mapping holds for a key known only while drawing; None where there is none."""
    return mapping.get(key) if mapping else None


def _address_with(context, **changes: str) -> str:
    """The query string of this page with some values replaced; the cursor never survives a change."""
    asked = context["request"].GET.copy()
    asked.pop("at", None)
    for name, value in changes.items():
        asked[name] = value
    return asked.urlencode()


@register.simple_tag(takes_context=True)
def paged(context, cursor: str) -> str:
    """The address of the next or the last page of this same list."""
    return _address_with(context, at=cursor)


@register.simple_tag(takes_context=True)
def sorted_as(context, order: str) -> str:
    """The address of this same list in another order."""
    return _address_with(context, sort=order)


@register.simple_tag(takes_context=True)
def asking(context, **changes) -> str:
    """The address of this page with these values: `{% asking period="90d" %}`."""
    return _address_with(context, **{name: str(value) for name, value in changes.items()})


@register.simple_tag
def base_money(amount, places: int = 0) -> str:
    """An amount in the base currency of the installation."""
    return money(amount, settings.CURRENCY, places)


@register.simple_tag
def rows_of(key: str, query: str = "", name: str = "", value: str = "") -> str:
    """The address of the rows behind a number: its key, the scope of the page, one line's channel or campaign."""
    asked = QueryDict(query, mutable=True)
    if name and value:
        asked[name] = value
    return reverse("staff-rows", args=[key]) + (f"?{asked.urlencode()}" if asked else "")


RING = 37.7  # the length of a circle of radius 6


@register.simple_tag
def clock(row, now: datetime) -> SafeString | str:
    """The clock of a row of the day: the ring empties while an answer is awaited, then says how late it is.

    `row` has `action`, `clock` (by when), `late`, and `at` (when it happened).
    """
    if row.clock is None:
        return format_html('<span class="clock">{}</span>', ago(row.at, now)) if row.at else ""
    exact = exactly(timezone.localtime(row.clock))
    if row.action != "accept":
        words = relative(row.clock, now)
        return format_html(
            '<span class="clock {}" title="{}">{}</span>', "bad" if row.late else "", exact, words
        )
    left = row.clock - now
    words = _left(left, row.clock, now)
    look = "bad" if left < timedelta(0) else "warn" if left < timedelta(minutes=30) else ""
    share = max(0.0, min(1.0, left / timedelta(hours=1)))
    return format_html(
        '<span class="clock {}" title="{}"><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"/>'
        '<circle cx="8" cy="8" r="6" stroke-dasharray="{} {}"/></svg>{}</span>',
        look,
        _("Answer by %(time)s") % {"time": exact},
        f"{share * RING:.1f}",
        RING,
        words,
    )


def _left(left: timedelta, until: datetime, now: datetime) -> str:
    minutes = int(left.total_seconds() // 60)
    if minutes < 0:
        return _("%(time)s late") % {"time": stayed(-left)}
    if minutes < 90:
        return _("%(n)d min left") % {"n": minutes}
    if timezone.localdate(until) == timezone.localdate(now):
        return _("by %(clock)s") % {"clock": formats.date_format(timezone.localtime(until), "H:i")}
    return _("by %(day)s") % {"day": formats.date_format(timezone.localtime(until), "D H:i")}


@register.simple_tag
def soon(moment: datetime) -> SafeString:
    """A coming moment in as few letters as tell it: `14:00` today, `Thu`, `27 Nov`; exact time on hover."""
    local, today = timezone.localtime(moment), timezone.localdate()
    days = (local.date() - today).days
    if days == 0:
        words = formats.date_format(local, "H:i")
    else:
        words = formats.date_format(local, "D") if 0 < days < 7 else short_date(local.date(), today)
    return _drawn_moment(moment, exactly(local), words)
