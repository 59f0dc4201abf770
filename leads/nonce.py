"""When a form was shown: a signed random word with a time, in a hidden field.

A page may lie in a cache for days, so one nonce may come back from many people; with the page and the address it
tells a second press of the button from a second form.
"""

import time
from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import get_random_string

VALID_SECONDS = 7 * 24 * 3600
# Nobody reads and fills a form faster than this.
TOO_FAST_SECONDS = 3
_signer = signing.TimestampSigner(salt="leads.nonce")


@dataclass(frozen=True)
class Shown:
    """``word`` is empty for a nonce that is missing, forged or older than ``VALID_SECONDS``."""

    word: str = ""
    seconds: float = VALID_SECONDS

    @property
    def too_fast(self) -> bool:
        return bool(self.word) and self.seconds < TOO_FAST_SECONDS


def make() -> str:
    """A new nonce, signed with the time of now."""
    return _signer.sign(get_random_string(16))


def read(nonce: str) -> Shown:
    """What a posted nonce says; never raises."""
    try:
        word = _signer.unsign(nonce, max_age=VALID_SECONDS)
        stamp = signing.b62_decode(nonce.rsplit(":", 2)[1])
    except (signing.BadSignature, ValueError):
        return Shown()
    return Shown(word, time.time() - stamp)
