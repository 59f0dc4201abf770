"""Public forms: built from the fields of a page; what was typed is checked by `leads.answers`."""

from leads.answers import field_name, plain
from leads.forms.capture_form import CaptureForm, Problem
from leads.forms.fields import build_field

__all__ = ["CaptureForm", "Problem", "build_field", "field_name", "plain"]
