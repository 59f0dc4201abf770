"""Amounts of money as exports write them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

TIMES = {"K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
MOST = Decimal(10) ** 12


def money(written: str) -> Decimal:
    """1,054 and 1.054 are a thousand, 1.054,20 and $342.09K are read as they are meant. Raises ValueError."""
    text = re.sub(r"[^\d,.\-KMB]", "", written.upper().replace("\u2212", "-"))
    times = TIMES.get(text[-1:], 1)
    text = text.strip("KMB")
    last = max(text.rfind(","), text.rfind("."))
    sign = text[last] if last >= 0 else ""
    grouped = bool(sign) and (
        text.count(sign) > 1 or (len(text) - last - 1 == 3 and not {",", "."} <= set(text))
    )
    whole, rest = (text, "") if not sign or grouped else (text[:last], text[last + 1 :])
    try:
        found = Decimal(re.sub(r"[,.]", "", whole) + ("." + rest if rest else "")) * times
    except InvalidOperation:
        raise ValueError(written) from None
    if not 0 <= found < MOST:
        raise ValueError(written)
    return found.quantize(Decimal("0.01"))
