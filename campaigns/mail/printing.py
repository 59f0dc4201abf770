"""Whether a template does no more with a field than print it, say what stands there instead, or ask if it is known."""

from __future__ import annotations

from functools import lru_cache

from liquid import Environment, Node, RenderContext
from liquid.ast import BlockNode, ConditionalBlockNode
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path, StringLiteral
from liquid.builtin.expressions.logical import (
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
)
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression

_BRANCHES = (IfNode, UnlessNode, BlockNode, ConditionalBlockNode)
_LOGIC = (BooleanExpression, LogicalNotExpression, LogicalAndExpression, LogicalOrExpression)
_READER = Environment()


_NOWHERE = RenderContext(_READER.from_string(""))


@lru_cache(maxsize=512)
def only_prints(source: str) -> bool:
    """True where two people of whom the same is known get the same words but for the fields printed in them."""
    try:
        return all(map(_prints, _READER.from_string(source).nodes))
    except LiquidError:
        return False


def _prints(node: Node) -> bool:
    if isinstance(node, ContentNode):
        return True
    if isinstance(node, OutputNode):
        return all(map(_is_field_or_default, node.expressions()))
    if isinstance(node, _BRANCHES):
        inner = node.children(_NOWHERE, include_partials=False)
        return all(map(_asks_presence, node.expressions())) and all(map(_prints, inner))
    return False


def _is_field_or_default(expression: Expression) -> bool:
    if not isinstance(expression, FilteredExpression) or not _is_field(expression.left):
        return False
    filters = expression.filters or []
    others = [argument.value for used in filters for argument in used.args]
    return all(used.name == "default" for used in filters) and all(
        isinstance(other, StringLiteral) or _is_field(other) for other in others
    )


def _is_field(expression: Expression) -> bool:
    """A whole field by its name; `person.first_name.size` would look into it."""
    if not isinstance(expression, Path) or not all(isinstance(name, str) for name in expression.path):
        return False
    first, *rest = expression.path
    return len(rest) == 1 if first in ("person", "owner", "links", "offer", "piece") else not rest


def _asks_presence(expression: Expression) -> bool:
    if isinstance(expression, _LOGIC):
        return all(map(_asks_presence, expression.children()))
    return _is_field(expression)
