"""The messages a lease looks at, with all that is asked of them: a few trips for the whole lease.

Of a message, its person and its walk only the columns are read that a mail needs (any other is read when it is asked
for); what many mails share, such as a sequence or its words, is read once and given to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, Model

from campaigns.models import Campaign, Offer, PublishedStep, PublishedWords
from campaigns.models import Sequence as MailSequence
from leads.models import Enrolment, Message, Person, Submission
from leads.sending.questions import Many, Question, among, answers, as_row

_IDS = Many("ids", BigIntegerField())
_OF_MESSAGE = (
    "id",
    "key",
    "message_id",
    "kind",
    "person_id",
    "enrolment_id",
    "step_id",
    "words_id",
    "piece_id",
    "submission_id",
    "subject",
    "state",
    "attempts",
    "resends",
    "due_at",
)
_OF_PERSON = (
    "id",
    "email",
    "email_key",
    "first_name",
    "last_name",
    "job_title",
    "company_name",
    "country",
    "language",
    "time_zone",
    "sales_open",
    "sales_owner_id",
    "merged_into_id",
    "erased_at",
)
_OF_WALK = ("id", "person_id", "sequence_id", "version_id", "state", "exit_reason")
_NEEDED = {Message: _OF_MESSAGE, Person: _OF_PERSON, Enrolment: _OF_WALK}


def read(ids: Sequence[int]) -> list[Message]:
    """These messages, in this order."""
    if not ids:
        return []
    found = _read((Message, set(ids)))[0]
    messages = [found[pk] for pk in ids]
    people, walks, steps, words = _read(
        (Person, _numbers(messages, "person_id")),
        (Enrolment, _numbers(messages, "enrolment_id")),
        (PublishedStep, _numbers(messages, "step_id")),
        (PublishedWords, _numbers(messages, "words_id")),
    )
    _give(messages, "person", people)
    _give(messages, "enrolment", walks)
    _give(messages, "step", steps)
    _give(messages, "words", words)
    _give(messages, "submission", _submissions(_numbers(messages, "submission_id")))
    _share(list(people.values()), list(walks.values()), list(words.values()))
    return messages


def _share(people: Sequence[Any], walks: Sequence[Any], words: Sequence[Any]) -> None:
    sequences, offers = _read(
        (MailSequence, _numbers(walks, "sequence_id")), (Offer, _numbers(words, "offer_id"))
    )
    _give(walks, "sequence", sequences)
    _give(words, "offer", offers)
    (campaigns,) = _read((Campaign, _numbers(sequences.values(), "campaign_id")))
    _give(sequences.values(), "campaign", campaigns)
    owners = _numbers(campaigns.values(), "owner_id") | _numbers(people, "sales_owner_id")
    (users,) = _read((get_user_model(), owners))
    _give(campaigns.values(), "owner", users)
    _give(people, "sales_owner", users)


def _submissions(numbers: set[int]) -> dict[int, Any]:
    """Of mail that was asked for; few of a lease are."""
    if not numbers:
        return {}
    return Submission.objects.select_related("page__asset__kind").in_bulk(numbers)


def _numbers(rows: Iterable[Model], column: str) -> set[int]:
    return {number for row in rows if (number := getattr(row, column)) is not None}


def _give(rows: Iterable[Any], name: str, found: dict[int, Any]) -> None:
    """Each row the thing that its column names."""
    column = f"{name}_id"
    for row in rows:
        row._state.fields_cache[name] = found.get(getattr(row, column))


def _read(*wanted: tuple[type[Model], set[int]]) -> list[dict[int, Any]]:
    """Of each model the rows with these numbers, by number."""
    asked = [(model, _whole(model).of(ids=numbers)) for model, numbers in wanted if numbers]
    rows = dict(zip((model for model, _of in asked), answers(*(of for _model, of in asked)), strict=True))
    return [
        {row[0]: as_row(model, _columns(model), row) for row in rows.get(model, ())} for model, _n in wanted
    ]


@cache
def _whole(model: Any) -> Question:
    return Question(model.objects.filter(among("pk", _IDS)).order_by().values_list(*_columns(model)))


@cache
def _columns(model: Any) -> tuple[str, ...]:
    """The number first."""
    if model in _NEEDED:
        return _NEEDED[model]
    names = [field.attname for field in model._meta.concrete_fields]
    number = model._meta.pk.attname
    return (number, *(name for name in names if name != number))
