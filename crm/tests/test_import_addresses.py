"""An import reads an address with a name before it, which no form accepts."""

from crm.importing.columns.people import addresses


def test_a_name_before_the_address_is_taken_off():
    assert addresses(["MyName <me@example.org>"]) == ("me@example.org", "me@example.org", [])
