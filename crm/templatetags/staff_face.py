"""What every staff page takes from the whole project: the rail, the words, the theme."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from campaigns.kept import Kept
from crm.glossary import TERMS
from crm.navigation import rail_for, role_of, tabs_for
from crm.status import sending_is_late

register = template.Library()


@register.simple_tag
def term(key: str, label: str = "", side: str = "", says: str = "") -> SafeString:
    """A word with its definition on hover and on focus; `says` adds the arithmetic of this page."""
    word = TERMS[key]
    formula = says or word.formula
    code = format_html("<code>{}</code>", formula) if formula else ""
    return format_html(
        '<dfn class="term" tabindex="0">{}<span class="def {}" role="tooltip"><b>{}</b>{}{}</span></dfn>',
        label or word.name,
        side,
        word.name,
        word.says,
        code,
    )


@register.simple_tag
def term_name(key: str) -> str:
    """The word itself, for headings; a key that is no word of the glossary is shown as it is."""
    word = TERMS.get(key)
    return str(word.name) if word else key.replace("_", " ").capitalize()


@register.simple_tag(takes_context=True)
def theme(context) -> str:
    """light, dark or auto: what the reader chose, else what the system says."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in ("light", "dark") else "auto"


@register.simple_tag(takes_context=True)
def letter_keys(context) -> str:
    """on, or off for those who switched one-letter shortcuts off (WCAG 2.1.4)."""
    request = context.get("request")
    return "off" if request and request.COOKIES.get("keys") == "off" else "on"


@register.simple_tag
def organisation() -> str:
    """The name at the top of the rail."""
    return settings.ORG_NAME


@register.inclusion_tag("staff/_rail.html", takes_context=True)
def staff_rail(context) -> dict:
    """The one left rail over /staff/ and /admin/, by what the user may do."""
    request = context["request"]
    return {
        "request": request,
        "user": request.user,
        "role": role_of(request.user),
        "items": rail_for(request),
        "org": organisation(),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("staff/_tabbar.html", takes_context=True)
def staff_tabbar(context) -> dict:
    """The same, as five tabs at the foot of a phone."""
    return {"items": tabs_for(context["request"])}


_late = Kept(lambda _key: sending_is_late(timezone.now()))  # every page asks; a few seconds old is new enough
SEES_LATE = ("leads.view_lead", "crm.view_status")


@register.inclusion_tag("staff/_late.html", takes_context=True)
def late_bar(context) -> dict:
    """A red bar while the oldest due mail is over five minutes late, for those who can do something about it."""
    user = context["request"].user
    late = _late("mail") if any(user.has_perm(name) for name in SEES_LATE) else None
    return {"late": late, "operates": late is not None and user.has_perm("crm.view_status")}


JOB_WORDS = {
    "deliver": _("Send due mails"),
    "judge": _("Tell people from machines"),
    "companies": _("Link people to companies"),
    "qualify": _("Qualify leads"),
    "rescore": _("Score leads with news"),
    "handover": _("Hand over to sales"),
    "advance": _("Advance sequences"),
    "segments": _("Refresh segments"),
    "entries": _("Let people into sequences"),
    "rehearse": _("Rehearse sequences"),
    "backtest": _("Try rules on the past"),
    "clocks": _("Tell of clocks that ran out"),
    "not-now": _("Bring back on their date"),
    "dead-leases": _("Free mails of dead senders"),
    "inbox": _("Fetch our mailbox"),
    "answers": _("Read what came back"),
    "sunset": _("Ask the silent, stop who does not answer"),
    "doubles": _("Look for doubles among all"),
    "doubles-new": _("Look for doubles among newcomers"),
    "old-answers": _("Empty old inbound mail"),
    "imports": _("Import files"),
    "old-imports": _("Delete old import files"),
    "segments-all": _("Look at everybody in segments again"),
    "rescore-night": _("Score who is due, check a sample"),
}


@register.filter
def job_words(name: str) -> str:
    """A job of the schedule in words; one without words keeps its name."""
    return str(JOB_WORDS.get(name, name))


@register.filter
def counts_in_words(counts: dict[str, int]) -> str:
    """What a run did, without the zeros: `human 3, touches 2`; `nothing to do` where all are zero."""
    words = [f"{name.replace('_', ' ')} {number}" for name, number in counts.items() if number]
    return ", ".join(words) or str(_("nothing to do"))
