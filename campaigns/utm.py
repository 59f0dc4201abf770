"""The UTM set of a campaign, made from what is known of it, so that nobody types one twice differently."""

from campaigns.models import Campaign

# Channel → (source, medium) as the channel rules read them back. Others: the channel's own name.
BY_CHANNEL = {
    "paid-search": ("google", "cpc"),
    "paid-social": ("linkedin", "paid-social"),
    "social": ("linkedin", "social"),
    "display": ("display", "display"),
    "display-native": ("taboola", "native"),
    "email": ("newsletter", "email"),
    "e-mail": ("newsletter", "email"),
    "referral": ("referral", "referral"),
    "partner": ("partner", "partner"),
    "event": ("event", "event"),
    "offline-event": ("event", "event"),
    "directory": ("directory", "directory"),
    "outbound": ("sales", "outbound"),
    "content": ("content", "content"),
}


def made_for(*, channel: str, slug: str) -> dict[str, str]:
    """`utm_source`, `utm_medium` and `utm_campaign` for a campaign of a channel (its slug)."""
    source, medium = BY_CHANNEL.get(channel, (channel, channel))
    return {"utm_source": source, "utm_medium": medium, "utm_campaign": slug}


def fill(campaign: Campaign) -> None:
    """Give an unsaved or saved campaign the values it lacks. What somebody typed stays; nothing is saved."""
    for name, value in made_for(channel=campaign.channel.slug, slug=campaign.slug).items():
        if not getattr(campaign, name):
            setattr(campaign, name, value)
    others = Campaign.objects.exclude(pk=campaign.pk)
    wish, number = campaign.utm_campaign, 2
    while others.filter(utm_campaign=campaign.utm_campaign).exists():
        campaign.utm_campaign = f"{wish}-{number}"
        number += 1
