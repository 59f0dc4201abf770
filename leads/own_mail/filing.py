"""Files a mail that came in by a colleague's private address with the people it was written to, or came from.

The key in the address is a secret, but not proof enough to write on somebody's timeline: the mail must also be sent
from that colleague's own address, or one of our domain, and the receiving server must not say that it was forged
(DMARC, RFC 7489, by the Authentication-Results of RFC 8601). What is not filed is kept with why. Nobody is answered.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from email.message import Message
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from campaigns.errors import Conflict
from leads.feedback import effects
from leads.feedback.automatic import is_automatic
from leads.feedback.effects import Told
from leads.feedback.matching import key_of
from leads.feedback.parts import addresses as addresses_in
from leads.feedback.parts import header
from leads.models import FilingAddress, Inbound, OwnMail, Person, UnfiledMail
from leads.own_mail import addresses, threads
from leads.own_mail.forwarded import made_up
from leads.own_mail.letters import OUT, Letter, read_letter
from leads.sending.headers import is_ours
from leads.signals import own_mail_filed

log = logging.getLogger(__name__)
FILED, UNFILED = "filed", "unfiled"
Why = UnfiledMail.Why


def file(*, row: Inbound, mail: Message, keys: list[str]) -> str | None:
    """What became of it, or None where no colleague sent it: then it is judged like any other mail.

    Call inside the transaction that holds the inbound row. Twice, and from several colleagues, is once.
    """
    sender = next(iter(addresses_in(mail, "From")), "")
    holders = addresses.holders(keys)
    holder = next((one for one in holders if _is_own(one.user, sender)), holders[0] if holders else None)
    if holder is None:
        return None if is_forged(mail) else _old_address(row, mail, sender)
    if not (_is_own(holder.user, sender) or is_ours(sender)):
        return None
    if is_automatic(mail):
        return "auto_reply"
    if is_forged(mail):
        return keep(row=row, user=holder.user, mail=mail, why=Why.SENDER)
    if holder.off_at or not holder.user.is_active:
        log.info("Inbound %s: the filing address of user %s is switched off", row.pk, holder.user_id)
        return keep(row=row, user=holder.user, mail=mail, why=Why.OFF)
    return _file_with_all(row, mail, holder.user, author=_author(holder.user, sender))


def file_aside(*, row: Inbound, mail: Message, keys: list[str]) -> str | None:
    """A mail of a stranger by a private address, which is no answer to anything of ours: its owner may look at it."""
    holder = next(iter(addresses.holders(keys)), None)
    return keep(row=row, user=holder.user, mail=mail, why=Why.SENDER) if holder else None


def letter_of(row: Inbound, mail: Message) -> Letter:
    """What is to be filed. Colleagues are known by our domain and by their own addresses elsewhere."""
    emails = get_user_model().objects.filter(is_active=True).exclude(email="").values_list("email", flat=True)
    own = {key_of(email) for email in [*emails, settings.FILING_ADDRESS, settings.BOUNCE_ADDRESS]} - {""}
    return read_letter(
        mail,
        bytes(row.body),
        is_ours=lambda one: is_ours(one) or key_of(one) in own or bool(addresses.key_of(one)),
        received_at=row.received_at,
        zone=timezone.get_default_timezone(),
    )


def whose(address: str) -> Person | None:
    """The person with this address; of two merged people the one who stayed."""
    key = key_of(address)
    rows = Person.objects.select_related("merged_into").filter(email_key=key, erased_at=None)
    person = rows.first() if key else None
    while person is not None and person.merged_into is not None:
        person = person.merged_into
    return person


def refusal(*, user: Any, person: Person) -> str:
    """Whose the person is, in words, where this colleague may not see them; empty where they may."""
    rule: Callable[..., str] = import_string(settings.FILING_RULE)
    return rule(user=user, person=person)


def put(*, letter: Letter, person: Person, user: Any, row: Inbound) -> OwnMail:
    """The row of one person's talk, once, and what hangs on it. `user` wrote it, or passed it on.

    Of two people who were merged meanwhile it is the one who stayed; Conflict where they were forgotten meanwhile.
    """
    with transaction.atomic():
        person = _who_stayed(person)
        letter = _with_own_name(letter, person)
        twin = threads.twin(person=person, **letter.said)
        if twin is not None:
            return twin
        thread = threads.thread_of(
            person=person,
            message_id=letter.message_id,
            in_reply_to=letter.in_reply_to,
            references=letter.references,
        )
        mail = OwnMail.objects.create(
            person=person,
            user=user,
            inbound=row,
            in_reply_to=letter.in_reply_to,
            thread=thread,
            **letter.said,
        )
        threads.gather(mail)
        _tell(mail, letter, row)
    return mail


def _who_stayed(person: Person) -> Person:
    """Locked, as they are now."""
    now = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    while now.merged_into_id:
        now = Person.objects.select_for_update(no_key=True).get(pk=now.merged_into_id)
    if now.erased_at:
        raise Conflict(now=_("This person was forgotten, as they asked."))
    return now


def _with_own_name(letter: Letter, person: Person) -> Letter:
    """A mail of theirs cannot have the Message-ID of one of ours: its head named the mail that it answers."""
    if letter.direction == OUT or not threads.is_of_ours(letter.message_id, person):
        return letter
    sender = person.email_key or ""
    name = made_up(sender, letter.at, letter.subject, letter.text)
    return replace(letter, message_id=name, in_reply_to=letter.in_reply_to or letter.message_id)


def _tell(mail: OwnMail, letter: Letter, row: Inbound) -> None:
    """Theirs is an answer like one that came to our mailbox, but for the follow-up: the colleague has read it."""
    if letter.direction == OUT:
        own_mail_filed.send_robust(sender=OwnMail, mail_id=mail.pk)
        return
    digest = hashlib.sha256(f"{mail.message_id}\n{mail.person_id}".encode()).hexdigest()
    told = Told(
        key=f"filed:{digest}", at=mail.at, message=threads.ours(letter.names), person=mail.person, inbound=row,
        words=" ".join((mail.text or mail.subject).split()),
    )  # fmt: skip
    effects.replied(told, subject=mail.subject, text=mail.text, asks=False)


def keep(
    *, row: Inbound, user: Any, mail: Message, why: str, address: str = "", name: str = "", owner: str = ""
) -> str:
    """It stands on the colleague's page until they say what to do with it."""
    UnfiledMail.objects.get_or_create(
        inbound=row, user=user, address=address[:254],
        defaults={
            "name": name[:120], "subject": header(mail, "Subject")[:200], "why": why, "owner": owner[:150],
            "at": row.received_at,
        },
    )  # fmt: skip
    return UNFILED


