"""Making a mail: words filled in for one person, wrapped into our page, with a text part of the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.mail import html as mail_html
from campaigns.mail import merge as merging


@dataclass(frozen=True)
class Rendered:
    """One mail, ready to be sent: subject without line breaks, a whole HTML page, and the same as text."""

    subject: str
    html: str
    text: str


def absolute(target: str) -> str:
    """A path of this site as an address; an address stays."""
    return f"{settings.BASE_URL}{target}" if target.startswith("/") else target


def render(
    *,
    subject: str,
    body: str,
    merge: Mapping[str, Any],
    footer: Mapping[str, str],
    links: Callable[[str], str] = absolute,
    preheader: str = "",
    language: str = "en",
    pixel_url: str = "",
    trap_url: str = "",
) -> Rendered:
    """Fill a template for one person. Raises LiquidError.

    `merge` comes from `campaigns.merge.fields()`; `links` turns a target into the address to be clicked; `footer` holds
    postal_address, unsubscribe_url, preferences_url and reason. The addresses of a picture that says "opened" and of a
    link that only scanners find are left out where they are empty.
    """
    return compose(
        subject=merging.render_line(subject, merge),
        body=merging.render_html(body, merge),
        preheader=merging.render_line(preheader, merge),
        footer=footer,
        links=links,
        language=language,
        pixel_url=pixel_url,
        trap_url=trap_url,
    )


def compose(
    *,
    subject: str,
    body: str,
    footer: Mapping[str, str],
    links: Callable[[str], str] = absolute,
    preheader: str = "",
    language: str = "en",
    pixel_url: str = "",
    trap_url: str = "",
) -> Rendered:
    """Wrap a body (HTML without merge fields) into our page, styles inline, with its text part."""
    inside = mail_html.with_links(mail_html.clean(body), links)
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
    return Rendered(
        subject=subject, html=_with_unseen(mail_html.inlined(page), pixel_url, trap_url), text=text
    )


def _with_unseen(page: str, pixel_url: str, trap_url: str) -> str:
    """What only programs meet. The link is hidden from eyes and screen readers and is not in the text part."""
    unseen = f'<img src="{pixel_url}" width="1" height="1" alt="">' if pixel_url else ""
    if trap_url:
        unseen += f'<a href="{trap_url}" hidden aria-hidden="true" tabindex="-1" style="display:none"></a>'
    return page.replace("</body>", f"{unseen}</body>", 1) if unseen else page


def _footer_text(footer: Mapping[str, str]) -> str:
    lines = [
        footer.get("reason", ""),
        _("Unsubscribe: %s") % footer["unsubscribe_url"] if footer.get("unsubscribe_url") else "",
        _("Change topics or pause: %s") % footer["preferences_url"] if footer.get("preferences_url") else "",
        footer.get("postal_address", ""),
    ]
    return "\n".join(filter(None, lines))
