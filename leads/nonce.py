"""When a form was shown: a signed random word with a time, in a hidden field.

A page may lie in a cache for days, so one nonce may come back from many people; with the page and the address it
tells a second press of the button from a second form.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import get_random_string

VALID_SECONDS = 7 * 24 * 3600
# Nobody reads and fills a form faster than this.
TOO_FAST_SECONDS = 3
_signer = signing.TimestampSigner(salt="leads.nonce")


@dataclass(frozen=True)
class Shown:
    """``word`` is empty for a nonce that is missing, forged or older than ``VALID_SECONDS``.

    ``variant`` is the wording of the page that was shown with it: a, b, or empty while no test runs. ``texts`` are the
    consent texts that stood beside it: a page from a cache may show an older version than the one of today.
    """

    word: str = ""
    seconds: float = VALID_SECONDS
    variant: str = ""
    texts: tuple[int, ...] = ()

    @property
    def too_fast(self) -> bool:
        return bool(self.word) and self.seconds < TOO_FAST_SECONDS


def make(variant: str = "", texts: Iterable[int] = ()) -> str:
    """A new nonce, signed with the time of now. ``variant`` is one letter and travels signed along with ``texts``."""
    shown = f".{variant}.{'-'.join(map(str, texts))}".rstrip(".")
    return _signer.sign(get_random_string(16) + shown)


def read(nonce: str) -> Shown:
    """What a posted nonce says; never raises."""
    try:
        word, variant, texts = (*_signer.unsign(nonce, max_age=VALID_SECONDS).split("."), "", "")[:3]
        stamp = signing.b62_decode(nonce.rsplit(":", 2)[1])
        return Shown(word, time.time() - stamp, variant, tuple(int(pk) for pk in texts.split("-") if pk))
    except (signing.BadSignature, ValueError):
        return Shown()
