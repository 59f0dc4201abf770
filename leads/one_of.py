"""Conditions that the ORM cannot say in the way a planner needs them, or says at too high a price."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func, Value


class OneOf(Func):
    """`OneOf("pk", Subquery(few))`: the rows that a subquery names, looked up one by one.

    PostgreSQL reads `IN (SELECT …)` as a join and may begin with the whole table; an array it reads first.
    """

    output_field = BooleanField()
    conditional = True
    arg_joiner = " IN "
    template = "%(expressions)s"

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, arg_joiner=" = ANY(ARRAY", template="%(expressions)s)", **more
        )


class AnyOf(Func):
    """`AnyOf("person", ids)`: as `person__in=ids`, but all of them are one parameter.

    Of thousands that each are one, going through them in Python costs more than the query.
    """

    output_field = BooleanField()
    conditional = True
    template = "%(expressions)s)"

    def __init__(self, column: str, values: Iterable[Any]) -> None:
        super().__init__(F(column), Value(list(values)))

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, arg_joiner=" = ANY(", **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        column, values = self.get_source_expressions()
        sql, params = compiler.compile(column)
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(values.value)]
