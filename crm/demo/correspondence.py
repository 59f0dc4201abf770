"""A few talks by mail, so that a timeline has one: what the rep wrote, and the answer that waits on Today."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm.demo.world import World, message_id
from leads.models import Message, OwnMail
from leads.own_mail.writing import as_html
from prospects.models import Prospect

WORDS = (
    "Hello {name},\n\nthank you for your time. As promised, the sheet with both limits:\n"
    "https://www.averdahl.example/r/alarm-limits/\n\nSpeed and bore are all you need. Shall we go through it together "
    "on Thursday?\n\nBest regards\n{rep}"
)
SUBJECT = "The sheet with both limits"


def talk_before(world: World, prospect: Prospect, at: datetime, answer: str) -> None:
    """The mail that somebody answered at `at`, and the answer."""
    person, rep, key = prospect.person, prospect.owner, f"one:demo:{prospect.pk}"
    written = max(at - timedelta(hours=20), prospect.stage_since + timedelta(minutes=1))
    text = WORDS.format(name=person.first_name or "there", rep=rep.get_full_name() if rep else "Averdahl")
    message = world.add(
        Message(
            key=key, message_id=message_id(key), kind=Message.Kind.ONE_TO_ONE.value, person=person,
            to_address=person.email, subject=SUBJECT, body=as_html(text), state=Message.State.SENT.value, attempts=1,
            due_at=written, created_at=written, allowed_at=written, ground="owner's own mail to a prospect",
            claimed_at=written + timedelta(seconds=2), ended_at=written + timedelta(seconds=3), code="250",
            settled=True,
        )
    )  # fmt: skip
    thread = message.message_id
    world.add(
        OwnMail(
            person=person, user=rep, direction=OwnMail.Direction.OUT.value, sent_as=message, message_id=thread,
            thread=thread, subject=SUBJECT, text=text, at=written, recorded_at=written,
        )
    )  # fmt: skip
    quoted = "\n".join(f"> {line}" for line in text.split("\n")[:3])
    world.add(
        OwnMail(
            person=person, direction=OwnMail.Direction.IN.value, message_id=message_id(f"answer:{key}"),
            in_reply_to=thread, thread=thread, subject=f"Re: {SUBJECT}", text=f"{answer}\n\n{quoted}", at=at,
            recorded_at=at,
        )
    )  # fmt: skip
