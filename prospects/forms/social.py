"""What passed on a social network, and what comes next."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from prospects.forms.base import submit_key
from prospects.forms.next_step import NextStepFields
from prospects.models import SocialTouch


class SocialForm(NextStepFields):
    """Where, what, in which words. Without a day no next step is planned."""

    submit_key = submit_key()
    what = forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=SocialTouch.What.choices, widget=forms.RadioSelect
    )
    network = forms.ChoiceField(
        label=gettext_lazy("Where"), choices=SocialTouch.Network.choices, initial=SocialTouch.Network.LINKEDIN
    )
    text = forms.CharField(
        label=gettext_lazy("In words"), required=False, max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "w"}),
    )  # fmt: skip

    def touch(self) -> dict[str, Any]:
        """All that `prospects.social.log_social` takes of this form."""
        names = ("network", "what", "text", "submit_key")
        return {name: self.cleaned_data[name] for name in names} | {"follow_up": self.next_step()}
