"""Making a mail: words wrapped into our page once, then filled in for one person, with a text part of the same.

`prepared` does all that is alike for everybody (cleaning, MJML, styles on the tags, dark mode, the footer) and keeps
it; `render` fills it in. `compose` makes the mails of our own pages, whose words are whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.mail import body as mail_body
from campaigns.mail import html as mail_html
from campaigns.mail import merge as merging
from campaigns.mail import slot
from campaigns.mail.marks import Marks, is_marked
from campaigns.models import MailFormat

_UNSEEN = (
    '{% if pixel_url %}<img src="{{ pixel_url }}" width="1" height="1" alt="">{% endif %}'
    '{% if trap_url %}<a href="{{ trap_url }}" hidden aria-hidden="true" tabindex="-1" style="display:none"></a>'
    "{% endif %}"
)
_BLANK = re.compile(r"\n{3,}")  # left by what is not said to somebody


@dataclass(frozen=True)
class Rendered:
    """One mail, ready to be sent: subject without line breaks, a whole HTML page, and the same as text."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Prepared:
    """What a mail says to everybody, with the fields still to be filled in: Liquid all of it.

    ``links``: the addresses as the words say them; in the parts the first is ``{{ links.l1 }}``.
    """

    subject: str
    html: str
    text: str
    links: tuple[str, ...]


def absolute(target: str) -> str:
    """A path of this site as an address; an address stays."""
    return f"{settings.BASE_URL}{target}" if target.startswith("/") else target


def render(
    *,
    subject: str,
    body: str,
    merge: Mapping[str, Any],
    footer: Mapping[str, str],
    format: str = MailFormat.SIMPLE,
    links: Callable[[str], str] = absolute,
    preheader: str = "",
    language: str = "en",
    pixel_url: str = "",
    trap_url: str = "",
    next_piece: bool = False,
) -> Rendered:
    """Fill a template for one person. Raises LiquidError, mjml.Broken.

    `merge` comes from `campaigns.mail.merge.fields()`; `links` turns a target into the address to be clicked; `footer`
    holds postal_address, unsubscribe_url, preferences_url and reason. The addresses of a picture that says "opened" and
    of a link that only scanners find are left out where they are empty. With `next_piece` there is room for one.
    """
    ready = prepared(
        subject=subject,
        preheader=preheader,
        body=slot.with_room(body, format, language) if next_piece else body,
        format=format,
        language=language,
        reason=footer.get("reason", ""),
        postal_address=footer.get("postal_address", ""),
        way_out=(bool(footer.get("unsubscribe_url")), bool(footer.get("preferences_url"))),
        base_url=settings.BASE_URL,
    )
    fields = {
        **merge,
        **{name: footer[name] for name in ("unsubscribe_url", "preferences_url") if footer.get(name)},
        "links": {f"l{number}": links(target) for number, target in enumerate(ready.links, start=1)},
        **({"pixel_url": pixel_url} if pixel_url else {}),  # to Liquid an empty text is true
        **({"trap_url": trap_url} if trap_url else {}),
    }
    return Rendered(
        subject=merging.render_line(ready.subject, fields),
        html=merging.render_html(ready.html, fields),
        text=_BLANK.sub("\n\n", merging.render_text(ready.text, fields)),
    )


@lru_cache(maxsize=256)
def prepared(
    *,
    subject: str,
    preheader: str,
    body: str,
    format: str,
    language: str,
    reason: str,
    postal_address: str,
    way_out: tuple[bool, bool],
    base_url: str,
) -> Prepared:
    """Words made ready once. Raises mjml.Broken. What it depends on is in its arguments: it is kept by them.

    ``way_out``: whether there is an address to unsubscribe, and one for preferences. ``base_url``: where paths lead.
    """
    read = mail_body.read(body, format)
    found: list[str] = []

    def link(target: str) -> str:
        if is_marked(target):
            return target
        if target not in found:
            found.append(target)
        return read.marks.add(f"{{{{ links.l{found.index(target) + 1} }}}}")

    footer = {
        "reason": reason,
        "postal_address": postal_address,
        "unsubscribe_url": read.marks.add("{{ unsubscribe_url }}") if way_out[0] else "",
        "preferences_url": read.marks.add("{{ preferences_url }}") if way_out[1] else "",
    }
    with translation.override(language):
        page = _page(read, mail_html.with_links(read.html, link), read.marks, subject, preheader, footer)
        text = f"{mail_html.to_text(read.html, link)}\n\n-- \n{_footer_text(footer)}\n"
    page = page.replace("</body>", f"{read.marks.add(_UNSEEN)}</body>", 1)
    return Prepared(
        subject=subject,
        html=read.marks.back(page),
        text=read.marks.back(text, escape='{{ "{" }}'),
        links=tuple(found),
    )


def _page(
    read: mail_body.Body, inside: str, marks: Marks, subject: str, preheader: str, footer: Mapping[str, str]
) -> str:
    words = {
        "subject": _line(marks, subject),
        "preheader": _line(marks, preheader),
        "body": inside,
        "brand": settings.ORG_BRAND,
        "footer": footer,
        "page": read,
    }
    if read.whole:
        return render_to_string("emails/page.html", words)
    return mail_html.inlined(render_to_string("emails/message.html", words))


def _line(marks: Marks, source: str) -> str:
    """A line of plain text inside the page: its fields are escaped there as everywhere, its words by the page."""
    return marks.aside_line(merging.one_line(source))


def compose(
    *,
    subject: str,
    body: str,
    footer: Mapping[str, str],
    links: Callable[[str], str] = absolute,
    preheader: str = "",
    language: str = "en",
) -> Rendered:
    """Wrap a body (HTML without merge fields) into our page, styles inline, with its text part."""
    inside = mail_html.with_links(mail_html.with_buttons(mail_html.clean(body)), links)
    subject = merging.one_line(subject)
    with translation.override(language):
        page = render_to_string(
            "emails/message.html",
            {
                "subject": subject,
                "preheader": merging.one_line(preheader),
                "body": inside,
                "brand": settings.ORG_BRAND,
                "footer": footer,
            },
        )
        text = f"{mail_html.to_text(inside)}\n\n-- \n{_footer_text(footer)}\n"
    return Rendered(subject=subject, html=mail_html.inlined(page), text=text)


def by_hand(*, subject: str, body: str, footer: Mapping[str, str], language: str = "en") -> Rendered:
    """What one person writes to another: the words alone, without our page around them.

    ``footer`` holds postal_address, and unsubscribe_url where whoever gets it has never asked to hear from us.
    """
    inside = mail_html.clean(body)
    subject = merging.one_line(subject)
    with translation.override(language):
        page = render_to_string("emails/own.html", {"subject": subject, "body": inside, "footer": footer})
        below = [footer.get("postal_address", "")]
        if footer.get("unsubscribe_url"):
            below.insert(0, _("You do not want to hear from us? Say so here: %s") % footer["unsubscribe_url"])
        text = "\n".join([mail_html.to_text(inside), "", "-- ", *filter(None, below), ""])
    return Rendered(subject=subject, html=mail_html.inlined(page), text=text)


def _footer_text(footer: Mapping[str, str]) -> str:
    lines = [
        footer.get("reason", ""),
        _("Unsubscribe: %s") % footer["unsubscribe_url"] if footer.get("unsubscribe_url") else "",
        _("Change topics or pause: %s") % footer["preferences_url"] if footer.get("preferences_url") else "",
        footer.get("postal_address", ""),
    ]
    return "\n".join(filter(None, lines))
