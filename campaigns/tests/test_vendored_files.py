"""Files of others lie in static/vendor as they came, each with its hash and its licence."""

import hashlib
import json
from pathlib import Path

from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"


def listed():
    packages = json.loads((VENDOR / "manifest.json").read_text())["packages"]
    return {entry["path"]: entry["sha256"] for package in packages for entry in package["files"]}


def test_every_file_is_listed_with_its_hash():
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert there == listed()


def test_every_package_brings_its_licence():
    folders = {Path(path).parts[0] for path in listed()}
    assert folders == {Path(path).parts[0] for path in listed() if "LICENSE" in path}
