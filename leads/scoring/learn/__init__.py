"""Points learned from closed leads: a regression over bins as a table that a person reads and edits.

See docs/learned-points.md. Everything but `closed`, `fields`, `asking`, `publishing`, `chances` and `drift` is pure.
"""

from leads.scoring.learn.asking import ask, work_due
from leads.scoring.learn.chances import chance, chance_of_points
from leads.scoring.learn.publishing import make_draft

__all__ = ["ask", "chance", "chance_of_points", "make_draft", "work_due"]
