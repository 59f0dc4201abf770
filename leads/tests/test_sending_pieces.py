"""The next piece: unseen, in the right language, and what moved similar people on; better than chance."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.core import mail as mailbox

from campaigns.models import Asset, AssetKind, Channel, MailLink, Persona
from campaigns.sequences import publish
from leads.consent import TRACKING, record_consent
from leads.models import Lead, LeadMove, Message, Person, PieceRecord, Touch
from leads.nurture import enrolment
from leads.nurture.advance import advance
from leads.sending import pieces
from leads.sending.delivery import deliver
from leads.sending.letters import letter
from leads.sending.pieces import Counts, Piece, Records, choose
from leads.tests.builders import NOON, a_lead, a_sequence
from leads.tests.mail_world import a_reader

pytestmark = pytest.mark.django_db
LONG_AGO = NOON - timedelta(days=200)


def an_open_piece(slug: str, **columns) -> Asset:
    given = {"title": slug.title(), "gated": False, "published_at": LONG_AGO, "journey_stage": "awareness"}
    return Asset.objects.create(slug=slug, kind=AssetKind.objects.get(slug="guide"), **(given | columns))


def a_persona(slug: str = "engineer") -> Persona:
    return Persona.objects.get_or_create(slug=slug, defaults={"name": slug})[0]


def read(person: Person, piece: Asset, at=NOON) -> None:
    channel = Channel.objects.get(slug="website")
    Touch.objects.create(person=person, kind="read", asset=piece, at=at, channel=channel)


def qualified(person: Person, at) -> None:
    LeadMove.objects.create(lead=person.lead, old="new", new="marketing_qualified", way="grade", at=at)


def history(piece: Asset, people: int, moved: int, persona: Persona | None = None) -> None:
    """So many leads read the piece long ago; so many of them qualified ten days later."""
    for number in range(people):
        person = a_lead(f"{piece.slug}{number}@old.example", at=LONG_AGO).person
        Lead.objects.filter(person=person).update(persona=persona, journey_stage="awareness")
        read(person, piece, at=LONG_AGO)
        if number < moved:
            qualified(person, LONG_AGO + timedelta(days=10))


def next_for(person: Person, language: str = "en") -> str:
    found = pieces.suggested(person, language=language, at=NOON)
    return found.asset.slug if found else ""


def test_what_moved_more_people_on_goes_first():
    dull, good = an_open_piece("dull"), an_open_piece("good")
    history(dull, 10, 1)
    history(good, 10, 7)
    pieces.refresh(at=NOON)
    assert next_for(a_lead().person) == "good"


def test_what_the_person_has_seen_is_not_offered_again():
    person = a_lead().person
    first, second = an_open_piece("first", published_at=NOON), an_open_piece("second")
    assert next_for(person) == "first"
    read(person, first)
    assert next_for(person) == "second"
    read(person, second)
    assert next_for(person) == ""


def test_a_piece_of_another_language_audience_or_persona_is_not_offered():
    an_open_piece("deutsch", language="de")
    an_open_piece("for-sales", audience=Asset.Audience.SALES)
    an_open_piece("for-buyers", persona=a_persona("buyer"))
    person = a_lead().person
    assert next_for(person) == ""
    assert next_for(person, language="de") == "deutsch"


def test_the_journey_stage_goes_before_the_share():
    person = a_lead().person
    Lead.objects.update(journey_stage="decision")
    early, _late = an_open_piece("early"), an_open_piece("late", journey_stage="decision")
    history(early, 10, 9)
    pieces.refresh(at=NOON)
    assert next_for(person) == "late"


def test_people_of_the_same_persona_count_more_than_all_others():
    engineer = a_persona()
    theirs, common = an_open_piece("theirs"), an_open_piece("common")
    history(theirs, 40, 2)
    history(common, 40, 20)
    for piece, moved in ((theirs, 45), (common, 2)):
        PieceRecord.objects.create(
            persona=engineer, journey_stage="awareness", asset=piece, people=50, moved=moved, counted_at=NOON
        )
    person = a_lead().person
    Lead.objects.filter(person=person).update(persona=engineer, journey_stage="awareness")
    assert next_for(person) == "theirs"


def test_one_lucky_reader_does_not_beat_a_hundred():
    lucky, solid = Asset(pk=1, published_at=NOON), Asset(pk=2, published_at=LONG_AGO)
    records = Records(
        by_piece={1: Counts(1, 1), 2: Counts(100, 60)},
        by_group={((None, ""), 1): Counts(1, 1), ((None, ""), 2): Counts(100, 60)},
        all=Counts(1000, 100),
    )
    found = choose([Piece(lucky, "/a/"), Piece(solid, "/b/")], group=(None, ""), seen=(), records=records)
    assert found is not None
    assert found.pk == 2


def test_only_people_whose_month_is_over_and_who_had_not_qualified_before_are_counted():
    piece = an_open_piece("one")
    history(piece, 4, 1)
    fresh, early, late = (a_lead(f"{name}@x.example").person for name in ("fresh", "early", "late"))
    read(fresh, piece, at=NOON - timedelta(days=5))
    read(early, piece, at=LONG_AGO)
    qualified(early, LONG_AGO - timedelta(days=1))
    read(late, piece, at=LONG_AGO)
    qualified(late, LONG_AGO + timedelta(days=31))
    pieces.refresh(at=NOON)
    counted = PieceRecord.objects.filter(asset=piece)
    assert (sum(row.people for row in counted), sum(row.moved for row in counted)) == (5, 1)


def test_on_a_planted_history_suggestions_beat_chance():
    chance = random.Random(7)
    truth = {an_open_piece(f"piece-{n}"): n / 20 for n in range(8)}  # 0 % to 35 %
    for piece, share in truth.items():
        history(piece, 60, sum(chance.random() < share for _one in range(60)))
    pieces.refresh(at=NOON)
    found = [truth[Asset.objects.get(slug=next_for(a_lead(f"n{n}@x.example").person))] for n in range(3)]
    at_random = sum(truth.values()) / len(truth)
    assert min(found) > at_random * 1.5


# In a mail.


def a_mail_with_room(person: Person | None = None) -> Message:
    sequence = a_sequence()
    sequence.steps.update(next_piece=True)
    publish(sequence=sequence, by=None, at=NOON)
    row = enrolment.enrol(person=person or a_reader(), sequence=sequence, at=NOON)
    advance(at=NOON)
    return Message.objects.select_related("enrolment__sequence__campaign", "step", "words", "person").get(
        enrolment=row
    )


def test_a_mail_with_room_names_the_piece_and_leads_to_it():
    an_open_piece("where-to-put-it", summary="Eleven places.")
    message = a_mail_with_room()
    assert pieces.give([message], at=NOON) == 1
    mail = letter(message, NOON)
    for part in (mail.html, mail.text):
        assert "Where-To-Put-It" in part
        assert "/r/where-to-put-it/" in part
        assert "Eleven places." in part


def test_with_consent_the_click_on_a_piece_is_counted(client):
    an_open_piece("where-to-put-it")
    message = a_mail_with_room()
    record_consent(person=message.person, purpose=TRACKING, given=True, at=NOON)
    pieces.give([message], at=NOON)
    link = MailLink.objects.get(words=message.words, position=pieces.FIRST_OF_PIECES)
    text = letter(message, NOON).text
    start = text.index("/c/", text.index("Read next"))
    answer = client.get(text[start : text.index(">", start)])
    assert answer.status_code == 302
    assert answer["Location"].startswith(link.target.partition("?")[0])


def test_a_message_gets_its_piece_once_and_the_next_mail_another():
    an_open_piece("one", published_at=NOON)
    an_open_piece("two")
    message = a_mail_with_room()
    assert pieces.give([message], at=NOON) == 1
    assert pieces.give([message], at=NOON) == 0
    assert Message.objects.get().piece.slug == "one"
    assert next_for(message.person) == "two"


def test_who_has_seen_everything_gets_a_mail_that_reads_well():
    message = a_mail_with_room()
    assert pieces.give([message], at=NOON) == 0
    mail = letter(message, NOON)
    assert "Read next" not in mail.html + mail.text
    assert "\n\n\n" not in mail.text


def test_a_piece_that_was_taken_away_leaves_its_room_empty():
    piece = an_open_piece("one")
    message = a_mail_with_room()
    pieces.give([message], at=NOON)
    Asset.objects.filter(pk=piece.pk).update(archived_at=NOON)
    assert "Read next" not in letter(message, NOON).html


def test_delivery_gives_each_mail_its_piece():
    an_open_piece("where-to-put-it")
    a_mail_with_room()
    deliver(slot="one", at=NOON)
    (sent,) = mailbox.outbox
    assert "/r/where-to-put-it/" in sent.body
    assert Message.objects.get().piece is not None


def test_a_batch_costs_the_same_queries_as_one(django_assert_max_num_queries):
    an_open_piece("one")
    first = a_mail_with_room()
    others = [a_reader(f"r{n}@x.example") for n in range(5)]
    for person in others:
        enrolment.enrol(person=person, sequence=first.enrolment.sequence, at=NOON)
    advance(at=NOON)
    rows = list(
        Message.objects.select_related("enrolment__sequence__campaign", "step", "words").order_by("pk")
    )
    with django_assert_max_num_queries(12 + 2 * len(rows)):
        assert pieces.give(rows, at=NOON) == 6
