"""`/api/v1/prospects/`: what a rep does on the screens, for programs: same rights, same verbs (docs/sales-api.md).

A prospect that one may not see is not found. Errors have the one shape of the API (`leads.api`).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.mail.merge import one_line
from leads.answers import plain
from leads.api import Problem
from prospects import follow_ups, pipeline, social
from prospects.api.base import (
    MOST,
    SalesView,
    body_of,
    checked,
    key_of,
    page_of,
    refuse_reused,
)
from prospects.api.forms import (
    CallFields,
    FollowUpFields,
    MailFields,
    MoveFields,
    RejectFields,
    Seen,
    SocialFields,
    call_of,
)
from prospects.api.shapes import mail_shape, prospect_shape, step_shape
from prospects.calls import calling
from prospects.correspondence import acts
from prospects.custom_fields import Entity, change_custom, fields_of
from prospects.forms.custom import api_form
from prospects.forms.listing import ProspectFilter
from prospects.models import Prospect
from prospects.views.answers import refuse_stale
from prospects.views.list_filter import Asked


class ProspectView(SalesView):
    """One prospect in the address."""

    def prospect(self, request: Request, pk: int) -> Prospect:
        """One's own, or any for a manager."""
        mine = Prospect.objects.visible_to(request.user)
        found = mine.for_person_page().filter(pk=pk).first()
        if found is None:
            raise Problem(404, "not_found", _("There is no such prospect."))
        return found


class ProspectList(ProspectView):
    """GET: the list of the screen, with the same filters in the address; `limit` to 200, `cursor` from `next`."""

    def get(self, request: Request) -> Response:
        _refuse_unknown(request)
        asked = Asked(request, timezone.now())
        rows = asked.rows().for_list()
        return page_of(request, rows, asked.keys, lambda shown: [prospect_shape(row) for row in shown])


class OneProspect(ProspectView):
    def get(self, request: Request, pk: int) -> Response:
        return Response(prospect_shape(self.prospect(request, pk), full=True))


class VerbView(ProspectView):
    """POST: one verb on one prospect; answers with the prospect as it is now."""

    form: type[forms.Form] = Seen

    def post(self, request: Request, pk: int) -> Response:
        prospect = self.prospect(request, pk)
        form = checked(self.form, body_of(request))
        asked = form.cleaned_data
        refuse_stale(prospect, asked.pop("seen", ""))
        return self.act(request, prospect, asked)

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        raise NotImplementedError


class Accept(VerbView):
    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        pipeline.accept(prospect=prospect, by=request.user, at=timezone.now())
        return Response(prospect_shape(prospect, full=True))


class Reject(VerbView):
    form = RejectFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        pipeline.reject(prospect=prospect, by=request.user, at=timezone.now(), **asked)
        return Response(prospect_shape(prospect, full=True))


class Move(VerbView):
    form = MoveFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        pipeline.move(prospect=prospect, by=request.user, at=timezone.now(), **asked)
        return Response(prospect_shape(prospect, full=True))


class Calls(VerbView):
    """A call, what was learnt, verdict, next step. `Idempotency-Key` makes a repeat answer with the first."""

    form = CallFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        call = calling.finish_call(
            prospect=prospect,
            by=request.user,
            at=timezone.now(),
            submit_key=key_of(request),
            **call_of(asked),
        )
        refuse_reused(call, outcome=asked["outcome"], note=asked["note"])
        now = Prospect.objects.for_person_page().get(pk=prospect.pk)
        return Response({"id": call.pk, "prospect": prospect_shape(now, full=True)}, status=201)


class Mails(VerbView):
    """GET: the newest 200, newest first. POST: write one; `Idempotency-Key` makes a repeat answer with the first."""

    form = MailFields

    def get(self, request: Request, pk: int) -> Response:
        rows = acts.talk_with(self.prospect(request, pk)).select_related("sent_as", "user")
        return Response({"results": [mail_shape(row) for row in rows[:MOST]]})

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        answered = acts.talk_with(prospect).filter(pk=asked["answers"]).first() if asked["answers"] else None
        if asked["answers"] and answered is None:
            wrong = {"answers": [_("There is no such mail with this person.")]}
            raise Problem(422, "invalid", _("Please look at the fields."), wrong)
        mail = acts.write_mail(
            prospect=prospect, subject=asked["subject"], text=asked["text"], answers=answered,
            follow_up=asked["follow_up"], by=request.user, at=timezone.now(), submit_key=key_of(request),
        )  # fmt: skip
        refuse_reused(mail, subject=one_line(asked["subject"]), text=asked["text"])
        return Response(mail_shape(mail), status=201)


class Social(VerbView):
    """What passed on a social network, as on the screen. `Idempotency-Key` makes a repeat answer with the first."""

    form = SocialFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        row = social.log_social(
            prospect=prospect, by=request.user, at=timezone.now(), submit_key=key_of(request), **asked
        )
        refuse_reused(row, what=asked["what"], network=asked["network"], text=asked["text"])
        now = Prospect.objects.for_person_page().get(pk=prospect.pk)
        return Response({"id": row.pk, "prospect": prospect_shape(now, full=True)}, status=201)


class Fields(ProspectView):
    """POST: values of custom fields by their keys; what is not sent stays, an empty one takes the value away."""

    def post(self, request: Request, pk: int) -> Response:
        prospect, body = self.prospect(request, pk), body_of(request)
        form = checked(api_form(fields_of(Entity.PROSPECT)), body)
        said = {key: form.cleaned_data[key] for key in body}
        change_custom(row=prospect, said=said, by=request.user, at=timezone.now())
        return Response(prospect_shape(prospect, full=True))


class FollowUps(VerbView):
    """The next step. `Idempotency-Key` makes a repeat answer with the first."""

    form = FollowUpFields

    def act(self, request: Request, prospect: Prospect, asked: dict[str, Any]) -> Response:
        step = follow_ups.plan_follow_up(
            prospect=prospect, by=request.user, at=timezone.now(), submit_key=key_of(request), **asked
        )
        refuse_reused(step, kind=asked["kind"], due_at=asked["due_at"])
        return Response(step_shape(step), status=201)


def _refuse_unknown(request: Request) -> None:
    """A filter that is misspelt would silently give everything: say so instead."""
    known = {*ProspectFilter.base_fields, "whose", "end", "cursor", "limit"}
    wrong = {plain(name)[:80]: [_("There is no such filter.")] for name in request.GET if name not in known}
    filled = ProspectFilter(request.GET)
    if not filled.is_valid():
        wrong |= {
            name: [str(words) for words in errors]
            for name, errors in filled.errors.items()
            if not (name == "owner" and request.GET.get("owner") == "nobody")
        }
    if wrong:
        raise Problem(400, "unknown_filter", _("Please look at the filters."), wrong)
