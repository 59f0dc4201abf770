"""What the prospects list may be narrowed to, and what may be done with several of its rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.kept import Kept
from leads.kept_choices import offer
from prospects.forms.base import StaffForm
from prospects.forms.verdicts import RejectForm
from prospects.models import Account, Prospect, Reason, Stage

ENDS = {
    "won": _("Won"),
    "lost": _("Lost"),
    "returned": _("Returned to nurture"),
    "disqualified": _("Disqualified"),
}
SORTS = {
    "newest": (_("latest change first"), ("-stage_since", "-pk")),
    "longest": (_("longest in their stage first"), ("stage_since", "pk")),
    "best": (_("best grade first"), ("by_grade", "-pk")),
}
LETTERS = [(letter, letter) for letter in "ABCD"]
ONLY = [("1", "1")]


def reps() -> QuerySet[Any]:
    """Everybody who may work prospects, by name. Roles are groups, so a look at the groups is enough."""
    working = get_user_model().objects.with_perm("prospects.work_prospects", include_superusers=False)
    return working.order_by("first_name", "last_name", "pk")


def open_stages() -> QuerySet[Stage]:
    return Stage.objects.in_use().filter(kind=Stage.Kind.OPEN, pipeline__is_default=True)


# What every list offers and an admin changes a few times a year. Only offered: what is sent back is looked up anew.
offered_reps: Kept[list[Any]] = Kept(lambda _key: list(reps()))
offered_stages: Kept[list[Stage]] = Kept(lambda _key: list(open_stages()))
offered_reasons: Kept[list[Reason]] = Kept(
    lambda _key: list(Reason.objects.in_use().filter(for_rejection=True))
)


class ProspectFilter(forms.Form):
    """Each filter stands in the address. What makes no sense is left out, never an error page."""

    q = forms.CharField(label=_("Name or company"), required=False, max_length=80)
    owner: forms.ModelChoiceField = forms.ModelChoiceField(label=_("Owner"), queryset=None, required=False)
    stage = forms.ModelChoiceField(
        label=_("Stage"), queryset=Stage.objects.none(), to_field_name="slug", required=False
    )
    grade = forms.MultipleChoiceField(label=_("Fit"), choices=LETTERS, required=False)
    origin = forms.ChoiceField(
        label=_("Origin"), choices=[("", "–"), *Prospect.Origin.choices], required=False
    )
    account = forms.ModelChoiceField(
        label=_("Account"), queryset=Account.objects.for_list(), required=False, widget=forms.HiddenInput
    )
    no_step = forms.ChoiceField(label=_("No next step"), choices=ONLY, required=False)
    too_long = forms.ChoiceField(label=_("Too long in their stage"), choices=ONLY, required=False)
    sort = forms.ChoiceField(
        label=_("Sorted by"), choices=[(key, words) for key, (words, _keys) in SORTS.items()], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in {"owner": reps(), "stage": open_stages()}.items():
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = queryset
        offer(self.fields["owner"], lambda: offered_reps("all"))
        offer(self.fields["stage"], lambda: offered_stages("all"))
        for field in self.fields.values():
            wide = "form-control" if isinstance(field, forms.CharField) else "form-select"
            field.widget.attrs["class"] = wide


class ManyForm(forms.Form):
    """Which rows (each as "id:stage", the stage that stood on the screen), and what to do with them."""

    DOES = ("move", "assign", "reject")

    do = forms.ChoiceField(choices=[(key, key) for key in DOES])
    row = forms.TypedMultipleChoiceField(choices=(), coerce=str)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        rows = self.fields["row"]
        assert isinstance(rows, forms.TypedMultipleChoiceField)
        rows.choices = [(value, value) for value in data.getlist("row") if _is_row(value)]

    def rows(self) -> dict[int, str]:
        """Id → the stage that was seen, in the order of the list."""
        pairs = (value.split(":") for value in self.cleaned_data["row"])
        return {int(pk): seen for pk, seen in pairs}


def _is_row(value: str) -> bool:
    pk, colon, seen = value.partition(":")
    return pk.isascii() and pk.isdigit() and len(pk) < 19 and bool(colon) and ":" not in seen


class ToStage(StaffForm):
    """To which open stage."""

    to = forms.ModelChoiceField(label=_("Stage"), queryset=Stage.objects.none(), to_field_name="slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["to"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = open_stages()


class ToOwner(StaffForm):
    """To which rep."""

    to_owner: forms.ModelChoiceField = forms.ModelChoiceField(label=_("Rep"), queryset=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["to_owner"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = reps()


FORM_OF: dict[str, type[StaffForm]] = {"move": ToStage, "assign": ToOwner, "reject": RejectForm}
