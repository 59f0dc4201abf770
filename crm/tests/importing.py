"""What the tests of the import share: a small file, the import of it, and a dump of all rows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps

from campaigns.models import Campaign, Channel
from crm.importing.columns.mapping import Mapping
from crm.importing.columns.mapping_file import FOLDER, load, parse
from crm.importing.run import run_import
from prospects.defaults import install

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
LEADS = {
    "kind": "lead",
    "source": "old-crm",
    "history": True,
    "id": "id",
    "status": "nurturing",
    "at": {"column": "since", "format": "%Y-%m-%d"},
    "channel": {
        "column": "origin",
        "values": {"web": "website", "unknown": "unknown"},
        "blank": "not-recorded",
    },
    "channels": {"not-recorded": "Not recorded"},
    "columns": {"email": "mail", "first_name": "name"},
    "facts": {"visits": "visits"},
    "won": {"column": "outcome", "values": ["sold"]},
}
HEADER = "id,since,origin,mail,name,visits,outcome"


def a_mapping(**changed: Any) -> Mapping:
    """The mapping above with some keys changed, or left out where None."""
    tables = {key: value for key, value in {**LEADS, **changed}.items() if value is not None}
    return parse(tables, name="old-crm")


def ready(name: str) -> Mapping:
    return load(FOLDER / f"{name}.toml")


def a_file(folder: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "leads.csv"
    path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode(encoding))
    return path


def read(
    path: Path, mapping: Mapping | None = None, *, slug: str = "old", **asked: Any
) -> tuple[dict[str, Any], dict[int, str]]:
    """Counts, and what was told of each line; the campaign `slug` is made where missing."""
    install()
    told: dict[int, str] = {}
    campaign, _made = Campaign.objects.get_or_create(
        slug=slug, defaults={"utm_campaign": slug, "channel": Channel.objects.get(slug="website")}
    )
    asked = {"mapping": mapping, "campaign": campaign, "by": None, "at": NOW, **asked}
    counts = run_import(path=path, tell=told.__setitem__, **asked)
    return counts, told


def dump() -> dict[str, list[Any]]:
    """Every row of every table of ours but the import log."""
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for label in ("campaigns", "leads", "prospects", "crm")
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith("Import")
    }
