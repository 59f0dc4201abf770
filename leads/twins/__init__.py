"""Who may be one person twice: blocks, likeness, and finding them in the base (docs/doubles.md)."""
