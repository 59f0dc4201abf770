"""Short links, and page addresses that carry a campaign's UTM set."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings

from campaigns.models import Campaign, MailLink, ShortLink

MOST_TARGETS = 5_000
_targets: dict[int, str] = {}


def resolve(code: str) -> ShortLink | None:
    """What a short code stands for, with its campaign."""
    return ShortLink.objects.select_related("campaign").filter(code=code).first()


def mail_target(link_id: int) -> str:
    """Where a link of a published step leads; empty for none. A step never changes, so it is looked up once a process.

    A click leads on, then, however slow the database is.
    """
    target = _targets.get(link_id)
    if target is None:
        target = MailLink.objects.filter(pk=link_id).values_list("target", flat=True).first() or ""
        if target and settings.KEEP_SECONDS:
            if len(_targets) >= MOST_TARGETS:
                _targets.clear()
            _targets[link_id] = target
    return target


def utm_set(campaign: Campaign) -> dict[str, str]:
    """The campaign's UTM values; empty ones are left out."""
    values = {
        "utm_source": campaign.utm_source,
        "utm_medium": campaign.utm_medium,
        "utm_campaign": campaign.utm_campaign,
    }
    return {key: value for key, value in values.items() if value}


def utm_url(page_url: str, campaign: Campaign) -> str:
    """``page_url`` with the campaign's UTM set. A value that the address already carries stays."""
    parts = urlsplit(page_url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(parts._replace(query=urlencode({**utm_set(campaign), **query})))


def is_safe_target(target: str) -> bool:
    """A path of this site, or an http(s) address; nothing a browser would run or a header could break on."""
    if any(ord(char) < 33 or ord(char) == 127 for char in target):
        return False
    if target.startswith("/"):
        return not target.startswith(("//", "/\\"))
    parts = urlsplit(target)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def short_target(link: ShortLink) -> str | None:
    """Where a short link leads, with the campaign's UTM set on pages of this site; None when it may not."""
    if not is_safe_target(link.target):
        return None
    return utm_url(link.target, link.campaign) if link.target.startswith("/") else link.target
