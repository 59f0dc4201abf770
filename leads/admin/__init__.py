"""How leads are judged, and what happened to them: the first can be edited, the second only read."""

from leads.admin import feedback, hits, messages, pages, people, requests, scoring, visitors

__all__ = ["feedback", "hits", "messages", "pages", "people", "requests", "scoring", "visitors"]
