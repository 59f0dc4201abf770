"""`/api/v1/accounts/`: every account is there for sales; of its people only those one works on (docs/sales-api.md)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.errors import Refused
from leads.api import Problem
from leads.models import Person
from prospects import accounts
from prospects.api.base import SalesView, body_of, checked, page_of, refuse_unknown
from prospects.api.shapes import account_shape
from prospects.forms.accounts import AccountForm
from prospects.models import Account, BuyingRole, Prospect
from prospects.views.account import narrowed

OF_MANAGERS = ("owner", "parent")


class RoleFields(forms.Form):
    """`role` empty takes it away."""

    person = forms.IntegerField(min_value=1, max_value=2**62)
    role = forms.ChoiceField(choices=BuyingRole.Role.choices, required=False)


class AccountList(SalesView):
    """GET: by name; `q`, `whose=mine`, `show=targets`."""

    def get(self, request: Request) -> Response:
        refuse_unknown(request, q=None, whose=("mine",), show=("targets",))
        asked = request.GET
        mine = request.user if asked.get("whose") == "mine" else None
        rows = narrowed(asked.get("q", "").strip(), mine, asked.get("show") == "targets").for_list()
        named = rows.annotate(name=F("company__name"))
        return page_of(request, named, ("name", "pk"), lambda shown: [account_shape(row) for row in shown])


class AccountView(SalesView):
    """One account in the address."""

    def account(self, pk: int) -> Account:
        found = Account.objects.select_related("company__parent", "owner").filter(pk=pk).first()
        if found is None:
            raise Problem(404, "not_found", _("There is no such account."))
        return found

    def shape(self, request: Request, account: Account) -> dict[str, Any]:
        """With the people one works on (a manager: all), what they are in the decision, and which roles nobody has."""
        theirs = Prospect.objects.visible_to(request.user).filter(person__company=account.company_id)
        roles = dict(account.roles.values_list("person", "role"))
        people = Person.objects.filter(
            pk__in=theirs.values("person"), erased_at=None, merged_into=None
        ).order_by("pk")
        return account_shape(account) | {
            "parent": account.company.parent.name if account.company.parent else None,
            "custom": account.company.custom,
            "may_change": accounts.may_change(account, request.user),
            "missing_roles": accounts.gaps(roles.values()),
            "people": [
                {"id": one.pk, "name": one.name, "role": roles.get(one.pk, "")} for one in people[:100]
            ],
        }


class OneAccount(AccountView):
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.shape(request, self.account(pk)))


class Change(AccountView):
    """POST: what is not sent stays. Owner and parent are a manager's."""

    def post(self, request: Request, pk: int) -> Response:
        account, manages = self.account(pk), accounts.manages(request.user)
        if not accounts.may_change(account, request.user):
            raise PermissionDenied
        body = body_of(request)
        if not manages and any(name in body for name in OF_MANAGERS):
            raise Refused(_("Owner and parent company are changed by a manager."))
        asked = checked(AccountForm, body, now=_values(account), manages=manages).cleaned_data
        if manages:
            # Kept without being looked up again by its name, which another company may have too.
            asked |= {} if "parent" in body else {"parent": account.company.parent}
            asked |= {} if "owner" in body else {"owner": account.owner}
        accounts.change_account(account=account, by=request.user, at=timezone.now(), **asked)
        return Response(self.shape(request, self.account(pk)))


def _values(account: Account) -> dict[str, Any]:
    return {"tier": account.tier, "is_target": account.is_target}


class Roles(AccountView):
    """POST `person`, `role`: what somebody is in the decision."""

    def post(self, request: Request, pk: int) -> Response:
        account = self.account(pk)
        asked = checked(RoleFields, body_of(request)).cleaned_data
        person = Person.objects.filter(pk=asked["person"], company=account.company_id).first()
        if person is None:
            wrong = {"person": [_("There is no such person at this company.")]}
            raise Problem(422, "invalid", _("Please look at the fields."), wrong)
        accounts.set_role(account=account, person=person, role=asked["role"], by=request.user)
        return Response(self.shape(request, account))
