"""A call of a rep: what happened, what comes of it, and what the phone system tells of it (docs/calls.md)."""
