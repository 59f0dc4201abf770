"""How public answers may be kept by others: shared pages by caches, personal ones by nobody."""

from typing import TypeVar

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

Answer = TypeVar("Answer", bound=HttpResponseBase)


class SeeOther(HttpResponseRedirect):
    """After a POST: look there with GET (303)."""

    status_code = 303


def shared(response: Answer) -> Answer:
    """The same for everybody: a cache before us may keep it for a minute; a browser asks each time."""
    patch_cache_control(response, public=True, max_age=0, s_maxage=60)
    return response


def private(response: Answer) -> Answer:
    """For one person: no cache keeps it, and no other site learns its address."""
    patch_cache_control(response, no_store=True, private=True)
    response["Referrer-Policy"] = "no-referrer"
    return response
