"""Everything a story needs at hand, loaded once: channels, campaigns, pages, sequences, rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.models import (
    Asset,
    Campaign,
    Channel,
    ConsentText,
    LandingPage,
    MailLink,
    PublishedStep,
    PublishedWords,
    Sequence,
)
from crm.demo.people import Town
from crm.demo.world import World
from leads.models import ScoringModel
from leads.scoring.rules import Setup

# What people read us with.
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
)  # fmt: skip


@dataclass
class Cast:
    """`steps`: of each sequence the published steps in order; `words`: of each step; `links`: of each wording.

    The letter is the mailing that everybody got who could be written to at `letter_at`.
    """

    world: World
    town: Town
    users: dict[str, Any]
    channels: dict[str, Channel]
    plans: dict[str, Campaign]
    pages: dict[str, LandingPage]
    assets: dict[str, Asset]
    steps: dict[int, list[PublishedStep]]
    links: dict[int, list[MailLink]]
    words: dict[int, list[PublishedWords]]
    letter: Sequence
    letter_at: datetime
    consent: ConsentText
    model: ScoringModel
    setup: Setup

    @property
    def open_pieces(self) -> list[Asset]:
        """Pieces of the library that are read in place."""
        return [asset for asset in self.assets.values() if not asset.gated and asset.audience == "public"]


def published(
    sequences: dict[str, Sequence],
) -> tuple[dict[int, list], dict[int, list], dict[int, list[PublishedWords]]]:
    """Steps by sequence id, links by the id of their words, words by step id."""
    steps: dict[int, list[PublishedStep]] = {}
    links: dict[int, list[MailLink]] = {}
    words: dict[int, list[PublishedWords]] = {}
    for sequence in sequences.values():
        version = sequence.versions.order_by("-number").first()
        assert version is not None
        steps[sequence.pk] = list(version.steps.order_by("position"))
        for step in steps[sequence.pk]:
            words[step.pk] = list(step.words.all())
            for one in words[step.pk]:
                links[one.pk] = list(MailLink.objects.filter(words=one).order_by("position"))
    return steps, links, words
