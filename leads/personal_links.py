"""Links in mails that lead to pages of ours say whose they are, so that nobody is asked twice what they have said."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.urls import Resolver404, resolve

from leads.tokens import person_token

ME = "me"
# Pages that make something of it; all others keep their address exactly.
PAGES = frozenset(("landing", "asset"))


def with_person(target: str, person_id: int) -> str:
    """``target`` with the person's own signed token where it is such a page of this site, else untouched."""
    parts = urlsplit(target)
    if not _is_ours(f"{parts.scheme}://{parts.netloc}" if parts.netloc else "", parts.path):
        return target
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=f"{query}{ME}={person_token(person_id)}"))


def _is_ours(site: str, path: str) -> bool:
    if site not in ("", settings.BASE_URL.rstrip("/")):
        return False
    try:
        return resolve(path).url_name in PAGES
    except Resolver404:
        return False
