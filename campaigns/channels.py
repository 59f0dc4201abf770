"""How somebody came: an address and a referrer, read by the ordered table of channel rules. The first match wins.

The table is kept in the process (`campaigns.kept`), so that a visit or a form costs no query here; what is edited is
heeded by every process a few seconds later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from campaigns.kept import Kept
from campaigns.models import Campaign, Channel, ChannelRule

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
# Of several in one address the first of these counts; Facebook's is on links that nobody paid for, so it is last.
CLICK_IDS = (
    "gclid", "gbraid", "wbraid", "dclid", "msclkid", "li_fat_id", "ttclid", "twclid", "tblci", "fbclid",
)  # fmt: skip
LONGEST = 255
APP = "android-app"  # the scheme by which Android names the app that a visitor came from

Field = ChannelRule.Field


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What an address and a referrer say of where somebody came from. Allow-listed keys only, each cut."""

    utm: dict[str, str] = field(default_factory=dict)
    click_id_kind: str = ""
    click_id: str = ""
    referrer: str = ""


@dataclass(frozen=True)
class Line:
    """One rule, ready to be asked."""

    rule: ChannelRule
    words: tuple[str, ...]

    def fits(self, value: str) -> bool:
        if self.rule.field == Field.REFERRER:
            return any(same_site(value, word) for word in self.words)
        return value in self.words


@dataclass(frozen=True)
class Found:
    """The channel, and what decided: a rule, a campaign's UTM set, or neither (referral, direct, unknown)."""

    channel: Channel
    rule: ChannelRule | None = None
    campaign: Campaign | None = None


@dataclass(frozen=True)
class Table:
    """The rules in their order, the channels by slug and the campaigns by their `utm_campaign`."""

    lines: tuple[Line, ...]
    channels: dict[str, Channel]
    campaigns: dict[str, Campaign]


def table() -> Table:
    """The table as it is kept in this process; three queries when it is too old, else none."""
    return _kept("")


def forget() -> None:
    """The table has just been edited in this process: read it again at the next use."""
    _kept.forget()


def read_address(url: str) -> Origin:
    """UTM values and the click id of an address. What is not a web address says nothing."""
    try:
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    except ValueError:
        return Origin()
    click = next((kind for kind in CLICK_IDS if query.get(kind)), "")
    return Origin(
        utm={key: plain(query[key]) for key in UTM if query.get(key)},
        click_id_kind=click,
        click_id=plain(query[click]) if click else "",
    )


def read_referrer(referrer: str, *, own_host: str) -> str:
    """The referring page without its query; empty for our own pages and for what is neither a page nor an app."""
    try:
        parts = urlsplit(referrer)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https", APP) or not parts.netloc or parts.netloc == own_host:
        return ""
    return plain(f"{parts.scheme}://{parts.netloc}{parts.path}")


def find_channel(origin: Origin) -> Found:
    """The first rule that fits; else the channel of the campaign; else unknown, referral or direct."""
    known = table()
    seen = {
        Field.CLICK_ID: origin.click_id_kind.lower(),
        Field.UTM_SOURCE: origin.utm.get("utm_source", "").strip().lower(),
        Field.UTM_MEDIUM: origin.utm.get("utm_medium", "").strip().lower(),
        Field.REFERRER: host_of(origin.referrer),
    }
    for line in known.lines:
        value = seen[Field(line.rule.field)]
        if value and line.fits(value):
            return Found(line.rule.channel, rule=line.rule)
    campaign = known.campaigns.get(origin.utm.get("utm_campaign", ""))
    if campaign is not None:
        return Found(campaign.channel, campaign=campaign)
    slug = "unknown" if origin.utm else "referral" if origin.referrer else "direct"
    return Found(known.channels[slug])


def host_of(referrer: str) -> str:
    """The host of a referring page in lower case; empty where there is none."""
    try:
        return (urlsplit(referrer).hostname or "").lower()
    except ValueError:
        return ""


def same_site(host: str, word: str) -> bool:
    """``google.`` stands for google.com and www.google.co.uk; ``t.co`` for t.co and what is below it only."""
    if word.endswith("."):
        _, found, after = f".{host}".rpartition(f".{word}")
        return bool(found) and after.count(".") <= 1
    return host == word or host.endswith(f".{word}")


def words_of(rule: ChannelRule) -> tuple[str, ...]:
    """The values of a rule, in lower case."""
    return tuple(word.strip().lower() for word in rule.words.split(",") if word.strip())


def plain(text: str, longest: int = LONGEST) -> str:
    """Printable characters only, cut."""
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable())
    return text[:longest]


def _read(_key: object) -> Table:
    rules = ChannelRule.objects.select_related("channel")
    campaigns = Campaign.objects.select_related("channel")
    return Table(
        lines=tuple(Line(rule, words_of(rule)) for rule in rules),
        channels={channel.slug: channel for channel in Channel.objects.all()},
        campaigns={campaign.utm_campaign: campaign for campaign in campaigns},
    )


_kept = Kept(_read)
