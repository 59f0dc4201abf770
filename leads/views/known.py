"""Who comes by their own signed link (`?me=…`), and the same address without it."""

from urllib.parse import urlencode

from django.http import HttpRequest

from leads.models import Person
from leads.personal_links import ME
from leads.progressive import Known, known
from leads.tokens import BadToken, read_person


def known_by_link(request: HttpRequest) -> Known | None:
    """The person of the link; None for a stranger, and for a link that is forged, too old, or of somebody erased."""
    token = request.GET.get(ME, "")
    if not token:
        return None
    try:
        person = Person.objects.filter(pk=read_person(token)).select_related("merged_into").first()
    except BadToken:
        return None
    while person is not None and person.merged_into is not None:
        person = person.merged_into
    return known(person) if person is not None and person.erased_at is None else None


def named_by_link(request: HttpRequest) -> int | None:
    """The id that the link names, without a look at the database; whether it may be noted is decided later."""
    try:
        return read_person(request.GET.get(ME, ""))
    except BadToken:
        return None


def is_personal(request: HttpRequest) -> bool:
    """An address made for one person must be kept by no cache, whether or not it still says who."""
    return ME in request.GET or "email" in request.GET


def without_me(request: HttpRequest) -> str:
    """The same address for everybody else: behind "Not you?"."""
    rest = [
        (key, value) for key, values in request.GET.lists() if key not in (ME, "email") for value in values
    ]
    return f"{request.path}?{urlencode(rest)}" if rest else request.path
