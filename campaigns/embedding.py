"""Other sites that show our forms: what an origin is, which site a key names, and the lines to paste there."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext as _

from campaigns.kept import Kept
from campaigns.models import EmbedSite

PORTS = {"http": 80, "https": 443}
NEAR = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Site:
    """An embedding site as this process keeps it."""

    pk: int
    key: str
    origins: frozenset[str]
    # Slug of a page whose form this site may show → its id.
    pages: dict[str, int]


def _site(key: str) -> Site | None:
    row = EmbedSite.objects.filter(key=key, archived_at=None).prefetch_related("pages").first()
    if row is None:
        return None
    return Site(
        row.pk, row.key, frozenset(row.origins.split()), {page.slug: page.pk for page in row.pages.all()}
    )


site_by_key: Kept[Site | None] = Kept(_site)


def origin_of(url: str) -> str:
    """Scheme, host and port of a web address as browsers write them (RFC 6454); empty for anything else."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return ""
    if parts.scheme not in PORTS or not host:
        return ""
    if ":" in host:
        host = f"[{host}]"
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, PORTS[parts.scheme]) else "")


def clean_origins(text: str) -> str:
    """The lines of a list of origins in the form browsers send them. Raises ValidationError for a line that is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValidationError(_("Name at least one origin."))
    return "\n".join(dict.fromkeys(_clean_origin(line) for line in lines))


def _clean_origin(line: str) -> str:
    found = origin_of(line)
    if not found or "*" in line:
        raise ValidationError(
            _("“%(line)s” is no origin. It looks like https://www.example.com."), params={"line": line}
        )
    parts = urlsplit(line)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValidationError(
            _("“%(line)s” says too much: without the path it is %(found)s."),
            params={"line": line, "found": found},
        )
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise ValidationError(_("“%(line)s” must begin with https://."), params={"line": line})
    return found


def _is_near(host: str) -> bool:
    """A test machine may do without https."""
    try:
        return host in NEAR or ipaddress.ip_address(host).is_private
    except ValueError:
        return host.endswith((".localhost", ".test"))


def script_tag(key: str) -> str:
    """The one line for the head of the other site's pages, as text to be copied."""
    return f'<script src="{escape(settings.BASE_URL)}/embed.js" data-site="{escape(key)}" async></script>'


def form_tag(slug: str, words: str) -> str:
    """Where the form stands; without JavaScript it is a plain link to the page."""
    page = f"{escape(settings.BASE_URL)}/p/{escape(slug)}/"
    return f'<div data-form="{escape(slug)}"><a href="{page}">{escape(words)}</a></div>'
