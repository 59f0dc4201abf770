"""Mail domains that belong to a mailbox provider, not to the person's company."""

from functools import cache
from pathlib import Path

LIST = Path(__file__).parent / "data" / "free_mailboxes.txt"


@cache
def free_domains() -> frozenset[str]:
    """Lower-case domains, one a line in the file; ``#`` begins a comment."""
    lines = (line.split("#")[0].strip().lower() for line in LIST.read_text().splitlines())
    return frozenset(filter(None, lines))


def is_free(domain: str) -> bool:
    return domain.lower() in free_domains()


def domain_of(email_key: str | None) -> str:
    """The part after the @; empty without an address."""
    return email_key.rpartition("@")[2] if email_key else ""
