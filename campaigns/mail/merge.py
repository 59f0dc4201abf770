"""Merge fields: Liquid over plain words. A template sees the fields listed here and nothing else of ours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache, wraps
from typing import Any

from django.utils.translation import gettext as _
from liquid import Environment
from liquid.exceptions import FilterArgumentError, LiquidError
from liquid.template import BoundTemplate
from liquid.undefined import FalsyStrictUndefined

# Field → an example of it. Any of a person's fields may be empty; a template has to say what stands there then.
PERSON = {
    "first_name": "Lena",
    "last_name": "Hartmann",
    "company": "Brackwerk GmbH",
    "job_title": "Head of Maintenance",
    "country": "DE",
}
# Of the offer a template names. Terms and an end are not always said.
OFFER = {
    "name": "Ten sensors for the price of eight",
    "code": "TEN-FOR-EIGHT",
    "discount": "20 %",
    "terms": "Once for each plant.",
    "valid_until": "30 November 2026",
}
# Of the next piece, where a step has room for one. There may be none left for somebody.
PIECE = {
    "title": "Where to put the sensor",
    "summary": "Eleven places on one pump, and what each of them hears.",
    "url": "https://www.averdahl.example/r/where-to-put-the-sensor/",
    "kind": "guide",
}
ALWAYS = {
    "brand": "Averdahl",
    "organisation": "Averdahl Sensing AG",
    "unsubscribe_url": "https://www.averdahl.example/u/x/",
    "preferences_url": "https://www.averdahl.example/u/x/",
}
NOTHING = {"none", "null", "nan", "n/a", "undefined"}
OWNER = "Maya Brunner"  # whoever answers for the campaign; without an owner the organisation's brand
FIELDS = (*(f"person.{name}" for name in PERSON), "owner.name", *ALWAYS)
OF_OFFER = tuple(f"offer.{name}" for name in OFFER)
OF_PIECE = tuple(f"piece.{name}" for name in PIECE)
# A custom field of a person is `person.custom_<key>`; which there are, the caller says.
CUSTOM = "custom_"


class _Missing(FalsyStrictUndefined):
    """An empty field: may be asked for in `if` and given a `default`, but never printed as nothing."""

    force_liquid_default = True


class _Limited(Environment):
    """No loader, no way to say "this is safe", and an end to loops and output (measured: docs/nurture.md)."""

    context_depth_limit = 10
    local_namespace_limit = 2_000
    loop_iteration_limit = 1_000
    output_stream_limit = 300_000  # a whole page

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        del self.filters["safe"]
        plain = self.filters.pop("default")
        self.filters = {name: _bounded(name, filter_) for name, filter_ in self.filters.items()}
        self.filters["default"] = plain  # of nearly every field, and it makes nothing


MOST_OF_A_FILTER, MOST_ITEMS = 300_000, 1_000


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The same filter, which refuses to make more than a page. Liquid's own limits count what is written out, and
    `replace` of nothing multiplies two texts before that, `join` a range of any length."""

    @wraps(filter_)
    def bounded(left: Any, *arguments: Any, **named: Any) -> Any:
        first, second = (str(one) for one in (*arguments, "", "")[:2])
        size = len(left) if isinstance(left, str | list | tuple | range) else 0
        if isinstance(left, range) and size > MOST_ITEMS:
            raise FilterArgumentError(f"{name}: more than {MOST_ITEMS} items", token=None)
        if name == "replace" and isinstance(left, str):
            size += left.count(first) * len(second)
        elif name == "join":
            size *= 1 + len(first)
        if size > MOST_OF_A_FILTER:
            raise FilterArgumentError(f"{name}: more than {MOST_OF_A_FILTER} letters", token=None)
        return filter_(left, *arguments, **named)

    return bounded


_HTML = _Limited(autoescape=True, undefined=_Missing)
_TEXT = _Limited(autoescape=False, undefined=_Missing)


@lru_cache(maxsize=256)
def _parsed(source: str, html: bool) -> BoundTemplate:
    return (_HTML if html else _TEXT).from_string(source)


def render_html(source: str, merge: Mapping[str, Any]) -> str:
    """The source with fields filled in and escaped. Raises LiquidError."""
    return _filled(_parsed(source, True), merge)


def render_line(source: str, merge: Mapping[str, Any]) -> str:
    """The same for one line of plain text, such as a subject: whatever is in a field, no line break comes out."""
    return one_line(_filled(_parsed(source, False), merge))


def render_text(source: str, merge: Mapping[str, Any]) -> str:
    """The source with fields filled in as they are. Raises LiquidError."""
    return _filled(_parsed(source, False), merge)


