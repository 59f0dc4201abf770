"""Thirty mails that are fine, and thirty that have one fault each, for the check before the start."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from django.conf import settings

from campaigns.mail import compose, merge
from campaigns.mail.html import targets
from campaigns.preflight import Mail
from crm.demo.mails import BYE, HELLO, TEMPLATES

WAY_OUT = "https://www.averdahl.example/u/abc/"
SAYS = (
    "<p>You asked what a stopped hour costs. Ask the shift lead, not the controller: the number is usually twice as "
    "high, and it is the only one the board will remember next week.</p>"
)
WEB = "{web}"  # where the little web of the test answers


@dataclass(frozen=True)
class Written:
    """A mail as a marketer writes it. `shown`: changes to the page as it goes out, which no editor would make."""

    subject: str = "What a stopped hour really costs"
    preheader: str = "One cell to fill in, and whom to ask."
    body: str = HELLO + SAYS + BYE
    language: str = "en"
    marked: bool = True  # the sequence has a campaign, so links of ours carry its UTM
    html: tuple[tuple[str, str], ...] = ()
    text: str | None = None
    person: dict[str, str] = field(default_factory=lambda: dict(merge.PERSON))

    def but(self, **changes) -> Written:
        return replace(self, **changes)

    def saying(self, more: str) -> Written:
        return replace(self, body=HELLO + SAYS + more + BYE)


def mail(written: Written, web: str = "") -> Mail:
    """As it would go out to an example person."""
    body = written.body.replace(WEB, web)
    footer = {
        "postal_address": settings.POSTAL_ADDRESS, "unsubscribe_url": WAY_OUT, "preferences_url": WAY_OUT,
        "reason": "You get this mail because you agreed to hear from us.",
    }  # fmt: skip
    made = compose.render(
        subject=written.subject, preheader=written.preheader, body=body, merge=merge.example(written.person),
        footer=footer, language=written.language,
    )  # fmt: skip
    html = made.html
    for old, new in written.html:
        assert old in html, f"the page does not hold {old!r}"
        html = html.replace(old, new)
    return Mail(
        subject=made.subject, preheader=written.preheader, html=html, written=body,
        text=made.text if written.text is None else written.text,
        targets=tuple((t, f"{t}?utm_campaign=costs" if written.marked else t) for t in targets(body)),
        unsubscribe_url=WAY_OUT, postal_address=settings.POSTAL_ADDRESS,
    )  # fmt: skip


def _linked(target: str, words: str = "Read how a dairy did it") -> str:
    return f'<p><a href="{target}">{words}</a></p>'


def _picture(name: str, more: str = 'alt="Both curves of one pump" width="520"') -> str:
    return f'<p><img src="{WEB}/{name}" {more}></p>'


BASE = Written()

GOOD: dict[str, Written] = {
    **{
        f"the demo's {slug}": Written(
            subject=subject,
            preheader=preview,
            body=re.sub('href="/[^"]+"', f'href="{WEB}/there"', HELLO + body + BYE),
        )
        for slug, _name, subject, preview, body in TEMPLATES
    },
    "plain": BASE,
    "a link that answers": BASE.saying(_linked(f"{WEB}/there")),
    "a link with a question mark": BASE.saying(_linked(f"{WEB}/there?a=1&b=2")),
    "a link that adds a slash": BASE.saying(_linked(f"{WEB}/slash")),
    "a link that refuses programs": BASE.saying(_linked(f"{WEB}/members")),
    "a link that answers GET only": BASE.saying(_linked(f"{WEB}/only-get")),
    "a light picture": BASE.saying(_picture("light.png")),
    "a picture that is a link": BASE.saying(
        f'<p><a href="{WEB}/there"><img src="{WEB}/light.png" alt="See the curves" width="520"></a></p>'
    ),
    "a decorative picture": BASE.saying(_picture("light.png", 'alt="" width="40"')),
    "a button": BASE.saying(
        f'<p><a class="button" href="{WEB}/there">Book the walk through the hall</a></p>'
    ),
    "a list and a heading": BASE.saying(
        "<h2>Three steps</h2><ol><li>Look</li><li>Measure</li><li>Decide</li></ol>"
    ),
    "a table": BASE.saying(
        "<table><tr><th>Pump</th><th>Hours</th></tr><tr><td>P-14</td><td>12</td></tr></table>"
    ),
    "a quotation": BASE.saying("<blockquote>We found it on the first Monday.</blockquote>"),
    "a telephone number": BASE.saying('<p>Or call <a href="tel:+41441234567">+41 44 123 45 67</a>.</p>'),
    "an address to answer to": BASE.saying(
        '<p>Write to <a href="mailto:ines@averdahl.example">Ines</a>.</p>'
    ),
    "German": BASE.but(
        subject="Was eine Stunde Stillstand wirklich kostet",
        preheader="Ein Feld, und wen man fragt.",
        language="de",
        body="<p>Guten Tag {{ person.first_name | default: 'zusammen' }},</p><p>fragen Sie die Schichtleitung, nicht "
        "das Controlling: Die Zahl ist meist doppelt so hoch.</p>",
    ),
    "French": BASE.but(
        subject="Ce que coûte vraiment une heure d’arrêt",
        preheader="Une case à remplir.",
        language="fr",
        body="<p>Bonjour {{ person.first_name | default: '' }},</p><p>demandez au chef d’équipe : le chiffre est "
        "souvent deux fois plus élevé que prévu.</p>",
    ),
    "a question as subject": BASE.but(subject="Which pump stops next?"),
    "an abbreviation in capitals": BASE.but(subject="IP69K and ATEX: what the rating does not promise"),
    "a price": BASE.saying("<p>Twelve sensors cost 4,800 EUR, free of charge for sixty days.</p>"),
}

DATA_PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
PLANTED: dict[str, tuple[Written, str]] = {
    "a page that is gone": (BASE.saying(_linked(f"{WEB}/gone")), "link-dead"),
    "a server in trouble": (BASE.saying(_linked(f"{WEB}/broken")), "link-dead"),
    "nobody listens": (BASE.saying(_linked("http://plant.example.net:9/x")), "link-dead"),
    "a name that leads inside": (BASE.saying(_linked("https://inside.example.net/")), "link-private"),
    "not encrypted": (BASE.saying(_linked(f"{WEB}/there")), "link-http"),
    "a redirect elsewhere": (BASE.saying(_linked(f"{WEB}/moved")), "link-redirects"),
    "a redirect without end": (BASE.saying(_linked(f"{WEB}/round")), "link-dead"),
    "a private address": (BASE.saying(_linked("https://192.168.1.20/wiki")), "link-private"),
    "an example address": (BASE.saying(_linked("https://example.com/page")), "link-nowhere"),
    "a page of ours that is not there": (BASE.saying(_linked("/p/no-such-page/")), "link-own"),
    "no UTM": (BASE.but(marked=False).saying(_linked("/")), "utm-missing"),
    "words that say nothing": (BASE.saying(_linked(f"{WEB}/there", "click here")), "link-words"),
    "a picture without words": (BASE.saying(_picture("light.png", 'width="520"')), "picture-alt"),
    "a heavy picture": (BASE.saying(_picture("heavy.png")), "picture-heavy"),
    "a picture that is gone": (BASE.saying(_picture("gone")), "picture-dead"),
    "a picture without width": (BASE.saying(_picture("light.png", 'alt="Curves"')), "picture-width"),
    "a picture written into the mail": (
        BASE.but(html=(("</body>", f'<img src="{DATA_PICTURE}" alt="x" width="9"></body>'),)), "picture-data",
    ),
    "nothing but a picture": (
        BASE.but(subject="Look", body=_picture("light.png"), text="Both curves\n-- \n" + WAY_OUT), "picture-only",
    ),
    "over the size where Gmail cuts": (
        BASE.but(html=(("</body>", f"<p>{'Every plant has one corner. ' * 4000}</p></body>"),)),
        "size",
    ),
    "no text part": (BASE.but(text=""), "text-part"),
    "an answer to nothing": (BASE.but(subject="Re: our talk"), "subject-pretends"),
    "a subject in capitals": (BASE.but(subject="LAST CHANCE FOR YOUR PUMPS"), "subject-shouts"),
    "a subject too long": (BASE.but(subject="What a stopped hour really costs " * 3), "subject-long"),
    "no preview line": (BASE.but(preheader=""), "preview-missing"),
    "a mark left over": (BASE.saying("<p>TODO: ask Jonas for the figure</p>"), "leftover"),
    "a spam phrase": (BASE.saying("<p>This is a limited time only and risk-free.</p>"), "spam-phrase"),
    "grey on white": (
        BASE.but(html=(("Ask the shift lead", '<span style="color:#bbbbbb">Ask the shift lead</span>'),)), "contrast",
    ),
    "a font without fallback": (
        BASE.but(html=(("Ask the shift lead", '<b style="font-family:Gilroy">Ask the shift lead</b>'),)),
        "font-fallback",
    ),
    "tiny letters": (
        BASE.but(html=(("Ask the shift lead", '<small style="font-size:9px">Ask the shift lead</small>'),)),
        "font-small",
    ),
    "what Outlook does not lay out": (
        BASE.but(html=(("Ask the shift lead", '<span style="display:flex">Ask the shift lead</span>'),)),
        "unsupported-style",
    ),
    "a form in the mail": (BASE.saying("<form><input name='a'></form>"), "unsupported-tag"),
    "no way out": (BASE.but(html=((f'href="{WAY_OUT}"', 'href="https://averdahl.example/"'),)), "unsubscribe"),
    "no postal address": (BASE.but(html=(("Kanalweg 14", "Kanalweg"),)), "postal-address"),
    "nothing about dark mode": (
        BASE.but(html=(("prefers-color-scheme", "prefers-contrast"), ("color-scheme", "x-scheme"))), "dark-mode",
    ),
}  # fmt: skip
