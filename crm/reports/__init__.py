"""What we learnt. Each number and the rows behind it come from one definition (docs/reports.md)."""
