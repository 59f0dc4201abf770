"""`/api/v1/prospects/`: what a rep does on the screens, for programs (docs/sales-api.md)."""
