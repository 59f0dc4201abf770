"""Human or machine? Each hit gets a verdict with its reasons; only human acts become touches (docs/tracking.md)."""

from leads.judging.signals import VERSION
from leads.judging.sweep import judge_due, rejudge

__all__ = ["VERSION", "judge_due", "rejudge"]
