"""Who gets a prospect: rules that choose, a counter that keeps it fair, and the rows that say why.

`choosing` decides, `fairness` counts, `giving` writes, `waiting` holds those whom nobody took (docs/assignment.md).
"""

from prospects.assignment.facts import fits, value_of
from prospects.assignment.giving import give, note_assignment

__all__ = ["fits", "give", "note_assignment", "value_of"]
