"""Mail addresses against two lists of cases gathered by others; the exceptions are named here (counts with -s)."""

import csv
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from leads.identity import BadAddress, email_key

# What the lists accept and we refuse, with the reason; the display form is read by imports alone.
NOT_ASCII, NO_DOT, WITH_NAME = "local part outside ASCII", "domain without a dot", "name before the address"


def exception(address: str) -> str:
    """The named exception that an acceptable address falls under; empty for most."""
    local, _, domain = address.rpartition("@")
    if "<" in address and not address.startswith('"'):
        return WITH_NAME
    if not local.isascii():
        return NOT_ASCII
    return NO_DOT if "." not in domain else ""


def accepted(address: str) -> bool:
    try:
        key = email_key(address)
    except BadAddress:
        return False
    assert key == email_key(key) and key == key.lower() and key.isascii(), "a key is its own key"
    return True


def rows(name: str) -> list[dict[str, str]]:
    path = Path(os.environ.get("REAL_DATA", "")) / "email-addresses" / name
    if not path.is_file():
        pytest.skip("REAL_DATA names no folder with email-addresses")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check(cases: list[tuple[str, bool | None]], title: str) -> None:
    """(address, must it be accepted; None: ours to decide). Fails with every address that differs."""
    counts: Counter[str] = Counter()
    wrong = []
    for address, wanted in cases:
        taken, known = accepted(address), exception(address)
        if wanted is None:
            counts["ours to decide, accepted" if taken else "ours to decide, refused"] += 1
        elif taken == (wanted and not known):
            counts[f"refused: {known}" if wanted and known else "as expected"] += 1
        else:
            wrong.append((address, wanted))
    sys.stdout.write(f"\n{title}: {dict(counts)}\n")
    assert wrong == []


def test_the_cases_of_is_email():
    must = {"ISEMAIL_ERR": False, "ISEMAIL_VALID_CATEGORY": True}
    cases = [(row["address"], must.get(row["category"])) for row in rows("is_email_tests.csv")]
    check(cases, "is_email")


def _must(row: dict[str, str]) -> bool | None:
    group = row["test_group"]
    if group.startswith("test_email_valid"):
        return True
    if group.startswith(("test_email_invalid", "test_email_unsafe")):
        return False
    verdicts = {"ISEMAIL_ERR": False, "ISEMAIL_VALID": True}
    return next((must for word, must in verdicts.items() if row["expected_message"].startswith(word)), None)


def _as_written(address: str) -> str:
    """Lone surrogates stand in the file as ``\\ud800``."""
    if "\\u" not in address:
        return address
    return address.encode("latin-1", "backslashreplace").decode("unicode_escape")


def test_the_cases_of_python_email_validator():
    cases = [(_as_written(row["address"]), _must(row)) for row in rows("email_validator_cases.csv")]
    check(cases, "email-validator")


def test_its_expected_forms_are_ours_in_lower_case_and_punycode():
    for row in rows("email_validator_cases.csv"):
        if row["test_group"] == "test_email_valid" and not exception(row["address"]):
            assert email_key(row["address"]) == email_key(row["expected_normalized"])


@pytest.mark.parametrize(
    "address",
    ["jürgen@firma.example", "葉士豪@臺網中心.tw", "test@io", "me@localhost", "Me <me@firma.example>"],
)
def test_the_named_exceptions_are_refused(address):
    with pytest.raises(BadAddress):
        email_key(address)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ('"ann"@firma.example', "ann@firma.example"),
        ('"ann lee"@firma.example', '"ann lee"@firma.example'),
        ("\u00a0ann@firma.example\u200b", "ann@firma.example"),
    ],
)
def test_needless_quotes_and_blanks_are_taken_off(raw, key):
    assert email_key(raw) == key


@pytest.mark.parametrize(
    "raw", ["ann@firma.example\n", "\r\nann@firma.example", "a\x00b@c.example", "\ud800@c.example"]
)
def test_line_breaks_and_broken_characters_are_no_part_of_an_address(raw):
    with pytest.raises(BadAddress):
        email_key(raw)
