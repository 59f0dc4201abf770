"""Countries by their names in the visitor's language (ISO 3166-1, names from the Unicode CLDR)."""

import unicodedata
from functools import lru_cache

from babel import Locale, UnknownLocaleError

# In the CLDR's list, but no country one lives in: groups of countries, tests, islands that belong to another code.
NO_COUNTRY = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))

# As people write them, and the CLDR does not.
SHORT_NAMES = {
    "usa": "US",
    "u.s.a.": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "czech republic": "CZ",
    "the netherlands": "NL",
    "holland": "NL",
    "turkey": "TR",
    "russia": "RU",
    "south korea": "KR",
}


@lru_cache(maxsize=16)
def country_names(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every country in ``language`` (English where it is unknown), in the order of a dictionary."""
    try:
        names = Locale.parse(language or "en", sep="-").territories
    except (ValueError, UnknownLocaleError):
        names = Locale.parse("en").territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return tuple(
        sorted((pair for pair in found if pair[0] not in NO_COUNTRY), key=lambda pair: _bare(pair[1]))
    )


@lru_cache(maxsize=1024)
def country_code(written: str) -> str:
    """Two letters for a code or a name in one of our languages; empty for what is neither."""
    wanted = _bare(written)
    if wanted in SHORT_NAMES:
        return SHORT_NAMES[wanted]
    if len(written) == 2:
        return written.upper() if written.upper() in dict(country_names("en")) else ""
    found = (
        code
        for lang in ("en", "de", "fr", "it", "es")
        for code, name in country_names(lang)
        if _bare(name) == wanted
    )
    return next(found, "")


def _bare(name: str) -> str:
    """Without accents and case, so that Österreich stands at O."""
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)).casefold()
