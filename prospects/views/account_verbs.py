"""What is changed at an account: its owner, tier and parent, a buying role, a cadence for several of its people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import Refused
from leads.models import Person
from prospects import accounts
from prospects.forms.accounts import AccountForm, CadenceForm, RoleForm
from prospects.models import Account, Prospect
from prospects.views.answers import for_reps, rep_verb


def _account(pk: int) -> Account:
    return get_object_or_404(Account.objects.select_related("company__parent", "owner"), pk=pk)


@for_reps
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Owner, tier, target, parent: of the account's owner and of managers."""
    account = _account(pk)
    if not accounts.may_change(account, request.user):
        raise PermissionDenied
    form = AccountForm(request.POST or None, manages=accounts.manages(request.user), initial=_values(account))
    if request.method == "POST" and form.is_valid():
        try:
            accounts.change_account(account=account, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as no:
            form.add_error(None, no.message)
        else:
            messages.success(request, _("The account is changed."))
            return redirect("staff-account", pk=pk)
    context = {
        "account": account, "form": form, "title": account.company.name, "button": _("Save"),
        "lead": _("New people of this company come to its owner."),
    }  # fmt: skip
    return render(request, "prospects/form_page.html", context, status=422 if form.is_bound else 200)


def _values(account: Account) -> dict[str, Any]:
    parent = account.company.parent
    return {
        "tier": account.tier,
        "is_target": account.is_target,
        "owner": account.owner_id,
        "parent": (parent.domain or parent.name) if parent else "",
    }


@rep_verb
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """What a person is in the account's decision."""
    account, form = _account(pk), RoleForm(request.POST)
    if form.is_valid():
        person = get_object_or_404(Person, pk=form.cleaned_data["person"], company=account.company_id)
        try:
            accounts.set_role(account=account, person=person, role=form.cleaned_data["role"], by=request.user)
        except Refused as no:
            messages.error(request, no.message)
        else:
            messages.success(request, _("The buying role is kept."))
    else:
        messages.error(request, _("Choose a role."))
    return redirect("staff-account", pk=pk)


@rep_verb
def cadence(request: HttpRequest, pk: int) -> HttpResponse:
    """Several people of the account begin a sequence for prospects."""
    account = _account(pk)
    there = Prospect.objects.visible_to(request.user).open().filter(person__company=account.company_id)
    form = CadenceForm(request.POST, people=list(there.values_list("person", flat=True)))
    if not form.is_valid():
        messages.error(request, _("Choose a sequence and at least one person of yours."))
        return redirect("staff-account", pk=pk)
    try:
        told = accounts.start_cadence(
            account=account, by=request.user, at=timezone.now(), **form.cleaned_data
        )
    except Refused as no:
        messages.error(request, no.message)
    else:
        _tell(request, told)
    return redirect("staff-account", pk=pk)


def _tell(request: HttpRequest, told: accounts.Started) -> None:
    begun = len(told.begun)
    if begun:
        said = ngettext("%(n)d person begins.", "%(n)d people begin.", begun) % {"n": begun}
        messages.success(request, said)
    if told.already:
        messages.info(request, _("On it already: %(names)s.") % {"names": ", ".join(told.already)})
    for name, why in told.refused:
        messages.error(request, f"{name}: {why}" if name else why)


@rep_verb
def open_listed(request: HttpRequest) -> HttpResponse:
    """Accounts for the domains of the target lists that are none yet."""
    if not accounts.manages(request.user):
        raise PermissionDenied
    made = accounts.open_targets(by=request.user, at=timezone.now())
    said = ngettext("%(n)d account opened.", "%(n)d accounts opened.", made) % {"n": made}
    messages.success(request, said)
    return redirect("/staff/accounts/?show=targets")
