"""Make the hostile world in a house's own environment and print, as JSON, where to look and a session that may."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def told() -> dict[str, Any]:
    from django.test import Client

    from crm.tests import hostile
    from crm.tests.hostile_world import World

    world = World()
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(world.root)
    known = {name: takes for name, takes in hostile.names() if not name.startswith("admin:")}
    names = [name for name, takes in known.items() if name != "logout" and (world.fill(name) or not takes)]
    shown = [(name, world.address(name)) for name in names if _is_a_page(client, world.address(name))]
    lists = hostile.admin_addresses().items()
    return {
        "session": client.cookies["sessionid"].value,
        "public": [address for name, address in shown if not name.startswith("staff-")],
        "staff": [address for name, address in shown if name.startswith("staff-")],
        "admin": [address for name, address in lists if name.endswith(("_changelist", "_change"))],
    }


def _is_a_page(client: Any, address: str) -> bool:
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    sys.stdout.write(json.dumps(told()) + "\n")
