"""Links between the pages of the docs lead somewhere: the file is there, and so is the heading."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "bench").glob("*.md")]


def words(page: Path) -> str:
    return CODE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", words(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    found = []
    for link in LINK.findall(words(page)):
        path, _hash, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            found.append(f"{page.relative_to(ROOT)}: {link}")
    return found


def test_every_link_of_the_docs_leads_somewhere() -> None:
    assert [link for page in pages() for link in broken(page)] == []


def test_every_page_of_the_docs_is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in pages()
        for link in LINK.findall(words(page))
    }
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page not in linked] == []


def test_a_link_to_nowhere_would_be_seen() -> None:
    page = ROOT / "docs" / "sales.md"
    assert "handover" in anchors(page) and "nowhere" not in anchors(page)
    assert LINK.findall("see [this](gone.md#part) and ![that](img/x.png)") == ["gone.md#part", "img/x.png"]
