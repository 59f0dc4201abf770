"""How sales work: pipelines, stages, reasons and who gets what."""

from prospects.admin import assignment, cycles, deals, rules

__all__ = ["assignment", "cycles", "deals", "rules"]
