"""A short form, and the rest found out afterwards: every value with its source, time and confidence.

Enrichers are classes named in the setting ``ENRICHERS`` (docs/add-an-enricher.md). What a person said is never
overwritten: a found value is a `Fact` beside it, and `leads.best_known` says which of several counts.
"""

from leads.enrichment.protocol import FIELDS, Enricher, EnrichQuery, Found
from leads.enrichment.run import enrich_due, look_again, stop_looking

__all__ = ["FIELDS", "EnrichQuery", "Enricher", "Found", "enrich_due", "look_again", "stop_looking"]
