"""Notes: what was said in words of our own, with colleagues named by @ and files kept beside it.

Whoever is named hears of the note and may read it, and nothing else of the prospect: the words are the writer's to
share. Files stay with those who see the prospect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from prospects import notices
from prospects.models import Mention, Note, NoteFile, Notice, Prospect
from prospects.note_files import refuse_unfit, stored
from prospects.pressed_twice import twin_of
from prospects.transitions import lock, refuse_stranger

MAY_BE_NAMED = "prospects.work_prospects"
# Not in the middle of an address: a@b.example names nobody.
NAMED = re.compile(r"(?<![\w.+-])@([\w.+-]{1,150})")
TEXT_LENGTH = 5000


def write(
    *,
    prospect: Prospect,
    text: str,
    by: Any,
    at: datetime,
    files: Sequence[UploadedFile] = (),
    submit_key: Any = None,
) -> Note:
    """Keep a note, on a closed cycle as well. A twin of the form answers with the first one.

    Raises Refused for a stranger, and for a file that is too large or of a kind we do not keep.
    """
    refuse_unfit(files)
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = twin_of(Note, submit_key, prospect=prospect)
        if twin is not None:
            return twin
        note = Note.objects.create(prospect=prospect, text=text, by=by, at=at, submit_key=submit_key)
        _tell(note, named_in(text), at)
        for file in files:
            stored(note, file)
    return note


def named_in(text: str) -> list[Any]:
    """The colleagues of sales that `text` names by @; other names stay words."""
    names = {name.rstrip(".-+").lower() for name in NAMED.findall(text)}
    if not names:
        return []
    # One list, not a chain of "or": a long note has more names than SQLite nests.
    everybody = get_user_model().objects.annotate(as_written=Lower("username"))
    found = everybody.filter(as_written__in=names, is_active=True).order_by("pk")
    return [user for user in found if user.has_perm(MAY_BE_NAMED)]


def unknown_names(text: str) -> list[str]:
    """What was written with @ and names no colleague of sales: the page says so, once."""
    known = {user.get_username().lower() for user in named_in(text)}
    names = dict.fromkeys(name.rstrip(".-+") for name in NAMED.findall(text))
    return [name for name in names if name.lower() not in known]


def _tell(note: Note, users: Iterable[Any], at: datetime) -> None:
    rows = []
    for user in users:
        Mention.objects.get_or_create(note=note, user=user)
        if note.by_id != user.pk:
            said = _("%(who)s named you: %(text)s") % {"who": note.by or _("Somebody"), "text": note.text}
            rows.append(
                notices.notice(
                    user=user, kind=Notice.Kind.MENTION, prospect=note.prospect, text=said, at=at,
                    key=f"mention:{note.pk}:{user.pk}",
                )
            )  # fmt: skip
    notices.tell_all(rows)


def readable_by(user: Any) -> QuerySet[Note]:
    """Notes on prospects this user sees, and those that name them while they work in sales."""
    seen = Q(prospect__in=Prospect.objects.visible_to(user))
    if user.has_perm(MAY_BE_NAMED):
        seen |= Q(pk__in=Mention.objects.filter(user=user).values("note"))
    return Note.objects.filter(seen).select_related("by", "prospect")


def files_of(notes: Iterable[Note]) -> dict[int, list[NoteFile]]:
    """Note → its files, in one query."""
    found: dict[int, list[NoteFile]] = {}
    for row in NoteFile.objects.filter(note__in=[note.pk for note in notes]):
        found.setdefault(row.note_id, []).append(row)
    return found


def file_for(user: Any, pk: int) -> NoteFile | None:
    """The file, for those who see the prospect; to be named in a note is not enough."""
    mine = Prospect.objects.visible_to(user)
    return NoteFile.objects.filter(pk=pk, note__prospect__in=mine).first()
