"""What to fill into the addresses of the hostile world that need more than the cycle, one line each."""

from __future__ import annotations

import mailbox
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from campaigns.models import (
    EmailTemplate,
    IdealProfile,
    Offer,
    PublishedStep,
    Sequence,
)
from crm.tests import hostile
from leads.models import (
    Backtest,
    EntryRule,
    Inbound,
    LeadMove,
    Merge,
    Person,
    ScoringModel,
    Segment,
    SegmentCondition,
    Twin,
    UnfiledMail,
)
from leads.models.learned import LearnedModel
from leads.nurture import mailings, rehearsal
from leads.scoring import backtest
from prospects import agreement, calendar
from prospects.models import (
    Account,
    Deal,
    DealPerson,
    FollowUp,
    ListedPerson,
    MarketingRequest,
    Meeting,
    Note,
    NoteFile,
    PhoneEvent,
    Prospect,
    ProspectingList,
    Transfer,
)

if TYPE_CHECKING:
    from crm.tests.hostile_world import World


def a_kept_mail() -> dict[str, Any]:
    """The mails went into the folder that the outbox shows."""
    kept = mailbox.Maildir(settings.EMAIL_FILE_PATH, create=True)
    return {"key": next(iter(sorted(kept.keys())))}


# Addresses of later pages, one line each: name → what to fill in.
MORE: dict[str, Callable[[World], dict[str, Any]]] = {
    "embed": lambda world: {"key": world.site.key},
    "hook": lambda world: {"provider": "headwater"},
    "staff-release": lambda world: {"pk": world.submission.pk},
    "staff-check-in": lambda world: {"slug": world.page.campaign.slug},
    "staff-form-trial": lambda world: {"pk": world.page.pk},
    **{
        f"api-prospect{verb}": lambda world: {"pk": world.prospect.pk}
        for verb in (
            "",
            "-accept",
            "-reject",
            "-move",
            "-calls",
            "-mails",
            "-social",
            "-follow-ups",
            "-fields",
            "-deals",
        )
    },
    **{
        f"api-deal{verb}": lambda world: {"pk": _a_deal(world).deal_id}
        for verb in ("", "-change", "-won", "-lost", "-fields")
    },
    **{
        f"api-account{verb}": lambda world: {"pk": Account.objects.order_by("pk")[0].pk}
        for verb in ("", "-change", "-roles")
    },
    **{
        f"api-list{verb}": lambda world: {"pk": _a_listed(world).list_id}
        for verb in ("", "-people", "-start")
    },
    "api-list-aside": lambda world: _a_row(world, "pk", "row_pk"),
    "api-list-back": lambda world: _a_row(world, "pk", "row_pk"),
    "staff-board-card": lambda world: {"pk": world.prospect.pk},
    "staff-board-lane": lambda world: {"slug": "to_contact"},
    "staff-import": lambda world: {"pk": world.run.pk},
    "staff-import-columns": lambda world: {"pk": world.run.pk},
    "staff-import-act": lambda world: {"pk": world.run.pk, "verb": "start"},
    "staff-import-file": lambda world: {"pk": world.run.pk, "which": "stayed-out"},
    "staff-sequence-rehearse": lambda world: {"pk": _sequence().pk},
    "staff-rehearsal": lambda world: {"pk": _a_rehearsal(world)},
    "staff-scoring-model": lambda world: {"pk": ScoringModel.objects.order_by("pk")[0].pk},
    "staff-backtest-ask": lambda world: {"pk": ScoringModel.objects.order_by("pk")[0].pk},
    "staff-backtest": lambda world: {"pk": _a_backtest(world)},
    "staff-ideal-use": lambda world: {"pk": IdealProfile.objects.get_or_create(name="Other")[0].pk},
    "staff-learned": lambda world: {"pk": _learned()},
    "staff-learned-draft": lambda world: {"pk": _learned()},
    "staff-mail-preview": lambda world: {"pk": EmailTemplate.objects.order_by("pk")[0].pk},
    "staff-mail-frame": lambda world: {"pk": EmailTemplate.objects.order_by("pk")[0].pk},
    "staff-mail-test": lambda world: {"pk": EmailTemplate.objects.order_by("pk")[0].pk},
    "staff-step-test-end": lambda world: {"pk": PublishedStep.objects.order_by("pk")[0].pk},
    "staff-offer-rows": lambda world: {"pk": Offer.objects.order_by("pk")[0].pk, "number": "mailed"},
    "staff-sequence-rows": lambda world: {"pk": _sequence().pk, "what": "enrolled"},
    "staff-sequence-switch": lambda world: {"pk": _sequence().pk, "verb": "pause"},
    "staff-way-in-switch": lambda world: {"pk": _a_way_in(), "to": "close"},
    **{
        f"staff-sequence{page}": lambda world: {"pk": _sequence().pk}
        for page in ("", "-publish", "-ways-in", "-by-hand", "-check")
    },
    **{
        f"staff-segment{page}": lambda world: {"pk": _everybody().pk}
        for page in ("", "-copy", "-archive", "-export")
    },
    **{
        f"staff-mailing{page}": lambda world: {"pk": _a_mailing(world)}
        for page in ("", "-change", "-send", "-cancel")
    },
    **{
        f"staff-list{page}": lambda world: {"pk": _a_listed(world).list_id}
        for page in ("", "-change", "-start")
    },
    "staff-list-verb": lambda world: {"pk": _a_listed(world).list_id, "verb": "fit"},
    "staff-list-row": lambda world: _a_row(world),
    "staff-snooze": lambda world: {"pk": FollowUp.objects.order_by("pk")[0].pk},
    "staff-person-part": lambda world: {"pk": world.prospect.pk, "part": "story"},
    "staff-collateral": lambda world: {"slug": world.open.slug},
    "staff-agreement-version": lambda world: _an_agreement(),
    "staff-agreement-acknowledge": lambda world: _an_agreement(),
    "staff-team-rows": lambda world: {"key": "open"},
    "staff-target-rows": lambda world: {"measure": "leads"},
    "staff-prospect-fields": lambda world: {"pk": world.prospect.pk},
    "staff-note-read": lambda world: {"pk": Note.objects.order_by("pk")[0].pk},
    "staff-note-file": lambda world: {"pk": _a_note_file(world)},
    **{f"staff-mail-{page}": lambda world: {"pk": world.prospect.pk} for page in ("write", "look")},
    "staff-ask-marketing": lambda world: {"pk": world.prospect.pk},
    "staff-social": lambda world: {"pk": world.prospect.pk},
    "staff-asked-answer": lambda world: {"pk": _asked(world)},
    "staff-disagreement-rows": lambda world: {"by": "source"},
    "staff-review": lambda world: {"pk": _a_handover(world)},
    "staff-transfer-undo": lambda world: {"pk": Transfer.objects.order_by("pk")[0].pk},
    "staff-double": lambda world: _a_pair(world),
    "staff-double-differs": lambda world: _a_pair(world),
    "staff-merge-undo": lambda world: {"pk": _a_merge(world)},
    **{
        f"staff-deal{page}": lambda world: {"pk": _a_deal(world).deal_id}
        for page in ("", "-change", "-fields", "-won", "-lost")
    },
    "staff-deal-join": lambda world: {"pk": world.prospect.pk},
    "staff-deal-leave": lambda world: {"pk": _a_deal(world).deal_id, "person_pk": _a_deal(world).person_id},
    **{
        f"staff-account-{page}": lambda world: {"pk": Account.objects.order_by("pk")[0].pk}
        for page in ("change", "role", "cadence")
    },
    "staff-mail": lambda world: a_kept_mail(),
    "staff-mail-html": lambda world: a_kept_mail(),
    "hook-phone": lambda world: {"source": "pbx"},
    "staff-calendar-feed": lambda world: {"key": calendar.new_address(world.sales)},
    **{
        f"staff-meeting-{page}": lambda world: {
            "pk": Meeting.objects.filter(outcome="booked").latest("at").pk
        }
        for page in ("move", "off", "invitation")
    },
    **{f"staff-unfiled-{verb}": lambda world: {"pk": an_unfiled_mail(world)} for verb in ("file", "aside")},
    **{
        f"staff-call-{page}": lambda world: {"pk": PhoneEvent.objects.order_by("pk")[0].pk}
        for page in ("attach", "aside")
    },
}


