"""Forms of the rep's pages: what may be typed. What it means is decided by the verbs."""

from prospects.forms.base import StaffForm, submit_key
from prospects.forms.calls import CallForm
from prospects.forms.cold import ColdContactForm
from prospects.forms.deals import DealForm, WonForm
from prospects.forms.meetings import BigMeetingForm, MeetingForm, MoveMeetingForm
from prospects.forms.next_step import FollowUpForm, NextStepFields, SnoozeForm
from prospects.forms.notes import NoteForm
from prospects.forms.verdicts import LostForm, MoveForm, RejectForm

__all__ = [
    "BigMeetingForm",
    "CallForm",
    "ColdContactForm",
    "DealForm",
    "FollowUpForm",
    "LostForm",
    "MeetingForm",
    "MoveForm",
    "MoveMeetingForm",
    "NextStepFields",
    "NoteForm",
    "RejectForm",
    "SnoozeForm",
    "StaffForm",
    "WonForm",
    "submit_key",
]
