"""What a manager looks at: who works on what, what waits, what was done. Every number is a count of named rows."""

from prospects.team_board.figures import FIGURES, Figure, Span, rows_of
from prospects.team_board.table import Board, RepRow, board

__all__ = ["FIGURES", "Board", "Figure", "RepRow", "Span", "board", "rows_of"]
