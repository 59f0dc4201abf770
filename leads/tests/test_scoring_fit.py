"""Fit rules: what holds for what is known of a person and company (docs/scoring.md)."""

import pytest

from leads.scoring.matching import FactsSeen, FitRule, fit_value, number_in, words_of


def holds(field: str, words: str = "", low=None, high=None, fact: str = "", **known) -> bool:
    rule = FitRule(field=field, fact_name=fact, words=words_of(words), minimum=low, maximum=high)
    return fit_value(rule, FactsSeen(**known), 2026) is not None


@pytest.mark.parametrize(
    ("words", "title", "expected"),
    [
        ("head", "Head of Maintenance", True),
        ("HEAD", "deputy head", True),
        ("head", "Headhunter", False),
        ("student", "Student-Assistentin", True),
        ("plant manager", "Senior  Plant Manager (EMEA)", True),
        ("plant manager", "Manager of the plant", False),
        ("c++", "C++ developer", True),
        ("chef", "", False),
    ],
)
def test_a_title_holds_a_word_as_a_whole(words, title, expected):
    assert holds("job_title", words, job_title=title) is expected


def test_words_equal_the_whole_value_case_aside():
    assert holds("industry", "Food, Paper mills", industry="paper MILLS")
    assert not holds("industry", "paper", industry="paper mills")


@pytest.mark.parametrize(
    ("size", "expected"), [(49, False), (50, True), (250, True), (251, False), (None, False)]
)
def test_both_limits_are_included(size, expected):
    assert holds("company_size", low=50, high=250, company_size=size) is expected


def test_the_age_of_a_company_follows_the_year():
    assert holds("company_age", low=10, founded_year=2016)
    assert not holds("company_age", low=10, founded_year=2017)


@pytest.mark.parametrize(
    ("address", "words"), [("a@gmail.com", "free"), ("a@maasland.example", "company"), ("", "")]
)
def test_a_mailbox_is_free_or_a_companys(address, words):
    assert tuple(kind for kind in ("free", "company") if holds("mailbox", kind, email=address)) == words_of(
        words
    )


def test_a_domain_matches_with_its_subdomains_and_never_a_lookalike():
    assert holds("domain", "rival.example", email="a@mail.rival.example")
    assert not holds("domain", "rival.example", email="a@notrival.example")
    assert holds("domain", "rival.example", email="a@gmail.com", company_domain="rival.example")


def test_a_star_or_nothing_asks_only_that_it_is_known():
    assert holds("country", "*", country="CH") and holds("country", country="CH")
    assert not holds("country", "*") and not holds("country")


def test_a_fact_by_name_is_read_as_words_or_as_a_number():
    assert holds("fact", "gold, silver", fact="tier", named={"tier": "Gold"})
    assert holds("fact", low=40, fact="machines", named={"machines": "about 45"})
    assert not holds("fact", low=40, fact="machines", named={"machines": "many"})
    assert not holds("fact", fact="machines", named={})


def test_a_rule_that_looks_at_nothing_never_holds():
    assert not holds("", "ch", country="CH")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("51–200", 51),
        ("1,000+", 1000),
        ("10'500", 10500),
        ("2.5", 2.5),
        ("50-249 people", 50),
        ("none", None),
    ],
)
def test_the_first_number_of_a_text(text, number):
    assert number_in(text) == number
