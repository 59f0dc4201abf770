"""Small files and small functions, so that one look is enough. Far below is better: 80 and 10."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from crm.tests.source import Module, modules

FILE_LINES = 400
FUNCTION_LINES = 60


def functions(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{module.name}.{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_are_under_400_lines():
    lengths = {m.name: len(m.path.read_text(encoding="utf-8").splitlines()) for m in modules()}
    assert {name: length for name, length in lengths.items() if length >= FILE_LINES} == {}


def test_functions_are_under_60_lines():
    lengths = [found for module in modules() for found in functions(module)]
    assert [found for found in lengths if found[1] >= FUNCTION_LINES] == []
    assert len(lengths) > 300  # the walk saw the project
