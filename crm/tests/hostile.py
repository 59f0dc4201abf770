"""Hostile text for every column, a row of every model to hold it, every address, and a judge of what a page made of it.

`poison` finds the columns by itself and `names` the pages, so a new model or page is covered without being named here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

FLOORS = ("campaigns", "leads", "prospects", "crm")
TAG = "x-evil"
MARK = "evil1337"
# The product of the two numbers stands on no page by chance.
MADE_BY_A_TEMPLATE = str(8191 * 7919)
LONG = (
    f"=cmd|' \"'><{TAG} onpointerenter={MARK}() style=color:{MARK}></textarea></title></script>"
    f"<script>{MARK}()</script><img src=x onerror={MARK}()>"
    "{{8191|times:7919}}${8191*7919}{% now 'Y' %}\u202e&amp;</style>"
)
SIZES = (
    LONG,
    f"\"'><{TAG} onerror={MARK}()>{{{{8191|times:7919}}}}\u202e",
    f"\"'><{TAG} onclick={MARK}()>",
    f"'\"><{TAG}>",
    "<b>\"'",
)
LINK = f"javascript:{MARK}()//\"'><{TAG}>"
# Templates that marketers write are checked when saved: braces that mean nothing never get in.
WITHOUT_BRACES = {"EmailTemplate", "PublishedWords"}
# Columns that steer the program and whose values come from lists of ours, each named; slugs, choices, keys come on top.
CODES = {
    "art", "email_key", "phone_key", "email_hash", "language", "time_zone", "currency", "country", "palette", "grade",
    "key", "method", "variant", "message_id", "to_address", "password", "username", "utm_campaign", "receipt", "nonce",
    "file_sha256", "mapping_sha256", "path", "mapping_text", "header_key", "required_facts", "qualify_fit",
    "qualify_engagement", "touch_kind", "visitor_key", "phone_country", "cover_of", "origins", "fact_name",
}  # fmt: skip
CODES_OF = {
    "JobRun": {"name", "period"}, "DispatcherLease": {"name"}, "ImportRun": {"kind"}, "SavedMapping": {"kind", "text"},
    "PublishedWords": {"body"},  # its links were counted when it was published
    "ShortLink": {"code"}, "ShareLink": {"code"}, "TargetDomain": {"domain"}, "Company": {"domain"},
}  # fmt: skip
LINKS = {"link", "target"}


def own_models() -> list[type[models.Model]]:
    """Every table of ours but the kept versions."""
    every = [model for floor in FLOORS for model in apps.get_app_config(floor).get_models()]
    return [model for model in every if not model.__name__.startswith("Historical")]


def poison() -> dict[str, int]:
    """Put hostile text into every column that holds people's words. Returns how many columns of each model."""
    return {model._meta.label: len(columns) for model in own_models() if (columns := _poisoned(model))}


def _poisoned(model: type[models.Model]) -> list[str]:
    texts = [field for field in model._meta.local_concrete_fields if _holds_words(model, field)]
    boxes = [f for f in model._meta.local_concrete_fields if isinstance(f, models.JSONField)]
    for row in model._base_manager.all():
        values: dict[str, Any] = {field.attname: words_for(model, field, row.pk) for field in texts}
        values |= {field.attname: _inside(getattr(row, field.attname)) for field in boxes}
        if values:
            model._base_manager.filter(pk=row.pk).update(**values)
    return [field.name for field in [*texts, *boxes]]


def _holds_words(model: type[models.Model], field: Any) -> bool:
    if not isinstance(field, models.CharField | models.TextField) or isinstance(field, models.FileField):
        return False
    named = field.name in CODES or field.name in CODES_OF.get(model.__name__, ())
    return not (
        field.choices or isinstance(field, models.SlugField) or named or (field.max_length or 999) < 7
    )


def words_for(model: type[models.Model], field: Any, pk: Any) -> str:
    """The longest hostile text the column takes; unlike any other where the column wants that."""
    most = field.max_length or 5000
    if field.name in LINKS:
        return LINK[:most]
    own = str(pk) if field.unique else ""
    words = next((text for text in SIZES if len(text) + len(own) <= most), SIZES[-1])
    if model.__name__ in WITHOUT_BRACES:
        words = re.sub(r"\$?\{.*\}", "", words)
    return words + own


def _inside(value: Any) -> Any:
    """The same shape, with every text in it hostile; a key of its own on top."""
    if isinstance(value, dict):
        return {**{key: _inside(one) for key, one in value.items()}}
    if isinstance(value, list):
        return [_inside(one) for one in value]
    return LONG if isinstance(value, str) and not _is_a_moment(value) else value


def _is_a_moment(value: str) -> bool:
    return bool(re.match(r"\d{4}-\d\d-\d\d", value))


