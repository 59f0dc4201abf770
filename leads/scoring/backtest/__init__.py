"""Rules tried on history, day by day, with only what was known then (docs/backtest.md)."""

from leads.scoring.backtest.asking import ask, work_due

__all__ = ["ask", "work_due"]
