"""Pages of the whole project: home by role, the funnel, the rows behind a number, search, the outbox."""
