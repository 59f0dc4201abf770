"""The next piece for one person: what they have not seen yet and what moved people like them on.

Counted each night into `PieceRecord`: of the people of a persona and journey stage who met a piece, how many became
marketing-qualified within `WITHIN_DAYS`. A mail asks only for what one batch of people has seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import translation

from campaigns import library
from campaigns.kept import Kept
from campaigns.mail import compose
from campaigns.models import Asset, MailLink, PublishedWords
from campaigns.sequences import tagged
from leads.models import Lead, LeadStatus, Message, Person, PieceRecord, Touch

WITHIN_DAYS = 30
WEIGHT = 20  # so many people count as much as what is known of everybody else
NOT_SENT = (Message.State.CANCELLED, Message.State.SUPPRESSED, Message.State.FAILED)
MET = ("download", "read", "click", "form", "event")  # an act; a visit to the page of a piece is none

Group = tuple[int | None, str]  # persona, journey stage


@dataclass(frozen=True)
class Piece:
    """A piece that may be suggested, with what is known of it. ``url`` is a path of this site."""

    asset: Asset
    url: str

    @property
    def pk(self) -> int:
        return self.asset.pk


@dataclass(frozen=True)
class Counts:
    """Of ``of`` people who met a piece, ``moved`` went on."""

    of: int = 0
    moved: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.of + other.of, self.moved + other.moved)

    def share(self, usual: float) -> float:
        """The share, drawn towards what is usual while few were counted."""
        return (self.moved + WEIGHT * usual) / (self.of + WEIGHT)


@dataclass
class Records:
    """What was counted, by group and piece, by piece, and in all."""

    by_group: dict[tuple[Group, int], Counts] = field(default_factory=dict)
    by_piece: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    all: Counts = Counts()

    def share(self, group: Group, piece: int) -> float:
        """How likely this piece moves somebody of this group on, counted on the group, else on everybody."""
        usual = self.all.moved / self.all.of if self.all.of else 0.0
        everybody = self.by_piece.get(piece, Counts()).share(usual)
        return self.by_group.get((group, piece), Counts()).share(everybody)


def choose(pieces: Iterable[Piece], *, group: Group, seen: Collection[int], records: Records) -> Piece | None:
    """The best piece for a person of this group; None when they have seen all that is for them. Pure.

    What is written for another persona is none for them. What is of their journey stage goes before all else; then
    counts the share of people it moved on; then the newest.
    """
    persona, stage = group
    fits = [piece for piece in pieces if piece.pk not in seen and piece.asset.persona_id in (None, persona)]
    if not fits:
        return None
    return max(
        fits,
        key=lambda piece: (
            not stage or piece.asset.journey_stage == stage,
            round(records.share(group, piece.pk), 6),
            piece.asset.persona_id is not None,
            piece.asset.published_at,
            piece.pk,
        ),
    )


def suggested(person: Person, *, language: str, at: datetime) -> Piece | None:
    """What this person would be given now. Writes nothing."""
    group = _groups([person.pk]).get(person.pk, (None, ""))
    pieces = _pieces(language, at)
    seen = _seen([person.pk], pieces).get(person.pk, set())
    return choose(pieces, group=group, seen=seen, records=_records("all"))


def give(messages: Sequence[Message], *, at: datetime) -> int:
    """Fill the room left for a piece in these messages, each once; returns how many got one.

    A few queries for all of them together. Whoever has seen everything gets a mail without.
    """
    open_rows = [row for row in messages if row.step and row.step.next_piece and row.piece_id is None]
    if not open_rows:
        return 0
    people = [row.person_id for row in open_rows]
    groups, records, given = _groups(people), _records("all"), 0
    for language in {_language(row) for row in open_rows}:
        pieces = _pieces(language, at)
        seen = _seen(people, pieces)
        for row in (row for row in open_rows if _language(row) == language):
            group = groups.get(row.person_id, (None, ""))
            found = choose(pieces, group=group, seen=seen.get(row.person_id, set()), records=records)
            if found and Message.objects.filter(pk=row.pk, piece=None).update(piece=found.asset):
                row.piece = found.asset
                _link(row, found)
                given += 1
    return given


def words(piece: Piece, language: str, url: str = "") -> dict[str, str]:
    """Its merge fields (`campaigns.mail.merge.PIECE`), led to ``url`` or straight to its page."""
    with translation.override(language):
        kind = piece.asset.kind.word
    return {
        "title": piece.asset.title,
        "summary": " ".join(piece.asset.summary.split()),
        "url": url or compose.absolute(piece.url),
        "kind": kind,
    }


def reachable(asset_id: int, language: str, *, at: datetime) -> Piece | None:
    """A piece that a message was given, if it can still be reached."""
    return next((piece for piece in _pieces(language, at) if piece.pk == asset_id), None)


def refresh(*, at: datetime) -> dict[str, int]:
    """Job of the night: count anew what moved people on. Returns counts: records, people."""
    rows = _counted(at)
    with transaction.atomic():
        PieceRecord.objects.all().delete()
        PieceRecord.objects.bulk_create(
            PieceRecord(
                persona_id=persona,
                journey_stage=stage,
                asset_id=asset,
                people=people,
                moved=moved,
                counted_at=at,
            )
            for persona, stage, asset, people, moved in rows
        )
    _records.forget()
    return {"records": len(rows), "people": sum(row[3] for row in rows)}


def _counted(at: datetime) -> list[tuple[int | None, str, int, int, int]]:
    """One statement. Left out: who met the piece less than ``WITHIN_DAYS`` ago (nobody knows yet), and who had
    qualified before they met it."""
    later = (
        f"f.at + interval '{WITHIN_DAYS} days'"
        if connection.vendor == "postgresql"
        else f"datetime(f.at, '+{WITHIN_DAYS} days')"
    )
    marks = ", ".join(["%s"] * len(MET))
    sql = f"""
        WITH met AS (
            SELECT person_id, asset_id, MIN(at) AS at FROM leads_touch
            WHERE asset_id IS NOT NULL AND kind IN ({marks}) GROUP BY person_id, asset_id
        ), qualified AS (
            SELECT lead_id, MIN(at) AS at FROM leads_leadmove WHERE new = %s GROUP BY lead_id
        )
        SELECT l.persona_id, l.journey_stage, f.asset_id, COUNT(*),
               SUM(CASE WHEN q.at <= {later} THEN 1 ELSE 0 END)
        FROM met f JOIN leads_lead l ON l.person_id = f.person_id LEFT JOIN qualified q ON q.lead_id = l.id
        WHERE f.at <= %s AND (q.at IS NULL OR q.at > f.at)
        GROUP BY l.persona_id, l.journey_stage, f.asset_id"""
    ripe = at - timedelta(days=WITHIN_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [*MET, LeadStatus.MARKETING_QUALIFIED, connection.ops.adapt_datetimefield_value(ripe)]
        )
        return [tuple(row) for row in cursor.fetchall()]


def _read_records(_key: object) -> Records:
    found = Records()
    for row in PieceRecord.objects.all():
        counts = Counts(row.people, row.moved)
        found.by_group[(row.persona_id, row.journey_stage), row.asset_id] = counts
        found.by_piece[row.asset_id] += counts
        found.all += counts
    return found


_records = Kept(_read_records)


def _pieces(language: str, at: datetime) -> list[Piece]:
    return [
        Piece(asset, library.card(asset).url) for asset in library.pieces(at=at).filter(language=language)
    ]


def _groups(people: Collection[int]) -> dict[int, Group]:
    leads = Lead.objects.filter(person__in=people)
    return {row[0]: (row[1], row[2]) for row in leads.values_list("person_id", "persona_id", "journey_stage")}


def _seen(people: Collection[int], pieces: Sequence[Piece]) -> dict[int, set[int]]:
    """Person → pieces they touched, sent a form for, were given in a mail or led to by a link of a mail."""
    seen: dict[int, set[int]] = defaultdict(set)
    touches = Touch.objects.filter(person__in=people)
    for person, asset in touches.exclude(asset=None).values_list("person_id", "asset_id"):
        seen[person].add(asset)
    forms = touches.filter(kind__in=("form", "inquiry")).exclude(page__asset=None)
    for person, asset in forms.values_list("person_id", "page__asset_id"):
        seen[person].add(asset)
    mails = Message.objects.filter(person__in=people).exclude(state__in=NOT_SENT)
    for person, asset in mails.exclude(piece=None).values_list("person_id", "piece_id"):
        seen[person].add(asset)
    by_path = {piece.url: piece.pk for piece in pieces}
    sent = list(
        mails.filter(state=Message.State.SENT).exclude(words=None).values_list("person_id", "words_id")
    )
    led = _led_to({words for _person, words in sent}, by_path)
    for person, mailed in sent:
        seen[person] |= led.get(mailed, set())
    return seen


def _led_to(words: Collection[int], by_path: Mapping[str, int]) -> dict[int, set[int]]:
    """Words → pieces that one of their own links leads to."""
    found: dict[int, set[int]] = defaultdict(set)
    links = MailLink.objects.filter(words__in=words, source__in=by_path, position__lt=FIRST_OF_PIECES)
    for mailed, source in links.values_list("words_id", "source"):
        found[mailed].add(by_path[source])
    return found


# Links of pieces are numbered apart: they belong to some of the people, the words' own to everybody.
FIRST_OF_PIECES = 10_000


def _link(row: Message, piece: Piece) -> MailLink:
    """The link of a piece in these words: made when it is first used, once."""
    assert row.step is not None
    assert row.enrolment is not None
    mailed = _words(row)
    source = source_of(piece)
    while True:
        found = MailLink.objects.filter(words=mailed, source=source).first()
        if found:
            return found
        links = MailLink.objects.filter(words=mailed, position__gte=FIRST_OF_PIECES)
        last = links.aggregate(last=Max("position"))["last"] or FIRST_OF_PIECES - 1
        target = tagged(piece.url, row.enrolment.sequence, row.step.position)
        try:
            with transaction.atomic():
                return MailLink.objects.create(words=mailed, position=last + 1, source=source, target=target)
        except IntegrityError:
            continue  # another sender was faster with this number


def source_of(piece: Piece) -> str:
    """What a piece's link is kept by: not its path, which the words may name themselves."""
    return f"piece:{piece.pk}"


def _words(row: Message) -> PublishedWords:
    if row.words is not None:
        return row.words
    assert row.step is not None
    return row.step.words.get(persona=None, variant=PublishedWords.Variant.A)


def _language(row: Message) -> str:
    return _words(row).language
