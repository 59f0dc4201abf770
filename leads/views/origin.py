"""A visitor who walks from page to page keeps the campaign that brought them: links carry it on, without a cookie."""

import re
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponse
from django.utils.html import escape

from campaigns.channels import CLICK_IDS, LONGEST, UTM

CARRIED = (*UTM, *CLICK_IDS, "via")
# Links and forms that lead to the library, to a landing page or to an open piece, and the filters of the library.
OURS = re.compile(
    r'(?P<kind>href|action)="(?P<path>/(?:[pr]/[-\w]+/)?)?(?P<query>\?[^"#]*)?(?P<part>#[^"]*)?"'
)


def carry_on(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Add the UTM and click ids of this address to the page's links to pages of ours; others stay as they are."""
    given = {key: request.GET[key][:LONGEST] for key in CARRIED if request.GET.get(key)}
    if given and not response.streaming:
        more = escape(urlencode(given))
        html = response.content.decode(response.charset)
        response.content = OURS.sub(lambda link: _with(link, more), html).encode(response.charset)
    return response


def _with(link: re.Match[str], more: str) -> str:
    path, query, part = link["path"] or "", link["query"] or "", link["part"] or ""
    if not (path or query) or any(f"{key}=" in query for key in CARRIED):
        return link[0]
    return f'{link["kind"]}="{path}{query}{"&amp;" if len(query) > 1 else "" if query else "?"}{more}{part}"'
