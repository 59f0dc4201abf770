"""What a new installation starts with: channels and their rules, asset kinds, consent texts."""

from typing import Any

from django.apps.registry import Apps

from campaigns.models import AssetKind, Channel, ChannelRule, ConsentText, SendingPolicy

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
# Read from above; the first match wins. Paid clicks first, because their ids cannot be on any other link; then what
# our own links say (UTM); then the referring page, mail before search, since mail.google.com is no search engine.
RULES = [
    (CLICK, "gclid, gbraid, wbraid, msclkid", "paid-search"),
    (CLICK, "dclid, tblci", "display"),
    (MEDIUM, "cpc, ppc, paidsearch, paid-search, paid_search, sem", "paid-search"),
    (MEDIUM, "paid-social, paid_social, paidsocial, social-paid, social_paid, cpc-social", "paid-social"),
    (MEDIUM, "display, banner, native, cpm, programmatic, retargeting", "display"),
    (MEDIUM, "email, e-mail, e_mail, newsletter, mail", "email"),
    (MEDIUM, "social, social-media, social_media, post, sm", "social"),
    (MEDIUM, "content, article, blog, podcast, pr, guest-post", "content"),
    (MEDIUM, "affiliate, affiliates, partner, partners, reseller", "partner"),
    (MEDIUM, "referral, share", "referral"),
    (MEDIUM, "event, offline, print, qr, webinar, fair, trade-fair", "offline-event"),
    (MEDIUM, "directory, listing", "directory"),
    (MEDIUM, "outbound, cold-email, cold-call", "outbound"),
    (MEDIUM, "organic", "organic-search"),
    (MEDIUM, "website, web", "website"),
    (CLICK, "li_fat_id, ttclid, twclid", "paid-social"),
    (SOURCE, "newsletter, mail, email", "email"),
    (SOURCE, "taboola, outbrain, adroll, criteo, dv360", "display"),
    (SOURCE, "partner, affiliate", "partner"),
    (
        SOURCE,
        "linkedin, facebook, fb, instagram, ig, x, twitter, youtube, xing, reddit, tiktok, pinterest, threads, bluesky",
        "social",
    ),
    (CLICK, "fbclid", "social"),
    (
        REFERRER,
        "mail.google.com, com.google.android.gm, outlook.live.com, outlook.office.com, outlook.office365.com, "
        "safelinks.protection.outlook.com, mail.yahoo.com, webmail., navigator.gmx.net, navigator.web.de, "
        "mail.proton.me, mail.zoho.com, email.t-online.de",
        "email",
    ),
    (
        REFERRER,
        "docs.google.com, sites.google.com, drive.google.com, meet.google.com, classroom.google.com",
        "referral",
    ),
    (
        REFERRER,
        "google., bing.com, duckduckgo.com, ecosia.org, qwant.com, search.brave.com, search.yahoo.com, yandex., "
        "baidu.com, startpage.com, kagi.com, seznam.cz, naver.com, swisscows.com, metager.de, mojeek.com, lilo.org, "
        "search.ch, suche.t-online.de, suche.gmx.net, suche.web.de, ask.com, com.google.android.googlequicksearchbox",
        "organic-search",
    ),
    (
        REFERRER,
        "linkedin.com, lnkd.in, com.linkedin.android, facebook.com, fb.com, fb.me, instagram.com, x.com, twitter.com, "
        "t.co, youtube.com, youtu.be, reddit.com, com.reddit.frontpage, xing.com, tiktok.com, pinterest., threads.net, "
        "threads.com, bsky.app, mastodon.social, quora.com, vimeo.com, wa.me, web.whatsapp.com, t.me, "
        "web.telegram.org, discord.com, news.ycombinator.com",
        "social",
    ),
    (
        REFERRER,
        "capterra., g2.com, getapp., softwareadvice., trustpilot.com, wlw., europages., kompass.com, thomasnet.com, "
        "directindustry., yellowpages., gelbeseiten.de, local.ch, pagesjaunes.fr, paginegialle.it, paginasamarillas.es",
        "directory",
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
    if apps is None or "sendingpolicy" in apps.all_models["campaigns"]:
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
    if not SendingPolicy.objects.exists():
        SendingPolicy.objects.create(pk=1)