def an_unfiled_mail(world: World) -> int:
    """Of a hostile sender, and with the words still there."""
    raw = f"From: x@x.example\nSubject: {hostile.SIZES[1]}\n\n{hostile.SIZES[2]}".encode()
    inbound, _made = Inbound.objects.get_or_create(source="mailbox", key="<x@x>", defaults={"body": raw})
    row, _made = UnfiledMail.objects.get_or_create(
        inbound=inbound, user=world.root, address=hostile.SIZES[0][:254],
        defaults={"name": hostile.SIZES[1], "subject": hostile.SIZES[2], "why": "nobody", "at": timezone.now()},
    )  # fmt: skip
    return row.pk


def _a_listed(world: World) -> ListedPerson:
    """A hostile list with the hostile person waiting on it, and another who is perhaps the same."""
    words = {"source": hostile.LONG[:200], "basis": "interest", "basis_note": hostile.LONG}
    made, _new = ProspectingList.objects.get_or_create(name=hostile.LONG[:120], defaults=words)
    ListedPerson.objects.get_or_create(
        list=made, person=world.person, defaults={"fit": 9, "fit_why": hostile.LONG[:300]}
    )
    other = Person.objects.exclude(pk=world.person.pk).filter(merged_into=None).order_by("pk")[0]
    return ListedPerson.objects.get_or_create(list=made, person=other, defaults={"like": world.person})[0]


