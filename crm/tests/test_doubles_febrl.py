"""Doubles that are known: FEBRL's two files, where the folder of real data is at hand."""

import sys

import pytest

from bench import twins


@pytest.mark.parametrize("name", ["dataset1", "dataset3"])
def test_doubles_are_found_and_nobody_else(name):
    where = twins.folder()
    if where is None:
        pytest.skip("No febrl-duplicates here: set REAL_DATA to the folder that holds them.")
    found = twins.measure(where / f"{name}.csv")
    precision, recall = found.measured()
    sys.stdout.write(f"{name}: precision {precision:.4f}, recall {recall:.4f}, {found.seconds:.1f} s\n")
    assert precision >= 0.99
    assert recall >= 0.87
    assert found.looked_at < found.rows * 5  # never all pairs
