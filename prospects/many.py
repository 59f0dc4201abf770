"""One verb for many prospects: each row in a transaction of its own, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from prospects.models import Prospect
from prospects.models.prospect import ProspectQuerySet
from prospects.transitions import state_in_words


@dataclass(frozen=True)
class Told:
    """A row: done, same (it was so already), refused (with what is missing), lost (somebody was faster), or gone."""

    what: str
    said: str
    prospect: Prospect | None = None
    missing: list[str] = field(default_factory=list)


def each(
    rows: Mapping[int, str], *, among: ProspectQuerySet, verb: Callable[[Prospect], Prospect]
) -> list[Told]:
    """Try `verb` on each of `rows` (id → stage on the screen, empty: whichever) that lies among those one may see.

    One refused row leaves the others alone. Whatever is not there says the same whether or not it exists.
    """
    found = {prospect.pk: prospect for prospect in among.filter(pk__in=rows).for_card()}
    return [_told(found.get(pk), seen, verb) for pk, seen in rows.items()]


def _told(prospect: Prospect | None, seen: str, verb: Callable[[Prospect], Prospect]) -> Told:
    if prospect is None:
        return Told("gone", _("Not among your prospects (any more)."))
    person = prospect.person_id
    try:
        if seen and seen != prospect.stage.slug:
            raise Conflict(now=state_in_words(prospect))
        done = verb(prospect)
    except Refused as no:
        return Told("refused", no.message, prospect, [str(fact) for fact in no.missing])
    except Conflict as lost:
        # A merge changes whose the row is, or leaves it as it was read; its stage says nothing then.
        merged = prospect.person_id != person or lost.now != state_in_words(prospect)
        if seen and seen == prospect.stage.slug and not merged:
            return Told("same", _("Nothing to do: %(now)s") % {"now": lost.now}, prospect)
        return Told("lost", _("Somebody was faster. It is now: %(now)s") % {"now": lost.now}, prospect)
    return Told("done", state_in_words(done), prospect)
