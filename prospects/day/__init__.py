"""A rep's day and week: what it is made of, who is next and why, how far they are (docs/today.md)."""
