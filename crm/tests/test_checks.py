"""An installation that mails must not speak in the demo company's name."""

from crm.checks import SPOKEN, files_what_it_promises, speaks_for_itself


def test_the_demo_company_s_words_are_named_one_by_one(settings):
    settings.ORG_NAME = settings.ORG_BRAND = settings.POSTAL_ADDRESS = "Averdahl Sensing AG"
    settings.DEFAULT_FROM_EMAIL = "hello@averdahl.example"
    assert [error.hint for error in speaks_for_itself()] == [f"Set {name}." for name in SPOKEN]


def test_an_installation_with_words_of_its_own_passes(settings):
    for name in SPOKEN:
        setattr(settings, name, "Brackwerk GmbH, Hafenstr. 1, 28195 Bremen")
    assert speaks_for_itself() == []


def test_an_address_for_filing_wants_a_mailbox_that_is_read(settings):
    ways = (("", {}, 0), ("crm@in.x.example", {}, 1), ("crm@in.x.example", {"kind": "imap"}, 0))
    for address, inbox, warnings in ways:
        settings.FILING_ADDRESS, settings.INBOX = address, inbox
        assert len(files_what_it_promises()) == warnings
