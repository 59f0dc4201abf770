"""The short way of `email_key` says what the long way says."""

import random

import pytest

from leads.identity import BadAddress, _validated, email_key

LOCALS = [
    "ann",
    "Ann.Lee",
    "a+b",
    "a_b-c",
    ".a",
    "a.",
    "a..b",
    "a b",
    "",
    "ü",
    "x" * 64,
    "x" * 65,
    '"a b"',
    "o'neil",
    "-",
]
DOMAINS = [
    "corp.example", "Corp.Example", "corp", "a.b.c.example", "-a.example", "a-.example", "a..example", "corp.example.",
    "xn--bcher-kva.example", "bücher.example", "1.2.3.4", "[1.2.3.4]", "a.1", "a_b.example", "localhost", "x.test",
    "x" * 63 + ".example", "x" * 64 + ".example", ("y" * 40 + ".") * 5 + "example", "", "xn--a.example",
    "ab--c.example",
]  # fmt: skip


def said(way, address):
    try:
        return way(address)
    except BadAddress:
        return None


@pytest.mark.parametrize("local", LOCALS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_both_ways_agree(local, domain):
    address = f"{local}@{domain}"
    assert said(email_key, address) == said(_validated, address)


def test_both_ways_agree_on_random_addresses():
    chance = random.Random(1)
    addresses = ["".join(chance.choices("ab.-_+@1X\"' ", k=chance.randint(3, 14))) for _ in range(3000)]
    addresses += [f"{one.replace('@', '')}@corp.example" for one in addresses]
    keys = [said(email_key, one) for one in addresses]
    assert keys == [said(_validated, one.strip(" ")) for one in addresses]
    assert sum(key is not None for key in keys) > 300
