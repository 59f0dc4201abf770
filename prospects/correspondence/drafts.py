"""What a mail can begin with: a template of marketing's filled in for this person, and pieces to put in as links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from liquid.exceptions import LiquidError

from campaigns.mail import compose, merge
from campaigns.mail import html as mail_html
from campaigns.models import EmailTemplate, MailFormat
from leads.models import OwnMail
from leads.own_mail.writing import as_html, subject_of_answer
from leads.sending.fields import fields
from leads.sending.pieces import reachable
from prospects.collateral import Collateral, collateral
from prospects.models import Prospect

MOST = 60
# A mail from one person to another has no room for these.
_OF_BULK_MAIL = ("unsubscribe_url", "preferences_url", "piece.")


@dataclass(frozen=True)
class Draft:
    """Words to begin with. `problem`: why a template cannot be filled in for this person."""

    subject: str = ""
    text: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Link:
    """A piece that can be put in, and where it leads."""

    slug: str
    title: str
    kind: str
    url: str


def offered() -> QuerySet[EmailTemplate]:
    """Simple templates that fit a mail to one person."""
    rows = EmailTemplate.objects.in_use().filter(format=MailFormat.SIMPLE)
    for name in _OF_BULK_MAIL:
        rows = rows.exclude(Q(body__contains=name) | Q(subject__contains=name))
    return rows


def templates_for(prospect: Prospect) -> list[EmailTemplate]:
    """Those in the language of the person first."""
    language = prospect.person.language or settings.LANGUAGE_CODE
    return sorted(offered()[:MOST], key=lambda one: (one.language != language, one.name))


def filled(template: EmailTemplate, prospect: Prospect, user: Any) -> Draft:
    """The template as plain words for this person; the owner in it is whoever writes."""
    words = fields(
        person=prospect.person, words=template, footer={"unsubscribe_url": "", "preferences_url": ""}
    )
    words["owner"] = {"name": user.get_full_name() or settings.ORG_BRAND}
    try:
        subject = merge.render_line(template.subject, words)
        body = mail_html.clean(merge.render_html(template.body, words))
    except LiquidError as error:
        return Draft(problem=merge.said(error))
    return Draft(subject, mail_html.to_text(body, compose.absolute))


def begun_again(draft: Draft, typed: Draft, before: Iterable[Draft]) -> Draft:
    """The words of a template chosen late: what somebody has typed meanwhile is kept, below them.

    `before`: what the form may have begun with (a greeting, another template); that is nobody's own work.
    """
    subjects, own = {"", *(one.subject for one in before)}, typed.text.strip()
    for one in sorted({one.text.strip() for one in (draft, *before)}, key=len, reverse=True):
        own = own.removeprefix(one).strip()
    return replace(
        draft,
        subject=draft.subject if typed.subject.strip() in subjects else typed.subject,
        text=f"{draft.text.rstrip()}\n\n{own}" if own else draft.text,
    )


def blank(prospect: Prospect, user: Any) -> Draft:
    """A greeting and a name, in the language of whoever reads it."""
    person = prospect.person
    with translation.override(person.language or settings.LANGUAGE_CODE):
        first = merge.worth_saying(person.first_name)
        hello = _("Hello %(name)s,") % {"name": first} if first else _("Hello,")
        bye = _("Best regards")
    return Draft(text=f"{hello}\n\n\n\n{bye}\n{user.get_full_name()}".rstrip())


def answer_to(mail: OwnMail, prospect: Prospect, user: Any) -> Draft:
    """Nothing is quoted: whoever reads it has their own words above."""
    return replace(blank(prospect, user), subject=subject_of_answer(mail.subject))


def links_for(prospect: Prospect, at: datetime) -> list[Link]:
    """The pieces of the stage that somebody outside can open; what is for sales only and has no address is none."""
    found: Collateral = collateral(prospect, at)
    language = prospect.person.language or settings.LANGUAGE_CODE
    links: dict[int, Link] = {}
    if found.next:
        links[found.next.pk] = _link(found.next.asset, compose.absolute(found.next.url))
    for asset in found.pieces:
        open_to_them = reachable(asset.pk, language, at=at)
        url = compose.absolute(open_to_them.url) if open_to_them else asset.link
        if url and asset.pk not in links:
            links[asset.pk] = _link(asset, url)
    return list(links.values())


def _link(asset: Any, url: str) -> Link:
    return Link(asset.slug, asset.title, str(asset.kind.shown), url)


def with_links(text: str, links: Iterable[Link], *, name: str) -> str:
    """The words with the chosen pieces, each on a line of its own: above the name of whoever writes, else last."""
    lines = "\n".join(f"{link.title}: {link.url}" for link in links)
    if not lines:
        return text
    words, gap, last = text.rstrip().rpartition("\n\n")
    if gap and name and name in last:
        return f"{words.rstrip()}\n\n{lines}\n\n{last}"
    return f"{text.rstrip()}\n\n{lines}"


def as_seen(prospect: Prospect, subject: str, text: str) -> compose.Rendered:
    """The mail as they will see it; the way out in it leads nowhere."""
    is_cold = getattr(prospect.person, "lead", None) is None
    return compose.by_hand(
        subject=subject,
        body=as_html(text),
        footer={
            "postal_address": settings.POSTAL_ADDRESS,
            "unsubscribe_url": f"{settings.BASE_URL}/u/preview/" if is_cold else "",
        },
        language=prospect.person.language or "en",
    )
