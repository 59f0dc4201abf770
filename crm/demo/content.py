"""Writes what Averdahl publishes: topics, assets with their files, landing pages, mails, published sequences."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from openpyxl import Workbook
from openpyxl.styles import Font

from campaigns.models import (
    Asset,
    AssetKind,
    Campaign,
    ConsentText,
    EmailTemplate,
    FormField,
    LandingPage,
    PageBlock,
    PageState,
    Persona,
    Sequence,
    SequenceStep,
    Topic,
)
from campaigns.sequences import publish
from crm.demo import flows, pdf
from crm.demo.articles import ARTICLES
from crm.demo.assets import PIECES, TOPICS, Piece
from crm.demo.mails import BYE, HELLO, SEQUENCES, TEMPLATES
from crm.demo.pages import PAGES, SHORT_PAGES, WHAT_NEXT, Page

INDUSTRIES = [
    "Food and drink", "Paper and packaging", "Chemicals", "Metal and machines", "Water and energy",
    "Something else",
]  # fmt: skip
HEARD_FROM = ("A colleague", "A search", "A trade fair", "A podcast", "LinkedIn", "Something else")
CHOICES = {
    "industry": "\n".join(INDUSTRIES),
    "company_size": "1–29\n30–99\n100–499\n500–1,000\nover 1,000",
    "heard_from": "\n".join(HEARD_FROM),
}
EMAIL_HELP = "The link goes here. Private addresses work too."
LABELS = {"industry": "What does your plant make?", "message": "What should we know?", "email": "Work e-mail"}
SMALL_PRINT = (
    "We use your details to send what you asked for and to answer you. Nobody calls unless you ask. "
    "Deleted 24 months after your last visit."
)


def library(who: dict[str, Persona], now: datetime) -> dict[str, Asset]:
    """Topics and assets with their files, by slug."""
    topics = {
        slug: Topic.objects.create(slug=slug, name=name, palette=palette, order=10 * order)
        for order, (slug, name, palette) in enumerate(TOPICS, 1)
    }
    kinds = {kind.slug: kind for kind in AssetKind.objects.all()}
    made = {}
    for piece in PIECES:
        asset = Asset(
            slug=piece.slug, title=piece.title, summary=piece.summary, kind=kinds[piece.kind],
            topic=topics[piece.topic], gated=piece.gated, persona=who.get(piece.persona),
            journey_stage=piece.stage, length=piece.length, art=piece.art, link=piece.link,
            body=ARTICLES.get(piece.slug, "").strip(), featured=piece.slug == "bearing-white-paper",
            published_at=now.replace(hour=7, minute=30) - timedelta(days=piece.days_ago),
            audience=Asset.Audience.SALES if piece.sales_only else Asset.Audience.PUBLIC,
        )  # fmt: skip
        _give_file(asset, piece)
        asset.save()
        made[piece.slug] = asset
    return made


def _give_file(asset: Asset, piece: Piece) -> None:
    if piece.slug == "business-case":
        asset.file.save(f"{piece.slug}.xlsx", ContentFile(_spreadsheet()), save=False)
    elif piece.pages:
        asset.file.save(f"{piece.slug}.pdf", ContentFile(_booklet(piece)), save=False)


def _booklet(piece: Piece) -> bytes:
    """A readable extract: title sheet, then one sheet for each line of "What's inside"."""
    page = next((page for page in PAGES if page.asset == piece.slug), None)
    inside = [block for block in page.blocks if block[0] in ("inside", "point")] if page else []
    sheets = [pdf.lines_of(piece.title, [piece.summary, piece.length, "Averdahl Sensing AG"], size=26)]
    for _kind, heading, text, _note in inside[: piece.pages]:
        said = text or "This sheet stands for the chapter of the same name. The demo ships an extract only."
        sheets.append(pdf.lines_of(heading, [said, "Questions? Answer the mail that brought you this file."]))
    return pdf.document(title=piece.title, sheets=sheets)


def _spreadsheet() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Business case"
    rows: list[tuple[Any, ...]] = [
        ("", "Ours", "Yours"), ("Unplanned stops a year, hours", 211, ""), ("One stopped hour costs, CHF", 6400, ""),
        ("Share that can be seen coming", 0.38, ""), ("Saved a year, CHF", "=B2*B3*B4", "=C2*C3*C4"),
        ("Sensors", 50, ""), ("One sensor mounted, CHF", 640, ""), ("Spent once, CHF", "=B6*B7", "=C6*C7"),
        ("Paid back after months", "=12*B8/B5", "=IF(C5>0,12*C8/C5,\"\")"),
    ]  # fmt: skip
    for row in rows:
        sheet.append(row)
    sheet.column_dimensions["A"].width = 38
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sequences(
    plans: dict[str, Campaign], people: dict[str, Any], who: dict[str, Persona], now: datetime
) -> dict[str, Sequence]:
    """Templates, sequences with their steps, published fourteen months ago by marketing."""
    began = now - timedelta(days=428)
    templates = {}
    for slug, name, subject, preview, body in TEMPLATES:
        templates[slug] = EmailTemplate.objects.create(
            slug=slug, name=name, subject=subject, preheader=preview, body=f"{HELLO}\n{body}\n{BYE}"
        )
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    made = {}
    for slug, name, campaign, topic, goal, steps in SEQUENCES:
        sequence = Sequence.objects.create(
            slug=slug, name=name, campaign=plans[campaign], topic=topics[topic], goal=goal,
            persona=plans[campaign].persona,
        )  # fmt: skip
        for order, (template, hours) in enumerate(steps, 1):
            SequenceStep.objects.create(
                sequence=sequence, order=order, template=templates[template], delay_hours=hours
            )
        made[slug] = sequence
        if slug != flows.BRANCHING:
            publish(sequence=sequence, by=people["ines"], at=began)
    flows.write(plans, people, who, made, now)
    for sequence in made.values():
        sequence.refresh_from_db()
    return made


def pages(
    assets: dict[str, Asset], plans: dict[str, Campaign], mails: dict[str, Sequence], people: dict[str, Any]
) -> dict[str, LandingPage]:
    """All landing pages with blocks and form fields, by slug."""
    consent = ConsentText.objects.filter(purpose=ConsentText.Purpose.MARKETING).first()
    words = ConsentText.objects.create(
        purpose=ConsentText.Purpose.MARKETING, language="en", version=(consent.version if consent else 0) + 1,
        text="Send me field notes on sensors and machines, about twice a month. One click ends it.",
    )  # fmt: skip
    every = [*PAGES, *(_short_page(assets[slug], campaign) for slug, campaign in SHORT_PAGES.items())]
    return {page.slug: _page(page, assets, plans, mails, people, words) for page in every}


def _short_page(asset: Asset, campaign: str) -> Page:
    return Page(
        asset.slug, asset.title, asset.summary, asset=asset.slug, campaign=campaign, facts=asset.length,
        blocks=[
            ("point", "Measured, not guessed", "Every figure in it comes from our own bench or a named plant.", ""),
            ("point", "Short enough for one sitting", f"{asset.length}, and the summary stands first.", ""),
            ("point", "Made to be passed on", "Inside your company, and to your suppliers.", ""),
            *WHAT_NEXT,
        ],
    )  # fmt: skip


def _page(
    page: Page, assets: dict, plans: dict, mails: dict, people: dict, consent: ConsentText
) -> LandingPage:
    row = LandingPage(
        slug=page.slug, title=page.title, lead_text=page.lead, kicker=page.kicker, facts_line=page.facts,
        asset=assets.get(page.asset), campaign=plans[page.campaign], inquiry=page.inquiry,
        state=PageState.PUBLISHED, form_title=page.form_title, button=page.button, small_print=SMALL_PRINT,
        consent_text=consent, double_opt_in=page.double_opt_in, sequence=mails.get(page.sequence),
    )  # fmt: skip
    row._history_user = people["ines"]  # type: ignore[attr-defined]
    row.save()
    PageBlock.objects.bulk_create(
        PageBlock(page=row, order=order, kind=kind, heading=heading, text=text, note=note)
        for order, (kind, heading, text, note) in enumerate(page.blocks)
    )
    FormField.objects.bulk_create(_field(row, order, name) for order, name in enumerate(page.fields))
    return row


def _field(page: LandingPage, order: int, asked: str) -> FormField:
    """`asked` as crm/demo/pages.py writes it: `name`, `name?` or `name?+`."""
    name = asked.rstrip("?+")
    return FormField(
        page=page, order=order, maps_to=name, required="?" not in asked, later=asked.endswith("+"),
        choices=CHOICES.get(name, ""), label=LABELS.get(name, ""),
        help_text=EMAIL_HELP if name == "email" and not page.inquiry else "",
    )  # fmt: skip
