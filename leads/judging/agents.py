"""Is this the agent string of a browser? Pure. First the shape every browser has, then a list of known machines.

The shape finds machines that are on no list yet. It says no more than that a string is not a browser's: a scanner
that calls itself Chrome passes, and time, traps and neighbours must find it (`leads.judging.signals`).
"""

import re
from functools import cache, lru_cache

from crawlerdetect import CrawlerDetect

NO_AGENT = "no agent"
KNOWN = "known agent"

# Words in names of programs that fetch pages by themselves. "Cubot" is a maker of telephones; the apps of Naver,
# Yandex and Sogou say "search" and hold a browser for people.
WORKS_ALONE = re.compile(
    r"(?<!cu)bot(?![a-su-z])|crawl|spider|scrap[ey]|slurp|archiv|fetch|harvest|index(?:er|ing)|monitor|uptime|"
    r"health-?check|(?:site|link|page)-?che?c?k|check(?:er|link)|validat|verif|inspector|audit|scan(?:ner)?\b|"
    r"security|vulnerab|lighthouse|page ?speed|insights|preview|thumbnail|screenshot|snapshot|transcoder|proxy|"
    r"headless|phantom|selenium|playwright|puppeteer|webdriver|analy[sz]|research|survey|\bfeed|feed(?:er|ly)\b|"
    r"\brss|rss\b|parser|reader/|sniff|mirror|download|(?<!yandex)(?<!sogou)(?<!inapp; )search(?!browser)|"
    r"agent\b|externalhit|facebookcatalog|unfurl",
    re.IGNORECASE,
)
LIBRARIES = re.compile(
    r"\b(?:curl|wget|libwww|lwp|python|perl|php|jakarta|okhttp|axios|go-http|http-?client|httpunit|guzzle|aiohttp|"
    r"httpx|urllib|winhttp|cfnetwork|dataaccessd|nginx|apache|postman|insomnia|nmap|zgrab|masscan|nutch|heritrix|"
    r"htmlunit|mechanize|jsdom|cloudfront)\b|\b(?:java|ruby|lua|dart|node(?:\.js)?)/|-node\b|^ruby\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"https?:|\bwww\.|\bmailto:|\S@[\w.-]+\.[a-z]{2}|\(at\)|[(;+ ][\w-]+(?:\.[\w-]+)*\."
    r"(?:com|net|org|io|de|fr|co|eu|ru|cn|ai|info|app|dev)\b",
    re.IGNORECASE,
)
OPENS = re.compile(r"(?:Mozilla/[45]\.0 \(|Opera/\d)")
# "compatible;" stands for a browser's name only where it is Internet Explorer's or Konqueror's.
CALLS_ITSELF_COMPATIBLE = re.compile(r"\bcompatible(?:;(?! ?(?:MSIE[ :]\d|Konqueror/))|\))", re.IGNORECASE)
PLATFORM = re.compile(
    r"Windows|Macintosh|X11|Linux|Android|iPhone|iPad|iPod|CrOS|Wayland|PlayStation|Nintendo|Xbox|Tizen|Web0S|"
    r"webOS|J2ME|Symbian|KAIOS|SMART-TV|BlackBerry|BB10|Mobile; rv|FreeBSD|OpenBSD|Fuchsia|HarmonyOS|OpenHarmony|"
    r"VIDAA|SunOS",
    re.IGNORECASE,
)
ENGINE = re.compile(
    r"AppleWebKit/[\d.]+ ?\+?\(KHTML, like Gecko\)|Gecko/[\d.]+|Trident/\d|MSIE \d|Presto/\d|KHTML/\d|"
    r"Goanna/\d|^Opera/\d"
)
# What follows AppleWebKit in a browser: at least one of these, or it is a program that draws pages for itself.
PRODUCT = re.compile(
    r"(?:Chrome|Chromium|CriOS|FxiOS|EdgiOS|OPiOS|OPT|GSA|Version|Safari|Mobile|Firefox|Focus|Klar|Silk|DuckDuckGo|Ddg|"
    r"YaBrowser|SamsungBrowser|UCBrowser|MiuiBrowser|HuaweiBrowser|Seamonkey|PaleMoon|Waterfox|Iceweasel)/[\w.]+|"
    r"Trident/|MSIE |Presto/|Konqueror/"
)


# They fetch the pictures of a mail that a person opened, and say so without a browser's name.
MAIL_PROGRAM = re.compile(
    r"Thunderbird/\d|MSOffice \d|Microsoft Outlook|"
    r"^Mozilla/5\.0 \((?:Macintosh|iPhone|iPad)[^)]*\) AppleWebKit/[\d.]+ \(KHTML, like Gecko\)(?: Mobile/\w+)?$"
)


@lru_cache(maxsize=20_000)
def machine_reason(agent: str, *, opens_mail: bool = False) -> str:
    """Why this agent is a machine, in a few words; empty where it may be a person's browser.

    ``opens_mail`` lets mail programs pass too: it is for the picture in a mail and for nothing else.
    """
    agent = agent.strip().strip("\"'")
    if opens_mail and MAIL_PROGRAM.search(agent):
        return ""
    return not_a_browser(agent) or (KNOWN if agent and _crawlers().isCrawler(agent) else "")


def not_a_browser(agent: str) -> str:
    """The part of a browser's shape that is missing, or the sign that no browser has; empty where all is there."""
    if not agent:
        return NO_AGENT
    if ADDRESS.search(agent):
        return "address in the agent"
    if WORKS_ALONE.search(agent) or LIBRARIES.search(agent):
        return "names itself a program"
    if not OPENS.match(agent) or CALLS_ITSELF_COMPATIBLE.search(agent):
        return "not a browser's name"
    if not PLATFORM.search(agent) or not ENGINE.search(agent) or not PRODUCT.search(agent):
        return "parts of a browser missing"
    return ""


@cache
def _crawlers() -> CrawlerDetect:
    return CrawlerDetect()