def _filled(template: BoundTemplate, merge: Mapping[str, Any]) -> str:
    """A filter that trips over a value, such as a number of 5,000 digits, has the same error as all that is wrong."""
    try:
        return template.render(**merge)
    except (ArithmeticError, ValueError) as error:
        raise LiquidError(str(error), token=None) from error


def one_line(text: str) -> str:
    """Text without line breaks and control characters, blanks made single (a header must not be broken out of)."""
    if text.isprintable():  # as nearly all is: then there is none to look for sign by sign
        return " ".join(text.split())
    visible = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(visible.split())


def fields(
    *,
    person: Mapping[str, str],
    owner: str,
    offer: Mapping[str, str] | None = None,
    piece: Mapping[str, str] | None = None,
    **always: str,
) -> dict[str, Any]:
    """What a template sees: empty values are left out, so that a template's own default takes their place.

    Of ``person`` the usual fields are read, and all that begin with ``custom_``.
    """
    names = (*PERSON, *(name for name in person if name.startswith(CUSTOM)))
    words = {name: worth_saying(person.get(name) or "") for name in names}
    return {
        "person": {name: value for name, value in words.items() if value},
        "owner": {"name": owner},
        "offer": {name: value for name, value in (offer or {}).items() if value},
        "piece": {name: value for name, value in (piece or {}).items() if value},
        **always,
    }


def worth_saying(value: str) -> str:
    """A person's word on one line, or nothing: a comma is no name to greet, and neither is what a spreadsheet writes
    into an empty cell."""
    line = one_line(value)
    return line if any(char.isalnum() for char in line) and line.lower() not in NOTHING else ""


def example(
    person: Mapping[str, str] = PERSON,
    offer: Mapping[str, str] = OFFER,
    piece: Mapping[str, str] = PIECE,
) -> dict[str, Any]:
    """The fields of an invented person, for previews and checks."""
    return fields(person=person, owner=OWNER, offer=offer, piece=piece, **ALWAYS)


def names(source: str, *, html: bool = True) -> set[str]:
    """The fields a source uses. Raises LiquidError."""
    return {str(use) for uses in _parsed(source, html).analyze().globals.values() for use in uses}


def problems(
    source: str, *, html: bool, custom: Iterable[str] = (), offer: Mapping[str, str] | None = None
) -> list[str]:
    """Why this source could fail for somebody, each with line and column; empty when it cannot. ``custom`` are the
    keys of the custom fields that there are, ``offer`` the fields of the offer that goes with it.

    It is parsed, its names are looked up, and it is rendered for people of whom nothing, everything, or one
    thing only is known, with a next piece, with a piece of which little is said, and without one.
    """
    own = {f"{CUSTOM}{key}": "Example" for key in custom}
    known = (
        *FIELDS,
        *OF_PIECE,
        *(OF_OFFER if offer is not None else ()),
        *(f"person.{name}" for name in own),
    )
    try:
        template = _parsed(source, html)
        found = list(_unknown_names(template, source, known))
    except LiquidError as error:
        return [_words(error, known)]
    whole = PERSON | own
    people: list[Mapping[str, str]] = [{}, whole, *({name: value} for name, value in whole.items())]
    short = {name: value for name, value in PIECE.items() if name != "summary"}
    tried: list[tuple[Mapping[str, str], Mapping[str, str]]] = [(person, {}) for person in people]
    tried += [(whole, PIECE), ({}, short)]
    for person, piece in tried:
        try:
            _filled(template, example(person, offer or {}, piece))
        except LiquidError as error:
            found.append(_words(error, known))
    return list(dict.fromkeys(found))


def said(error: Exception) -> str:
    """What an error says to a marketer: without the lines around it."""
    return str(error.message) if isinstance(error, LiquidError) else str(error)


def _unknown_names(template: BoundTemplate, source: str, known: Collection[str]) -> Iterator[str]:
    for uses in template.analyze().globals.values():
        for use in uses:
            if str(use) not in known:
                line, column = use.span.line_col(source)
                words = _("line %(line)d, column %(column)d: there is no field “%(name)s”")
                if str(use) in OF_OFFER:
                    words = _(
                        "line %(line)d, column %(column)d: “%(name)s” needs an offer, and none is chosen"
                    )
                yield words % {"line": line, "column": column + 1, "name": str(use)}


def _words(error: LiquidError, known: Collection[str]) -> str:
    place = error.context()
    message = str(error.message)
    name = message.removesuffix(" is undefined")
    if name in known or name in OF_OFFER:
        hint = _('“%(name)s” may be empty; say what stands there then: {{ %(name)s | default: "…" }}')
        message = hint % {"name": name}
    if place is None:
        return message
    return _("line %(line)d, column %(column)d: ") % {"line": place[0], "column": place[1] + 1} + message