def _file_with_all(row: Inbound, mail: Message, user: Any, *, author: Any) -> str:
    """In the order of the persons, whose rows are locked one after the other. `user` is whose key it came by."""
    letter = letter_of(row, mail)
    if not letter.people:
        return keep(row=row, user=user, mail=mail, why=Why.NO_ADDRESS)
    known = [(address, name, whose(address)) for address, name in letter.people]
    filed = False
    for address, name, person in sorted(known, key=lambda one: one[2].pk if one[2] else 0):
        no = refusal(user=user, person=person) if person else ""
        if person is None or no:
            why = Why.NOT_YOURS if person else Why.NOBODY
            keep(row=row, user=user, mail=mail, why=why, address=address, name=name, owner=no)
            continue
        try:
            put(letter=letter, person=person, user=author, row=row)
        except Conflict:
            keep(row=row, user=user, mail=mail, why=Why.NOBODY, address=address, name=name)
        else:
            filed = True
    return FILED if filed else UNFILED


def _author(holder: Any, sender: str) -> Any:
    """Who wrote a mail that came by the key of `holder`: a colleague who answers all has the key in copy, too."""
    if _is_own(holder, sender):
        return holder
    others = get_user_model().objects.filter(email__iexact=sender, is_active=True)
    return others.order_by("pk").first() or holder


def _is_own(user: Any, sender: str) -> bool:
    return key_of(sender) == key_of(user.email) != ""


def is_forged(mail: Message) -> bool:
    """The topmost is the word of our own server; whatever stands below may be the sender's."""
    return "dmarc=fail" in header(mail, "Authentication-Results").lower()


def _old_address(row: Inbound, mail: Message, sender: str) -> str | None:
    """A key that was renewed: nothing is filed by it, but whoever still uses it learns of that."""
    rows = FilingAddress.objects.filter(user__email__iexact=sender, user__is_active=True)
    holder = rows.select_related("user").first() if sender else None
    return keep(row=row, user=holder.user, mail=mail, why=Why.OFF) if holder else None