def _a_row(world: World, *names: str) -> dict[str, Any]:
    row = _a_listed(world)
    given = {"pk": row.list_id, "row_pk": row.pk, "verb": "aside"}
    return {name: given[name] for name in names or given}


def _a_pair(world: World) -> dict[str, int]:
    """Found as doubles, so that the queue has a row too."""
    other = Person.objects.exclude(pk=world.person.pk).filter(merged_into=None).order_by("pk")[0]
    one, two = sorted([world.person.pk, other.pk])
    Twin.objects.get_or_create(one_id=one, two_id=two, defaults={"score": 0.95, "why": {"first_name": 1}})
    return {"one": one, "two": two}


def _a_merge(world: World) -> int:
    """One in the log; nothing was moved, so that the other pages keep their rows."""
    return Merge.objects.get_or_create(keep=world.person, gone=Person.objects.order_by("-pk")[0])[0].pk


def _a_deal(world: World) -> DealPerson:
    """A hostile person takes part in a hostile deal."""
    deal = Deal.objects.order_by("pk")[0]
    return DealPerson.objects.get_or_create(deal=deal, person=world.person, defaults={"role": "user"})[0]


def _sequence() -> Sequence:
    return Sequence.objects.filter(steps__isnull=False).order_by("pk")[0]


def _an_agreement() -> dict[str, int]:
    return {"number": agreement.current(at=timezone.now()).number}


def _a_note_file(world: World) -> int:
    note = Note.objects.filter(prospect=world.prospect).order_by("pk")[0]
    row = NoteFile(note=note, name=hostile.SIZES[2], size=1)
    row.file.save("x.txt", ContentFile(b"x"))
    return row.pk


def _asked(world: World) -> int:
    row = MarketingRequest.objects.create(
        prospect=world.prospect, person=world.person, kind="content", text=hostile.LONG, by=world.sales
    )
    return row.pk


def _a_handover(world: World) -> int:
    """With a verdict against its grade, so that it stands among the sharpest."""
    Prospect.objects.filter(pk=world.prospect.pk).update(verdict="accepted", accepted_at=timezone.now())
    LeadMove.objects.filter(pk=world.prospect.lead_move_id).update(grade="D4")
    return world.prospect.pk


def _a_rehearsal(world: World) -> int:
    """Of a segment with everybody in it, so that hostile names are walked."""
    row = rehearsal.ask(sequence=_sequence(), by=world.root, at=timezone.now(), segment=_everybody())
    return row.pk


def _a_backtest(world: World) -> int:
    """Made by hand: rules full of hostile text would be refused."""
    model, at = ScoringModel.objects.order_by("pk")[0], timezone.now()
    row = Backtest.objects.create(model=model, until=at, weeks=4, asked_by=world.root)
    backtest.work_due(at=at)
    return row.pk


def _learned() -> int:
    """A line, and a field left out."""
    row = LearnedModel.objects.create(
        until=timezone.now(), state=LearnedModel.State.DONE, closed=60, won=20, points_per_logit=10, auc=0.8
    )
    named = {"field": "fact", "fact_name": hostile.SIZES[3], "label": hostile.SIZES[1]}
    row.points.create(**named, words=hostile.LONG, weight=1.0, points=10, leads=60, won=20)
    row.left_out.create(**named, why="tells", auc=0.9)
    return row.pk


def _everybody() -> Segment:
    segment, _made = Segment.objects.get_or_create(name="everybody")
    segment.conditions.get_or_create(field=SegmentCondition.Field.STATUS, value="new, nurturing")
    return segment


def _a_way_in() -> int:
    rule, _made = EntryRule.objects.get_or_create(
        sequence=_sequence(), kind=EntryRule.Kind.SEGMENT, segment=_everybody()
    )
    return rule.pk


def _a_mailing(world: World) -> int:
    """Not sent yet, so that its page says who would be held, by their hostile names."""
    made = mailings.create(
        name="x", template=EmailTemplate.objects.order_by("pk")[0], segment=_everybody(), by=world.root,
        submit_key=UUID(int=1), at=timezone.now(),
    )  # fmt: skip
    return made.pk
