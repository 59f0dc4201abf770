"""Two rows become one person, and can be parted again (docs/doubles.md)."""

from leads.merging.merge import merge, refusal
from leads.merging.undo import Parted, part

__all__ = ["Parted", "merge", "part", "refusal"]
