"""Takes the pictures of docs/img: every page of a running demo at 1280 and 390 px, and three in the dark.

Run beside `make demo`:  .venv/bin/python tools/pictures.py http://127.0.0.1:8000 [name …]
Reads logins and tokens from the demo's DATA_DIR; Chromium from CHROMIUM or the PATH.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
OUT = ROOT / "docs" / "img"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
]
WIDTHS = {1280: 900, 390: 844}
DARK = {"today", "person", "landing", "sequence"}
LONGEST = 3600  # px; a picture is looked at, not scrolled through


@dataclass(frozen=True)
class Shot:
    """One page: its name, address, who looks (empty: a visitor), and what is done before the picture."""

    name: str
    path: str
    who: str = ""
    before: Callable[[Any], None] = lambda page: None


def _wrong_form(page: Any) -> None:
    page.locator("form").first.evaluate("form => { form.noValidate = true }")
    page.locator("input[name=email]").fill("piet.maasland.example")
    page.wait_for_timeout(3200)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_load_state()


def _sent_form(page: Any) -> None:
    for field in page.locator("form [name]:visible").all():
        kind, name = field.get_attribute("type"), field.get_attribute("name")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(index=1)
        elif kind == "checkbox":
            field.check()
        else:
            field.fill("piet.verhaag@maasland.example" if name == "email" else "Piet")
    page.wait_for_timeout(3200)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/thanks/**")


def shots() -> list[Shot]:
    """All pages, with the rows of the demo that fill them best."""
    from campaigns.models import Asset, LandingPage
    from leads import tokens
    from leads.models import Lead, Message, Submission
    from prospects.models import Prospect

    gated = LandingPage.objects.filter(state="published", asset__featured=True).first()
    page = gated or LandingPage.objects.filter(state="published", asset__isnull=False).first()
    article = Asset.objects.filter(gated=False).exclude(body="").first()
    mara = Prospect.objects.filter(owner__username="mara", closed_at=None)
    told = mara.filter(calls__outcome="conversation", person__lead__score__grade__in=["A1", "A2", "B1"])
    cycle = told.filter(stage__slug="contacting").first() or told.first() or mara.first()
    lead = (
        Lead.objects.filter(status="nurturing", score__grade__startswith="A")
        .order_by("-score__total")
        .first()
    )
    form = Submission.objects.filter(state="accepted", page__asset__isnull=False).latest("at")
    mail = Message.objects.filter(state="sent", enrolment__isnull=False).latest("ended_at")
    preferences = tokens.unsubscribe_token(mail.person_id)
    return [
        Shot("library", "/"),
        Shot("landing", f"/p/{page.slug}/"),
        Shot("landing-errors", f"/p/{page.slug}/", before=_wrong_form),
        Shot("thanks", f"/p/{page.slug}/", before=_sent_form),
        Shot("article", f"/r/{article.slug}/"),
        Shot("preferences", f"/u/{preferences}/"),
        Shot("confirm", f"/confirm/{tokens.confirm_token(form.pk)}/"),
        Shot("not-found", "/p/nothing-here/"),
        Shot("privacy", "/privacy/"),
        Shot("login", "/accounts/login/"),
        Shot("home", "/staff/", "ines"),
        Shot("leads", "/staff/leads/?sort=best", "ines"),
        Shot("lead", f"/staff/leads/{lead.person_id}/", "ines"),
        *nurture_shots(),
        *scoring_shots(),
        Shot("funnel", "/staff/reports/funnel/", "ines"),
        Shot("rows", "/staff/reports/rows/marketing_qualified/", "ines"),
        Shot("today", "/staff/today/", "mara"),
        Shot("person", f"/staff/prospects/{cycle.pk}/", "mara"),
        Shot("prospects", "/staff/prospects/", "mara"),
        Shot("board", "/staff/board/", "mara"),
        Shot("accounts", "/staff/accounts/", "mara"),
        Shot("account", f"/staff/accounts/{cycle.account_id}/", "mara"),
        Shot("cold-contact", "/staff/prospects/new/", "mara"),
        Shot("won", f"/staff/prospects/{cycle.pk}/won/", "mara"),
        Shot("search", "/staff/search/?q=an", "mara"),
        *sales_shots(),
        Shot("team", "/staff/", "henrik"),
        Shot("status", "/staff/status/", "jonas"),
        Shot("outbox", "/staff/outbox/", "jonas"),
        *admin_shots(page.pk),
    ]


def sales_shots() -> list[Shot]:
    """Outbound lists, a mail to one person, deals, and what a manager sets up and looks at."""
    from leads.models import OwnMail
    from prospects.models import Prospect, ProspectingList

    wrote = OwnMail.objects.filter(direction="in").values("person")
    answered = Prospect.objects.filter(owner__username="mara", closed_at=None, person__in=wrote).first()
    waiting = ProspectingList.objects.filter(archived_at=None).first()
    shots = [
        Shot("deals", "/staff/deals/", "henrik"),
        Shot("assignment", "/staff/assignment/", "henrik"),
        Shot("doubles", "/staff/doubles/", "ines"),
    ]
    if waiting is not None:
        shots.append(Shot("list", f"/staff/lists/{waiting.pk}/", "henrik"))
    if answered is not None:
        shots.append(Shot("mail", f"/staff/prospects/{answered.pk}/mails/?answer=last", "mara"))
    return shots


def admin_shots(page: int) -> list[Shot]:
    """Where marketing builds; `page` is the number of a landing page."""
    from campaigns.models import Campaign
    from leads.models import ScoringModel

    campaign, rules = Campaign.objects.first(), ScoringModel.objects.get(state="live")
    return [
        Shot("admin", "/admin/", "ines"),
        Shot("admin-campaigns", "/admin/campaigns/campaign/", "ines"),
        Shot("admin-campaign", f"/admin/campaigns/campaign/{campaign.pk}/change/", "ines"),
        Shot("admin-page", f"/admin/campaigns/landingpage/{page}/change/", "ines"),
        Shot("admin-scoring", f"/admin/leads/scoringmodel/{rules.pk}/change/", "ines"),
    ]


def nurture_shots() -> list[Shot]:
    """Sequences, mails and mailings, from building one to watching it."""
    from campaigns.models import EmailTemplate, Sequence
    from leads.models import Mailing

    busiest = Sequence.objects.get(slug="field-notes-bearing")
    at, mailing = f"/staff/sequences/{busiest.pk}/", Mailing.objects.order_by("started_at").first()
    return [
        Shot("sequences", "/staff/sequences/", "ines"),
        Shot("sequence", at, "ines"),
        Shot("sequence-people", f"{at}people/active/", "ines"),
        Shot("sequence-publish", f"{at}publish/", "ines"),
        Shot("sequence-check", f"{at}check/", "ines"),
        Shot("sequence-rehearse", f"{at}rehearse/", "ines"),
        Shot("sequence-ways-in", f"{at}ways-in/", "ines"),
        Shot("admin-sequence", f"/admin/campaigns/sequence/{busiest.pk}/change/", "ines"),
        Shot(
            "admin-mail", f"/admin/campaigns/emailtemplate/{EmailTemplate.objects.first().pk}/change/", "ines"
        ),
        Shot("mailings", "/staff/mailings/", "ines"),
        Shot("mailing-new", "/staff/mailings/new/", "ines"),
        Shot("mailing", f"/staff/mailings/{mailing.pk}/", "ines"),
        Shot("post-office", "/staff/post-office/", "ines"),
    ]


def scoring_shots() -> list[Shot]:
    """Who is wanted, how leads are judged, and what the past says of it."""
    from leads.models import LearnedModel, ScoringModel, Segment
    from leads.models.asked import Backtest

    shots = [
        Shot("ideal-profile", "/staff/ideal-profile/", "ines"),
        Shot("scoring", "/staff/scoring/", "ines"),
        Shot("segments", "/staff/segments/", "ines"),
    ]
    for name, model, address in (
        ("scoring-version", ScoringModel, "scoring"),
        ("backtest", Backtest, "backtests"),
        ("learned-points", LearnedModel, "learned"),
        ("segment", Segment, "segments"),
    ):
        if (row := model._default_manager.order_by("pk").last()) is not None:
            shots.append(Shot(name, f"/staff/{address}/{row.pk}/", "ines"))
    return shots


def logins(data_dir: Path) -> dict[str, str]:
    """User name → password, as the demo keeps them."""
    lines = (line.split() for line in (data_dir / "logins.txt").read_text().splitlines())
    return {words[1]: words[2] for words in lines if len(words) > 2}


def take(base: str, wanted: set[str]) -> None:
    from django.conf import settings
    from playwright.sync_api import sync_playwright

    passwords, pages = logins(Path(settings.DATA_DIR)), [s for s in shots() if not wanted or s.name in wanted]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for who in sorted({shot.who for shot in pages}):
            state = _signed_in(browser, base, who, passwords) if who else None
            for shot in (shot for shot in pages if shot.who == who):
                for width in WIDTHS:
                    _picture(browser, base, shot, width, "light", state)
                if shot.name in DARK:
                    _picture(browser, base, shot, 1280, "dark", state)
        browser.close()


def _signed_in(browser: Any, base: str, who: str, passwords: dict[str, str]) -> Any:
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("User name").fill(who)
    page.get_by_label("Password").fill(passwords[who])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/**")
    state = context.storage_state()
    context.close()
    return state


def _picture(browser: Any, base: str, shot: Shot, width: int, scheme: str, state: Any) -> None:
    from PIL import Image

    size = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(base_url=base, viewport=size, color_scheme=scheme, storage_state=state)
    page = context.new_page()
    page.goto(shot.path)
    shot.before(page)
    page.wait_for_timeout(300)
    height = min(page.evaluate("document.documentElement.scrollHeight"), LONGEST)
    raw = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    name = f"{shot.name}-{width}{'-dark' if scheme == 'dark' else ''}.png"
    Image.open(io.BytesIO(raw)).convert("RGB").quantize(128).save(OUT / name, optimize=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    sys.stdout.write(f"{name}{f'  scrolls sideways: {wide} px' if wide > width else ''}\n")
    context.close()


if __name__ == "__main__":
    import django

    django.setup()
    OUT.mkdir(parents=True, exist_ok=True)
    take(sys.argv[1], set(sys.argv[2:]))
