"""What the check for search engines finds wanting, and that it leaves a good page alone."""

import pytest

from campaigns.search_check import ERROR, NOTICE, WARNING, examine, read, summary

URL = "https://averdahl.example/p/bearing/"
WORDS = "Which reading moves first when a bearing fails, and where to set the alarm so that it rings once."


def a_head(title="Catch a failing bearing six weeks early", description=WORDS, canonical=URL, lang="en"):
    return (
        f'<html lang="{lang}"><head><title>{title} · Averdahl</title>'
        f'<meta name="description" content="{description}"><link rel="canonical" href="{canonical}">'
        '<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"@type": "FAQPage"}]}</script></head>'
    )


def said(html, **about):
    given = {"slug": "bearing", "url": URL, "brand": "Averdahl", "picture": (1200, 630)} | about
    return [(one.level, one.text) for one in examine(html, **given)]


def test_a_good_page_is_left_alone():
    assert said(a_head() + "<h1>Catch it</h1><h2>Inside</h2><img src=x alt=''>") == []


@pytest.mark.parametrize(
    ("html", "level", "word"),
    [
        (a_head(title="") + "<h1>x</h1>", ERROR, "no headline"),
        (a_head(title="Long " * 20) + "<h1>x</h1>", WARNING, "cut it after about 60"),
        (a_head(title="Short") + "<h1>x</h1>", NOTICE, "headline is short"),
        (a_head(description="") + "<h1>x</h1>", ERROR, "no text for search engines"),
        (a_head(description="Cut in the …") + "<h1>x</h1>", WARNING, "is the lead text, cut"),
        (a_head(description="Too short.") + "<h1>x</h1>", NOTICE, "is short: 10 characters"),
        (a_head() + "<h2>x</h2>", ERROR, "one headline; here are 0"),
        (a_head() + "<h1>x</h1><h1>y</h1>", ERROR, "one headline; here are 2"),
        (a_head() + "<h1>x</h1><h3>y</h3>", WARNING, "skips a level"),
        (a_head() + "<h1>x</h1><h2> </h2>", ERROR, "heading is empty"),
        (a_head() + "<h1>x</h1><img src=x>", ERROR, "no words for those who cannot see"),
        (a_head(canonical="https://x.example/") + "<h1>x</h1>", ERROR, "another address than its own"),
        (a_head(lang="") + "<h1>x</h1>", ERROR, "does not say its language"),
        (a_head().replace("@graph", "x") + "<h1>x</h1>", ERROR, "structured data cannot be read"),
        (a_head().replace("FAQPage", "Book") + "<h1>x</h1>", NOTICE, "No questions and answers"),
    ],
)
def test_each_fault_is_named_with_its_weight(html, level, word):
    found = said(html)
    assert [one for one in found if word in one[1]], found
    assert {one[0] for one in found if word in one[1]} == {level}


@pytest.mark.parametrize(
    ("about", "level"),
    [
        ({"slug": ""}, ERROR),
        ({"slug": "a" * 70}, WARNING),
        ({"slug": "a_b"}, NOTICE),
        ({"picture": None}, NOTICE),
        ({"picture": (600, 315)}, WARNING),
    ],
)
def test_the_address_and_the_picture_are_looked_at_too(about, level):
    assert [one[0] for one in said(a_head() + "<h1>x</h1>", **about)] == [level]


def test_a_heavy_page_is_told():
    import random

    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=90_000))
    assert "compressed" in said(a_head() + f"<h1>x</h1><p>{noise}</p>")[0][1]


def test_the_worst_stands_first_and_is_counted():
    found = examine("<h2>x</h2>", slug="a_b", url=URL)
    assert [one.level for one in found] == sorted(
        (one.level for one in found), key=[ERROR, WARNING, NOTICE].index
    )
    assert summary(found)[ERROR] == sum(one.level == ERROR for one in found)


def test_words_inside_a_heading_are_read_whole():
    assert read("<h1>Catch <b>it</b> early</h1>").headings == [(1, "Catch it early")]
