"""Deals and what they add up to: opened, won, lost; the forecast; what a customer is worth (docs/deals.md)."""
