"""Our agreement: what both teams mean by the words, read from the rules that are in force (docs/agreement.md)."""

from prospects.agreement.versions import acknowledge, current, current_id, of_verdicts, sides_of

__all__ = ["acknowledge", "current", "current_id", "of_verdicts", "sides_of"]
