"""Fit rules: what holds for what is known of a person and company (docs/scoring.md)."""

import pytest

from leads.scoring import seniority
from leads.scoring.matching import FactsSeen, FitRule, fit_value, number_in, words_of
from leads.scoring.seniority import LEVELS, seniority_of


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
    ("title", "level"),
    [
        ("Head of Maintenance", "head"),
        ("Vice-President, Sales", "vp"),
        ("President", "c_level"),
        ("Junior Project Manager", "junior"),
        ("Executive Assistant to the CEO", "junior"),
        ("Assistant Director", "director"),
        ("Owner and CEO", "owner"),
        ("Product Owner", ""),
        ("VERTRIEBSLEITERIN", "head"),
        ("Teamleiter Einkauf", "manager"),
        ("Geschäftsführer", "c_level"),
        ("Président-directeur général", "c_level"),
        ("Responsable maintenance", "head"),
        ("Chef d’équipe", "manager"),
        ("Amministratore delegato", "c_level"),
        ("Capo progetto", "manager"),
        ("Jefa de mantenimiento", "head"),
        ("Becaria", "student"),
        ("Werkstudent Marketing", "student"),
        ("Studentenwerk", ""),
        ("Headhunter", ""),
        ("", ""),
    ],
)
def test_seniority_is_read_from_titles_in_five_languages(title, level):
    assert seniority_of(title) == level
    assert holds("seniority", "*", job_title=title) is bool(level)
    assert not level or holds("seniority", f"nothing, {level}", job_title=title)


def test_every_level_has_words_and_no_word_a_level_of_its_own():
    order, phrases, endings = seniority._lists()
    assert set(order) == {*LEVELS, "none"}
    assert set(phrases.values()) | set(endings.values()) == {*LEVELS, "none"}
    assert all(len(words) <= seniority._LONGEST for words in phrases)


def test_the_first_channel_is_one_of_the_words():
    assert holds("channel", "referral, partner", channel="partner")
    assert not holds("channel", "referral", channel="direct") and not holds("channel", "referral")


def test_where_the_person_has_no_such_fact_their_companys_own_field_counts():
    assert holds("fact", "gold", fact="tier", custom={"tier": "Gold"})
    assert holds("fact", low=10, fact="custom_lines", custom={"lines": 12})
    assert not holds("fact", "gold", fact="tier", named={"tier": "silver"}, custom={"tier": "gold"})
    assert not holds("fact", fact="tier", custom={"tier": None})


def test_a_value_with_a_comma_stands_in_quotes():
    assert holds("industry", 'Food, "Banking, insurance"', industry="banking,  Insurance")
    assert not holds("industry", "Banking, insurance", industry="banking, insurance")


def test_a_rule_that_cannot_be_compared_holds_for_nobody_and_is_logged_once(caplog):
    broken = FitRule(field="company_size", id=77, label="Odd", minimum="many")  # type: ignore[arg-type]
    for size in (10, 20, 30):
        assert fit_value(broken, FactsSeen(company_size=size), 2026) is None
    assert [record.levelname for record in caplog.records if "Fit rule 77" in record.getMessage()] == [
        "ERROR"
    ]


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
