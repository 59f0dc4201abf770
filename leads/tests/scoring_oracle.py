"""A second opinion on scores, written from docs/scoring.md alone; it shares no code with leads.scoring."""

from __future__ import annotations

import math
import re
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from leads.mailboxes import is_companys

SENIORITY = Path(__file__).parents[1] / "data" / "seniority.txt"
SOURCES = (("said",), ("sales", "staff", "sequence"), ("imported",), ("enriched",))


def known(person: dict, company: dict, facts: list[tuple], channel: str) -> dict:
    """Columns of the person and of their company; facts are (name, value, source, sureness, time, number)."""
    best: dict[str, tuple[str, str]] = {}
    for sources in SOURCES:
        of_these = [fact for fact in facts if fact[2] in sources]
        for name, value, source, *_when in sorted(
            of_these,
            key=lambda fact: (fact[3] if sources == ("enriched",) else 0, fact[4], fact[5]),
            reverse=True,
        ):
            best.setdefault(name, (value, source))

    def first(name: str, column: str = "") -> str:
        said = best[name][0] if name in best and best[name][1] == "said" else ""
        return said or str(company.get(column or name) or "") or best.get(name, ("",))[0]

    return {
        "email": person["email_key"] or "",
        "job_title": person["job_title"] or best.get("job_title", ("",))[0],
        "country": person["country"] or first("country"),
        "industry": first("industry"),
        "company_size": number(first("company_size", "size")),
        "founded_year": number(first("founded_year")),
        "channel": channel,
        "facts": {name: value for name, (value, _source) in best.items()},
        "own": company.get("custom") or {},
    }


def fit(seen: dict, lines, year: int) -> int:
    """Lines are (looks at, fact, words, from, to, points)."""
    return sum(points for *rule, points in lines if holds(seen, *rule, year))


def holds(seen: dict, field: str, fact: str, words: str, low, high, year: int) -> bool:
    domain = seen["email"].rpartition("@")[2]
    value = {
        "company_age": year - seen["founded_year"] if seen["founded_year"] else None,
        "mailbox": ("company" if is_companys(domain) else "free") if domain else "",
        "seniority": seniority(seen["job_title"]),
        "fact": seen["facts"].get(fact) or seen["own"].get(fact.removeprefix("custom_")),
    }.get(field, seen.get(field))
    if value is None or value == "":
        return False
    size = number(str(value))
    if (low is not None and (size is None or size < low)) or (
        high is not None and (size is None or size > high)
    ):
        return False
    wanted = [" ".join(word.split()).lower() for word in words.split(",") if word.strip()]
    has = " ".join(str(value).split()).lower()
    if field == "job_title":
        return not wanted or any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", has) for word in wanted)
    return not wanted or "*" in wanted or has in wanted


def number(text: str) -> float | None:
    found = re.search(r"\d{1,3}(?:[,.'’ ]\d{3})+(?!\d)|\d+(?:\.\d+)?", text)
    if found is None:
        return None
    grouped = re.fullmatch(r"\d{1,3}(?:[,.'’ ]\d{3})+", found[0])
    return float(re.sub(r"\D", "", found[0]) if grouped else found[0])


def seniority(title: str) -> str:
    """Phrases cover the shorter ones in them, the longest first from the left; then the level named first counts."""
    text, found = " ".join(re.findall(r"\w+", title.lower())), []
    phrases, endings, levels = _seniority_words()
    while text:
        fits = [one for one in phrases if text == one or text.startswith(f"{one} ")]
        word = max(fits, key=lambda one: one.count(" ")) if fits else text.split(" ")[0]
        level = phrases.get(word) or next(
            (endings[end] for end in endings if word.endswith(end) and word != end), ""
        )
        found.append(level)
        text = text[len(word) :].strip()
    return next((level for level in levels if level in found and level != "none"), "")


def _seniority_words() -> tuple[dict[str, str], dict[str, str], list[str]]:
    phrases, endings, levels = {}, {}, []
    for line in SENIORITY.read_text().lower().splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("["):
            levels.append(text.strip("[]"))
        for word in text.split(",") if text and not text.startswith("[") else ():
            kept = endings if "*" in word else phrases
            kept.setdefault(" ".join(re.findall(r"\w+", word)), levels[-1])
    return phrases, endings, levels


def engagement(touches, lines, half_lives, at: datetime, zone: ZoneInfo) -> float:
    """Touches are (number, kind, time) or (number, kind, time, kind and stage of the asset); lines are (kind, points,
    half-life, hours, k, days) and, if they ask for it, the kind and the stage of the asset."""
    midnight = datetime.combine(at.astimezone(zone).date(), time(0), zone).timestamp()
    sum_of_lines = 0.0
    for kind, points, half_life, hours, most, days, *asked in lines:
        cool, full = set(), {}
        fitting = [
            (when.timestamp(), number)
            for number, did, when, *asset in touches
            if did != "open" and when <= at and (not kind or did == kind)
            if all(not wish or wish == has for wish, has in zip(asked, asset, strict=False))
        ]
        for when, _number in sorted(fitting):
            if hours and when // (hours * 3600) in cool:
                continue
            cool.add(when // (hours * 3600) if hours else None)
            span = when // (days * 86400) if most else None
            full[span] = full.get(span, 0) + 1
            if most and full[span] > most:
                continue
            age = max(0.0, midnight - when) / 86400
            sum_of_lines += points * 0.5 ** (age / half_lives[half_life])
    return sum_of_lines


def rounded(points: float) -> int:
    return math.floor(round(points, 6) + 0.5)


def mark(points: float, bounds, marks: str) -> str:
    for bound, letter in zip(bounds, marks, strict=False):
        if rounded(points) >= bound:
            return letter
    return marks[-1]
