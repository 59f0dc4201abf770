"""Who asks: the user, what they may do, their role and the number of their rail, read in one statement a request.

Django reads the user, the permissions of the user, those of the groups and the first group one after the other: four
statements on every page. Nothing here is kept from one request to the next, so that a right taken away holds at once.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Aggregate, Count, F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Concat

from leads.prepared import fetch
from prospects.models import Prospect

NOBODY = -1  # stands for the user's number where the statement is written


class Joined(Aggregate):
    """Texts of many rows in one, apart by blanks."""

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, ' ')"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **more)


class SignedIn(ModelBackend):
    """Django's own, with one statement where it has four. Who is inactive is nobody, as there."""

    def get_user(self, user_id: Any) -> Any:
        rows: list[Any]
        if connection.vendor == "postgresql":
            sql, params = _statement()
            rows = fetch(sql, [user_id if param == NOBODY else param for param in params])
        else:
            rows = list(_reading(user_id))
        return self._made(rows[0]) if rows else None

    def _made(self, row: tuple[Any, ...]) -> Any:
        model = get_user_model()
        names = [field.attname for field in model._meta.concrete_fields]
        user: Any = model.from_db(connection.alias, names, row[: len(names)])
        by_role, own, role, working = row[len(names) :]
        if not self.user_can_authenticate(user):
            return None
        if not user.is_superuser:
            user._perm_cache = {*(by_role or "").split(), *(own or "").split()}
        user.role_name, user.open_prospects = role or "", working or 0
        return user


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    """Written once by the ORM, and planned once a connection."""
    sql, params = _reading(NOBODY).query.sql_with_params()
    return sql, tuple(params)


def _reading(user_id: int) -> QuerySet[Any]:
    model = get_user_model()
    names = [field.attname for field in model._meta.concrete_fields]
    of_roles = Group.permissions.through._default_manager.filter(group__user=OuterRef("pk"))
    of_user = model.user_permissions.through._default_manager.filter(user=OuterRef("pk"))
    role = Group.objects.filter(user=OuterRef("pk")).order_by("pk").values("name")
    working = Prospect.objects.filter(owner=OuterRef("pk")).open().order_by().values("owner")
    number = working.annotate(n=Count("pk")).values("n")
    return model._default_manager.filter(pk=user_id).values_list(
        *names, _held(of_roles), _held(of_user), Subquery(role[:1]), Subquery(number)
    )


def _held(rows: QuerySet[Any]) -> Subquery:
    """The permissions of these rows as one text."""
    name = Concat(F("permission__content_type__app_label"), Value("."), F("permission__codename"))
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(one.annotate(names=Joined(name)).values("names"))
