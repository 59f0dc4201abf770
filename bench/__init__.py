"""Benches: one job each, beside a yardstick in the same run. Nothing here is a timed test."""
