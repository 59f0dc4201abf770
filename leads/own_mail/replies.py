"""A reply that came to our mailbox takes its place in the talk: their own words, beside the mail they answer."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from leads.feedback.effects import Told
from leads.feedback.parts import header, parsed, texts
from leads.models import Inbound, OwnMail, Person
from leads.own_mail import threads
from leads.own_mail.words import answered, made_of, message_id_or_hash, own_words


def note(told: Told, *, row: Inbound) -> OwnMail | None:
    """The new row; None where this mail stands there already, because a colleague was faster to pass it on.

    `at` is that of the touch, so that a timeline tells the two as one.
    """
    person = told.whose
    if person is None:
        return None
    raw = bytes(row.body)
    mail = parsed(raw)
    parent, references = answered(mail)
    name, subject = message_id_or_hash(mail, raw), header(mail, "Subject")[:200]
    # Programs that answer without saying what: the mail that made us think it is a reply.
    parent = parent or (told.message.message_id if told.message else "")
    said: dict[str, Any] = {
        "message_id": name, "direction": OwnMail.Direction.IN, "subject": subject, "text": own_words(texts(mail)),
        "at": told.at,
    }  # fmt: skip
    with transaction.atomic():
        list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
        if threads.is_of_ours(name, person):  # an answer that bears the name of the mail it answers
            parent, name = parent or name, made_of(mail, raw)
            said["message_id"] = name
        if threads.twin(person=person, **said) is not None:
            return None
        thread = threads.thread_of(person=person, message_id=name, in_reply_to=parent, references=references)
        reply = OwnMail.objects.create(
            person=person, user=None, inbound=row, in_reply_to=parent, thread=thread, **said
        )
        threads.gather(reply)
    return reply
