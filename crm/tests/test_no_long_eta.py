"""Due times live in rows: a message that waits in the broker is lost with it, and delivered twice by others."""

from __future__ import annotations

import ast

from crm.tests.source import modules

MOST_SECONDS = 600


def test_no_task_is_queued_with_an_eta_or_a_long_countdown():
    found = [
        f"{module.name}:{node.value.lineno} {node.arg}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.keyword)
        and (
            node.arg == "eta"
            or (
                node.arg == "countdown"
                and not (isinstance(node.value, ast.Constant) and node.value.value <= MOST_SECONDS)
            )
        )
    ]
    assert found == []
