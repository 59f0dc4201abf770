"""What a script on a page tells us: a page view of another site, time on an open piece, a form left unsent.

Pure but for two small tables kept in the process. Nothing here says no aloud: what does not fit is None, and the
answer to the browser is the same either way.
"""

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from campaigns.channels import plain
from campaigns.embedding import Site, origin_of, site_by_key
from campaigns.kept import Kept
from campaigns.models import Asset, LandingPage
from leads.answers import field_name
from leads.models import Hit
from leads.tokens import BadToken, read_person

LONGEST = 2048
MOST_SECONDS = 1800
BOXES = ("consent", "tracking")

_asset: Kept[int | None] = Kept(
    lambda slug: Asset.objects.filter(slug=slug, gated=False).values_list("pk", flat=True).first()
)


def _read_page(slug: str) -> tuple[int, frozenset[str]] | None:
    """The page's number, and what stands in its form."""
    page = LandingPage.objects.prefetch_related("fields__custom_field").filter(slug=slug).first()
    return (page.pk, frozenset((*map(field_name, page.fields.all()), *BOXES))) if page else None


_page = Kept(_read_page)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One beacon that may be counted. ``about`` are columns of Hit; ``ends``: the browser takes its agreement back."""

    kind: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    site: Site | None = None
    url: str = ""
    referrer: str = ""
    visitor_uuid: str = ""
    ends: UUID | None = None


def read_beacon(body: bytes, *, origin: str, is_own: bool) -> Told | None:
    """What a beacon says. ``origin`` is the browser's word for the page that sent it, ``is_own``: a page of ours."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if len(body) > LONGEST or not isinstance(said, dict):
        return None
    if "site" in said:
        return _of_a_site(said, origin)
    readers = {"view": _view, "left": _left}
    reader = readers.get(_text(said, "kind"))
    return reader(said) if reader and is_own else None


def visitor_key(text: str) -> UUID | None:
    """The key that another site keeps for a browser that agreed; None for anything else."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _of_a_site(said: dict[str, Any], origin: str) -> Told | None:
    site = site_by_key(_text(said, "site"))
    if site is None or origin not in site.origins:
        return None
    visitor = visitor_key(_text(said, "v"))
    if _text(said, "kind") == "withdraw":
        return Told(ends=visitor) if visitor else None
    url = _text(said, "url")
    if _text(said, "kind") != "page" or origin_of(url) != origin:
        return None
    place = url.split("?")[0].split("#")[0].split("//", 1)[1]
    return Told(
        kind=Hit.Kind.PAGE,
        about={"site_id": site.pk, "label": place[:120], "path": f"/{place.partition('/')[2]}"},
        site=site,
        url=url,
        referrer=_text(said, "ref"),
        visitor_uuid=str(visitor or ""),
    )


def _view(said: dict[str, Any]) -> Told | None:
    """Seconds in view since the last word, and how deep the page was seen, in per cent."""
    slug = _text(said, "asset")
    asset = _asset(slug) if slug else None
    seconds, depth = _number(said, "seconds", MOST_SECONDS), _number(said, "depth", 100)
    if asset is None or not (seconds or depth):
        return None
    about: dict[str, Any] = {"asset_id": asset, "seconds": seconds, "depth": depth, "path": f"/r/{slug}/"}
    with contextlib.suppress(BadToken):
        about["person_id"] = read_person(_text(said, "me"))
    return Told(kind=Hit.Kind.VIEW, about=about)


def _left(said: dict[str, Any]) -> Told | None:
    """The name of the field at which a form was left; never what was typed."""
    slug, name = _text(said, "page"), _text(said, "field")
    page = _page(slug) if slug else None
    if page is None or name not in page[1]:
        return None
    return Told(kind=Hit.Kind.LEFT, about={"page_id": page[0], "label": name, "path": f"/p/{slug}/"})


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return plain(value, LONGEST) if isinstance(value, str) else ""


def _number(said: dict[str, Any], name: str, most: int) -> int:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**9:
        return 0
    return min(round(value), most)
