"""A mail to one person, with the next step that follows from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.mail.merge import one_line
from leads.own_mail.writing import MOST_LETTERS
from prospects.forms.base import submit_key
from prospects.forms.next_step import NextStepFields


class MailForm(NextStepFields):
    """Subject and plain words; `pieces` are put in as links, `answers` is the mail that this one continues."""

    submit_key = submit_key()
    answers = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)
    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    text = forms.CharField(
        label=gettext_lazy("Your words"), max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 14})
    )
    pieces = forms.MultipleChoiceField(
        label=gettext_lazy("Put in a link to"), required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )  # fmt: skip

    def __init__(self, *args: Any, links: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.links = list(links)
        pieces = self.fields["pieces"]
        assert isinstance(pieces, forms.MultipleChoiceField)
        pieces.choices = [(link.slug, link.title) for link in self.links]

    def clean_subject(self) -> str:
        subject = one_line(self.cleaned_data["subject"])
        if not subject:
            raise forms.ValidationError(_("Say what the mail is about."))
        return subject

    def clean_text(self) -> str:
        """Line ends as they are kept; a browser sends two signs for each."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")

    def chosen(self) -> list[Any]:
        """The links to put in."""
        return [link for link in self.links if link.slug in self.cleaned_data["pieces"]]
