"""HTTP of prospects: the rep's day, a person, the board, accounts, deals."""
