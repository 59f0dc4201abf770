"""Indexes for the search box, which PostgreSQL's usual ones cannot serve."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import OpClass
from django.db import DatabaseError, connections, models, transaction
from django.db.models.expressions import OrderBy
from django.db.models.functions import Collate
from django.db.models.indexes import IndexExpression

IndexExpression.register_wrappers(
    OrderBy, OpClass, Collate
)  # as django.contrib.postgres does, which needs no app here


class BeginsWith(models.Index):
    """For `istartswith` and `iexact`: `BeginsWith(Upper("name"))`, for the ORM compares in capitals.

    LIKE wants letters in the order of their codes; other databases get the index without it.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **more: Any) -> Any:
        plain = models.Index(*self._ordered(schema_editor), name=self.name, condition=self.condition)
        return plain.create_sql(model, schema_editor, using, **more)

    def _ordered(self, schema_editor: Any) -> list[Any]:
        if schema_editor.connection.vendor != "postgresql":
            return list(self.expressions)
        return [OpClass(one, "text_pattern_ops") for one in self.expressions]


# A word in the middle of a company's name, as `icontains` asks for it.
WITHIN_NAMES = (
    "CREATE INDEX IF NOT EXISTS company_by_words ON leads_company USING gin (upper(name::text) gin_trgm_ops)"
)


def after_migrate(using: str = "default", **_: Any) -> None:
    """Receiver of post_migrate: no migration, because whether it can be made is a matter of the server's rights."""
    index_words(using)


def index_words(using: str = "default") -> bool:
    """Let PostgreSQL find companies by any part of their name. False where it may not, or has no pg_trgm.

    Then the search reads every company's name: slower from some ten thousand on, the answer is the same.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return False
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(WITHIN_NAMES)
    except DatabaseError:
        return False
    return True
