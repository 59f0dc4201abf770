"""What may be typed about an account: owner, tier, whether we want it, and whose subsidiary it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Sequence
from leads.models import Company
from prospects.accounts import cadences
from prospects.forms.base import StaffForm
from prospects.models import Account, BuyingRole

User = get_user_model()


def _reps() -> list[int]:
    reps = User.objects.with_perm("prospects.work_prospects").filter(is_active=True)
    return list(reps.values_list("pk", flat=True))


class AccountForm(StaffForm):
    """`manages`: whether owner and parent company may be changed. Who owns it now stays a choice, even one who left."""

    tier = forms.ChoiceField(
        label=gettext_lazy("Tier"),
        choices=[("", gettext_lazy("none")), *Account.Tier.choices],
        required=False,
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("nobody yet"),
    )
    parent = forms.CharField(
        label=gettext_lazy("Belongs to"),
        required=False,
        max_length=253,
        help_text=gettext_lazy("Name or mail domain of the company above it, as it is known here."),
    )
    is_target = forms.BooleanField(label=gettext_lazy("A target account"), required=False)

    def __init__(self, *args: Any, manages: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = User.objects.filter(Q(pk__in=_reps()) | Q(pk=self.initial.get("owner"))).order_by(
            "first_name", "last_name"
        )
        self.fields["is_target"].widget.attrs["class"] = "form-check-input d-block"
        if not manages:
            del self.fields["owner"], self.fields["parent"]

    def clean_parent(self) -> Company | None:
        words = self.cleaned_data["parent"].strip()
        if not words:
            return None
        found = list(
            (
                Company.objects.filter(domain__iexact=words) | Company.objects.filter(name__iexact=words)
            ).order_by("pk")[:2]
        )
        if len(found) != 1:
            said = (
                _("No company of this name or domain is known.")
                if not found
                else _("Several companies have this name; give the mail domain.")
            )
            raise forms.ValidationError(said)
        return found[0]


class RoleForm(StaffForm):
    person = forms.IntegerField(widget=forms.HiddenInput)
    role = forms.ChoiceField(choices=[("", "–"), *BuyingRole.Role.choices], required=False)


class CadenceForm(StaffForm):
    """A sequence, and who of the account is to walk it."""

    sequence = forms.ModelChoiceField(label=gettext_lazy("Sequence"), queryset=Sequence.objects.none())
    people = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, *args: Any, people: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sequence, who = self.fields["sequence"], self.fields["people"]
        assert isinstance(sequence, forms.ModelChoiceField)
        assert isinstance(who, forms.TypedMultipleChoiceField)
        sequence.queryset = cadences()
        who.choices = [(person, str(person)) for person in people]
