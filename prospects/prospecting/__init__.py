"""Outbound prospecting: lists of cold contacts brought in, fitted, kept from doubles, started, and counted
(docs/prospecting-lists.md).

`by_hand` takes in one person, `listing` people onto a list, on the `ground` that is stated; `standing` says what we
know of them already, `fitting` how well they fit; `starting` opens their cycles, `aside` leaves somebody out and
takes them back, `settling` keeps waiting rows true, `seeing` is who sees which rows, `figures` what became of them.
"""
