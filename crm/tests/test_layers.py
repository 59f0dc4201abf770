"""Four floors, one direction: campaigns < leads < prospects < crm (docs: ARCHITECTURE of the house)."""

from __future__ import annotations

import ast
import re
from functools import cache

from django.apps import apps
from django.conf import settings
from django.db.models import Field

from crm.tests.source import FLOORS, Module, docstrings, modules

RANK = {floor: rank for rank, floor in enumerate(FLOORS)}

# Inside leads, lower to higher. A module that is not named here stands as high as the highest it imports.
LEADS = (
    ("leads.models",),
    ("leads.identity", "leads.consent", "leads.tracking", "leads.tokens"),
    ("leads.sending",),
    ("leads.nurture.enrolment",),
    ("leads.lifecycle",),
    ("leads.scoring", "leads.segments"),
    ("leads.capture", "leads.importing", "leads.privacy"),
    ("leads.views", "leads.api", "leads.admin", "leads.tasks", "leads.urls", "leads.forms"),
)
LOOK_UPS = {"get_model", "get_app_config", "get_models", "is_installed", "import_string", "import_module"}
TOO_VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "lib", "core", "tools"}


def upward_imports(module: Module) -> list[str]:
    above = FLOORS[RANK[module.floor] + 1 :]
    return [name for name in module.imports() if name.partition(".")[0] in above]


def upward_strings(module: Module) -> list[str]:
    """Dotted paths that begin with a higher app, and its bare name where something is looked up by it."""
    above = FLOORS[RANK[module.floor] + 1 :]
    dotted = re.compile(rf"({'|'.join(above)})\.\w[\w.]*" if above else r"(?!)")
    prose = docstrings(module.tree)
    strings = [node for node in ast.walk(module.tree) if _is_string(node) and id(node) not in prose]
    looked_up = {
        id(argument)
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and _called(call) in LOOK_UPS
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
    }
    return [
        s.value for s in strings if dotted.fullmatch(s.value) or (s.value in above and id(s) in looked_up)
    ]


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def test_no_floor_imports_a_higher_one():
    assert [(m.name, up) for m in modules() if (up := upward_imports(m))] == []


def test_no_string_of_a_lower_floor_names_a_higher_one():
    assert [(m.name, up) for m in modules() if (up := upward_strings(m))] == []


def relations() -> list[tuple[type, Field]]:
    own = [
        model
        for floor in FLOORS
        for model in apps.get_app_config(floor).get_models(include_auto_created=True)
    ]
    return [
        (model, field)
        for model in own
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if field.is_relation and field.related_model
    ]


def is_to_user(field: Field) -> bool:
    """The one named exception: users live in crm and everybody points at them."""
    return field.related_model._meta.label == settings.AUTH_USER_MODEL


def test_relations_point_down():
    up = [
        str(field)
        for model, field in relations()
        if not is_to_user(field)
        and RANK.get(field.related_model._meta.app_label, -1) > RANK[model._meta.app_label]
    ]
    assert up == []


def test_relations_to_a_lower_floor_and_to_users_leave_no_way_back():
    ways_back = [
        str(field)
        for model, field in relations()
        if (is_to_user(field) or field.related_model._meta.app_label != model._meta.app_label)
        and field.related_model._meta.app_label in RANK
        and field.remote_field.auto_created is not True
        and not (field.remote_field.related_name or "").endswith("+")
    ]
    assert ways_back == []


def _level_by_name(name: str) -> int | None:
    """The level of the longest entry of LEADS that is `name` or a package around it."""
    found = [
        (len(entry), level)
        for level, entries in enumerate(LEADS)
        for entry in entries
        if name == entry or name.startswith(f"{entry}.")
    ]
    return max(found)[1] if found else None


@cache
def _leads() -> dict[str, set[str]]:
    """Module of leads → modules of leads it imports, tests left out."""
    own = {m.name: m for m in modules() if m.floor == "leads" and ".tests" not in m.name}
    return {name: {used for used in module.imports() if used in own} for name, module in own.items()}


def _level(name: str, seen: frozenset[str] = frozenset()) -> int:
    named = _level_by_name(name)
    if named is not None:
        return named
    used = _leads()[name] - seen - {name}
    return max((_level(other, seen | {name}) for other in used), default=0)


def test_leads_stands_in_its_own_order():
    up = [
        f"{name} imports {used}"
        for name, uses in _leads().items()
        for used in uses
        if used != name and _level(used) > _level(name)
    ]
    assert up == []


def test_no_module_has_a_name_that_says_nothing():
    assert [m.name for m in modules() if TOO_VAGUE & set(m.name.split("."))] == []


def _module(floor: str, code: str) -> Module:
    return Module(modules()[0].path, f"{floor}.example", ast.parse(code))


def test_an_upward_import_would_be_seen():
    assert upward_imports(_module("leads", "def f():\n    from prospects.models import Deal")) != []


def test_an_upward_string_would_be_seen():
    assert upward_strings(_module("leads", 'apps.get_model("prospects", "Deal")')) == ["prospects"]
    assert upward_strings(_module("campaigns", 'import_string("crm.reports.funnel")')) == [
        "crm.reports.funnel"
    ]
    assert upward_strings(_module("leads", '"""Sales see prospects here."""')) == []
