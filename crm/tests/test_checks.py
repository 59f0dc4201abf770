"""An installation that mails must not speak in the demo company's name."""

from crm.checks import SPOKEN, speaks_for_itself


def test_the_demo_company_s_words_are_named_one_by_one(settings):
    settings.ORG_NAME = settings.ORG_BRAND = settings.POSTAL_ADDRESS = "Averdahl Sensing AG"
    settings.DEFAULT_FROM_EMAIL = "hello@averdahl.example"
    assert [error.hint for error in speaks_for_itself()] == [f"Set {name}." for name in SPOKEN]


def test_an_installation_with_words_of_its_own_passes(settings):
    for name in SPOKEN:
        setattr(settings, name, "Brackwerk GmbH, Hafenstr. 1, 28195 Bremen")
    assert speaks_for_itself() == []
