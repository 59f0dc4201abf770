"""How leads are judged, and what happened to them: the first can be edited, the second only read."""

from leads.admin import messages, people, scoring

__all__ = ["messages", "people", "scoring"]
