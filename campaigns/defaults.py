"""What a new installation starts with: channels and their rules, asset kinds, consent texts."""

from typing import Any

from django.apps.registry import Apps

from campaigns.models import AssetKind, Channel, ChannelRule, ConsentText

CHANNELS = {
    "website": "Website",
    "organic-search": "Organic search",
    "paid-search": "Paid search",
    "display": "Display and native",
    "social": "Social",
    "paid-social": "Paid social",
    "content": "Content",
    "email": "E-mail",
    "referral": "Referral",
    "partner": "Partner",
    "offline-event": "Offline event",
    "directory": "Directory",
    "outbound": "Outbound",
    "direct": "Direct",
    "unknown": "Unknown",
}
CLICK, SOURCE, MEDIUM, REFERRER = (
    ChannelRule.Field.CLICK_ID,
    ChannelRule.Field.UTM_SOURCE,
    ChannelRule.Field.UTM_MEDIUM,
    ChannelRule.Field.REFERRER,
)
# Read from above; the first match wins.
RULES = [
    (CLICK, "gclid, msclkid", "paid-search"),
    (CLICK, "tblci", "display"),
    (MEDIUM, "cpc, ppc, paidsearch, paid-search, paid_search, sem", "paid-search"),
    (MEDIUM, "paid-social, paid_social, paidsocial", "paid-social"),
    (MEDIUM, "display, banner, native, cpm", "display"),
    (MEDIUM, "email, e-mail, newsletter, mail", "email"),
    (MEDIUM, "social, post", "social"),
    (MEDIUM, "content, article, blog, podcast", "content"),
    (MEDIUM, "affiliate, partner", "partner"),
    (MEDIUM, "referral", "referral"),
    (MEDIUM, "event, offline, print, qr, webinar", "offline-event"),
    (MEDIUM, "directory", "directory"),
    (MEDIUM, "outbound", "outbound"),
    (MEDIUM, "organic", "organic-search"),
    (CLICK, "li_fat_id", "paid-social"),
    (CLICK, "fbclid", "social"),
    (SOURCE, "newsletter", "email"),
    (SOURCE, "linkedin, facebook, instagram, x, twitter, youtube", "social"),
    (
        REFERRER,
        "google., bing.com, duckduckgo.com, ecosia.org, qwant.com, search.brave.com, search.yahoo.com, yandex.",
        "organic-search",
    ),
    (
        REFERRER,
        "linkedin.com, lnkd.in, facebook.com, instagram.com, x.com, t.co, youtube.com, reddit.com, xing.com",
        "social",
    ),
]
KINDS = [
    ("ebook", "E-book", "read"),
    ("white-paper", "White paper", "read"),
    ("guide", "Guide", "read"),
    ("infographic", "Infographic", "view"),
    ("report", "Report", "read"),
    ("worksheet", "Worksheet", "use"),
    ("template", "Template", "use"),
    ("course", "Course", "start"),
    ("webinar", "Webinar", "watch"),
    ("video", "Video", "watch"),
    ("case-study", "Case study", "read"),
    ("article", "Article", "read"),
    ("newsletter", "Newsletter", "read"),
]
CONSENTS = {
    ConsentText.Purpose.MARKETING: "Also send me news by e-mail, about twice a month. Optional, and one click ends it.",
    ConsentText.Purpose.TRACKING: "You may note which of your pages and mails I open, to send me what fits.",
}


def after_migrate(apps: Apps | None = None, **_: Any) -> None:
    """Receiver of post_migrate (and of a flush). A run that stops before these tables leaves it to the next."""
    if apps is None or "channelrule" in apps.all_models["campaigns"]:
        install()


def install() -> None:
    """An installation that has rows of its own keeps them as they are."""
    if not Channel.objects.exists():
        channels = {
            slug: Channel.objects.create(slug=slug, name=name, order=order * 10)
            for order, (slug, name) in enumerate(CHANNELS.items(), 1)
        }
        for order, (field, words, slug) in enumerate(RULES, 1):
            ChannelRule.objects.create(order=order * 10, field=field, words=words, channel=channels[slug])
    if not AssetKind.objects.exists():
        for order, (slug, name, verb) in enumerate(KINDS, 1):
            AssetKind.objects.create(slug=slug, name=name, verb=verb, order=order * 10)
    if not ConsentText.objects.exists():
        for purpose, text in CONSENTS.items():
            ConsentText.objects.create(purpose=purpose, text=text)
