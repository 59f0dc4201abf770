"""Whether the world believes that this mail is ours: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) by DNS.

Three outcomes: it is there, it is not, or nobody could be asked; only the second is told as a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from email.utils import parseaddr

import dns.exception
import dns.resolver
from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.preflight.findings import ERROR, NOTE, WARNING, Finding

SECONDS = 4
# Selectors that mail servers and providers use unless told otherwise; none found is no proof, so only a warning.
SELECTORS = (
    "default", "dkim", "mail", "s1", "s2", "k1", "k2", "selector1", "selector2", "google", "mandrill", "pm",
    "mxvault", "smtp", "mx", "email", "key1", "20230601",
)  # fmt: skip

Texts = Callable[[str], list[str] | None]


def texts(name: str) -> list[str] | None:
    """The TXT records of a name; none: an empty list; None where nobody could be asked."""
    resolver = dns.resolver.Resolver()
    resolver.lifetime = SECONDS
    try:
        return [b"".join(row.strings).decode("utf-8", "replace") for row in resolver.resolve(name, "TXT")]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError):
        return None


def check(*, ask: Texts = texts, selectors: Sequence[str] = SELECTORS) -> Iterator[Finding]:
    """The sending domain's records. `ask` is the resolver."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    reserved = domain.rpartition(".")[2] in ("example", "test", "invalid", "localhost")
    found = None if reserved else ask(domain)
    if found is None:
        words = _("SPF, DKIM and DMARC of %s were not looked up: no name server answered.") % domain
        if reserved:
            words = _("%s is a name for examples; SPF, DKIM and DMARC are looked up for a real one.") % domain
        yield Finding("dns-absent", NOTE, words, domain)
        return
    yield from _spf(domain, [text for text in found if text.lower().startswith("v=spf1")])
    yield from _dmarc(domain, ask)
    if not any(_is_key(ask(f"{selector}._domainkey.{domain}")) for selector in selectors):
        words = _("No DKIM key was found under the usual selectors. Ask your mail server's administrator.")
        yield Finding("dkim", WARNING, words, domain)


def _spf(domain: str, records: list[str]) -> Iterator[Finding]:
    if not records:
        yield Finding(
            "spf", ERROR, _("The domain has no SPF record; big mailboxes refuse or bury the mail."), domain
        )
    elif len(records) > 1:
        words = _("The domain has more than one SPF record; together they count as none (RFC 7208, 4.5).")
        yield Finding("spf", ERROR, words, domain)
    elif "+all" in records[0].lower().split() or "all" in records[0].lower().split():
        yield Finding("spf", ERROR, _("The SPF record lets anybody send in your name (+all)."), records[0])


def _dmarc(domain: str, ask: Texts) -> Iterator[Finding]:
    found = [text for text in ask(f"_dmarc.{domain}") or [] if text.lower().startswith("v=dmarc1")]
    if not found:
        words = _(
            "The domain has no DMARC record; Gmail and Yahoo ask for one from everybody who sends much."
        )
        yield Finding("dmarc", WARNING, words, domain)


def _is_key(found: list[str] | None) -> bool:
    """A record with an empty key says that the key was taken back (RFC 6376, 3.6.1)."""
    return any(re.search(r"\bp=\s*[\w+/]", text) for text in found or [])