def one_of_each() -> None:
    """A row of every model that has none yet, so that no list and no page is empty."""
    for model in own_models():
        if not model._meta.proxy and not model._base_manager.exists():
            _made(model, [])


def _made(model: type[models.Model], within: list[type[models.Model]]) -> Any:
    found = model._base_manager.order_by("pk").first()
    if found is not None:
        return found
    if model in within:
        return None
    values = {
        field.attname if field.is_relation else field.name: _value(field, [*within, model])
        for field in model._meta.local_concrete_fields
        if not field.primary_key or field.is_relation
        if not (field.has_default() or (field.null and not field.is_relation))
    }
    return model._base_manager.create(**{name: value for name, value in values.items() if value is not None})


def _value(field: Any, within: list[type[models.Model]]) -> Any:
    if field.is_relation:
        row = (
            _made(field.related_model, within)
            if not field.null
            else field.related_model._base_manager.first()
        )
        return row.pk if row is not None else None
    if field.choices:
        return next(value for value, _word in field.flatchoices if value != "")
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    simple: list[tuple[type, Any]] = [
        (models.DateField, date(2026, 11, 2)), (models.TimeField, time(9)), (models.DurationField, timedelta(1)),
        (models.BooleanField, False), (models.DecimalField, Decimal(1)), (models.FloatField, 1.0),
        (models.IntegerField, 1), (models.UUIDField, uuid4()), (models.JSONField, {"a": "text"}),
        (models.GenericIPAddressField, "192.0.2.9"), (models.BinaryField, b"x"), (models.FileField, ""),
    ]  # fmt: skip
    plain = next((value for kind, value in simple if isinstance(field, kind)), None)
    return plain if plain is not None else ("text" if field.blank is False else "")


# What a page made of it.


def harm(page: str) -> list[str]:
    """What of the hostile text became more than text: elements, handlers, styles, scripts, links, template output."""
    tree = LexborHTMLParser(page)
    found = [f"element <{TAG}>"] * len(tree.css(TAG))
    if MADE_BY_A_TEMPLATE in page:
        found.append("a template was run")
    for node in tree.css("*"):
        found += _attributes(node)
        if node.tag in ("script", "style") and MARK in (node.text() or ""):
            kind = (node.attributes.get("type") or "").lower()
            found += [] if kind.endswith("json") else [f"<{node.tag}> holds it"]
    return found


def _attributes(node: Any) -> Iterator[str]:
    for name, value in node.attributes.items():
        said = html.unescape(value or "").strip()
        if MARK in name or TAG in name:
            yield f"attribute {name} of <{node.tag}>"
        if MARK not in said and TAG not in said:
            continue
        if name.startswith(("on", "x-", "@", ":", "hx-on", "hx-vals", "hx-vars")) or name in (
            "style",
            "srcdoc",
        ):
            yield f"{name}= of <{node.tag}> runs it"
        if name in ("href", "src", "action", "formaction", "hx-get", "hx-post") and _leads_astray(said):
            yield f"{name}={said[:30]} of <{node.tag}>"


def _leads_astray(address: str) -> bool:
    scheme = re.match(r"[\s\x00-\x1f]*([a-z][a-z0-9+.-]*):", address, re.IGNORECASE)
    return bool(scheme) and scheme.group(1).lower() not in ("http", "https", "mailto", "tel")


# Every address.


def names() -> Iterator[tuple[str, set[str]]]:
    """Each named address with the parameters it takes."""
    yield from _names(get_resolver().url_patterns, "", set())


def _names(patterns: Any, namespace: str, outer: set[str]) -> Iterator[tuple[str, set[str]]]:
    for pattern in patterns:
        takes = (
            outer | set(pattern.pattern.converters) | set(getattr(pattern.pattern.regex, "groupindex", {}))
        )
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _names(pattern.url_patterns, inner, takes)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", takes


def admin_addresses() -> dict[str, str]:
    """Name → address of every admin page that is about one row of a model, about none, or about a kept version."""
    found = {}
    for model, page in admin.site._registry.items():
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        row = model._base_manager.order_by("pk").first()
        for url in page.get_urls():
            if isinstance(url, URLPattern) and (url.name or "").startswith(prefix):
                args = _admin_args(url, row)
                if args is not None:
                    found[f"admin:{url.name}"] = reverse(f"admin:{url.name}", args=args)
    return found


def _admin_args(url: URLPattern, row: Any) -> list[Any] | None:
    takes = len(url.pattern.converters) or url.pattern.regex.groups
    if takes == 0:
        return []
    if row is None:
        return None
    version = row.history.first() if takes == 2 and hasattr(row, "history") else None
    return [row.pk] if takes == 1 else [row.pk, version.history_id] if version else None
