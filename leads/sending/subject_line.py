"""The subject of a mail as the person sees it, for whoever reads of it on their page."""

from __future__ import annotations

import re

from liquid.exceptions import LiquidError

from campaigns.mail import merge
from campaigns.models import Sequence
from leads.models import Person
from leads.sending.fields import Words, fields

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_NO_WAY_OUT = {"unsubscribe_url": "", "preferences_url": ""}


def subject_for(person: Person, words: Words, sequence: Sequence | None = None) -> str:
    """Filled in for this person; dots stand for what only the mail itself knew, such as the next piece."""
    if not _TAG.search(words.subject):
        return words.subject
    try:
        return merge.render_line(
            words.subject, fields(person=person, words=words, footer=_NO_WAY_OUT, sequence=sequence)
        )
    except LiquidError:
        return _TAG.sub("…", words.subject)
