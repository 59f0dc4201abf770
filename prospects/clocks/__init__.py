"""Working time, the clocks that run by it, and when somebody may be rung (docs/assignment.md, docs/calls.md)."""
