"""How sales work: pipelines, stages, reasons and who gets what."""

from prospects.admin import rules

__all__ = ["rules"]
