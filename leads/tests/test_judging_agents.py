"""Agent strings: crawlers and scanners are found, browsers are not accused (figures with -s)."""

import csv
import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from leads.judging.agents import machine_reason, not_a_browser


@pytest.fixture(scope="module")
def folder() -> Path:
    found = Path(os.environ.get("REAL_DATA", "")) / "user-agents"
    if not found.is_dir():
        pytest.skip("REAL_DATA names no folder with user-agents")
    return found


def _unseen(pattern: str) -> bool:
    """The half that was not looked at while the rules were written: split once, by a hash of the crawler's name."""
    return hashlib.sha256(f"w5:{pattern}".encode()).digest()[-1] % 2 == 1


@pytest.fixture(scope="module")
def crawlers(folder: Path) -> list[tuple[str, str]]:
    """(name, agent string) of each sample."""
    entries = json.loads((folder / "crawlers.json").read_text())
    return [(entry["pattern"], agent) for entry in entries for agent in entry["instances"]]


def _share(title: str, agents: list[str], found: list[str]) -> float:
    sys.stdout.write(f"\n{title}: {len(found)} of {len(agents)} ({len(found) / len(agents):.1%})\n")
    return len(found) / len(agents)


def test_machine_agents_are_found(crawlers, folder):
    with (folder / "mail_scanners.csv").open() as file:
        scanners = [row["user_agent"] for row in csv.DictReader(file)]
    agents = [agent for _, agent in crawlers] + scanners
    assert _share("machine agents", agents, [a for a in agents if machine_reason(a)]) >= 0.95
    assert [agent for agent in scanners if not machine_reason(agent)] == []


def test_crawlers_that_no_list_knows_are_found_by_their_shape(crawlers):
    unseen = [agent for pattern, agent in crawlers if _unseen(pattern)]
    assert _share("unknown crawlers, by shape alone", unseen, [a for a in unseen if not_a_browser(a)]) >= 0.80


def test_no_browser_is_taken_for_a_machine(folder):
    browsers = (folder / "human_browsers.txt").read_text().splitlines()
    accused = [(agent, machine_reason(agent)) for agent in browsers if machine_reason(agent)]
    sys.stdout.write(f"\nfalse alarms: {len(accused)} of {len(browsers)}\n")
    assert accused == []


SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "agent",
    [
        f"{SAFARI} Mobile/15E148 Instagram 361.0.0.31.84 (iPhone14,5; iOS 18_3; de_DE; de; scale=3.00; 1170x2532)",
        f"{SAFARI} Mobile/15E148 [FBAN/FBIOS;FBAV/496.0.0.45.109;FBBV/687532045;FBDV/iPhone14,5;FBMD/iPhone]",
        f"{SAFARI} Mobile/15E148 [LinkedInApp]/9.30.1234",
        f"Mozilla/5.0 (Linux; Android 11; CUBOT X30) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 13; SM-S901N) {CHROME} NAVER(inapp; search; 1000; 12.0.1)",
        f"Mozilla/5.0 (Linux; Android 12; K) {CHROME} YaApp_Android/22.95 YaSearchBrowser/22.95",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
        "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
        f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}",
        "Opera/9.80 (J2ME/MIDP; Opera Mini/9 (Compatible; MSIE:9.0; iPhone; BlackBerry9700)) Presto/2.5 Version/10.5",
    ],
)
def test_apps_with_a_browser_inside_and_rare_browsers_are_people(agent):
    assert machine_reason(agent) == ""


def test_a_mail_program_may_fetch_the_picture_of_a_mail_and_nothing_else():
    mail = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    assert machine_reason(mail, opens_mail=True) == ""
    assert machine_reason(mail) == "parts of a browser missing"


def test_a_proxy_that_fetches_pictures_for_everybody_is_a_machine():
    proxy = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
    assert machine_reason(proxy, opens_mail=True) == "address in the agent"
