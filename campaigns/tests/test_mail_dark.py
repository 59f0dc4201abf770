"""Dark mode: whatever colours a marketer chose, the letters can be read on a light and on a dark screen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from campaigns.colours import READABLE, contrast, luminance, parse
from campaigns.mail import merge
from campaigns.mail.compose import render
from campaigns.mail.dark import dark_ground, darkened, readable

COLOUR = st.tuples(*[st.integers(0, 255)] * 3)
FOOTER = {
    "reason": "x",
    "unsubscribe_url": "https://a.example/u/1/",
    "preferences_url": "",
    "postal_address": "Zürich",
}


@settings(max_examples=500, deadline=None, derandomize=True)
@given(COLOUR, COLOUR)
def test_any_letters_on_any_ground_can_be_read_in_the_dark(ink, ground):
    under = dark_ground(ground)
    assert contrast(readable(ink, under), under) >= READABLE


@settings(max_examples=200, deadline=None, derandomize=True)
@given(COLOUR)
def test_no_ground_is_light_in_the_dark(ground):
    assert luminance(dark_ground(ground)) <= 0.4


def test_letters_that_can_be_read_keep_their_colour():
    assert readable((0xA9, 0xAD, 0xFF), (0x1C, 0x1C, 0x24)) == (0xA9, 0xAD, 0xFF)


def test_letters_that_only_inherit_their_colour_are_turned_with_their_ground():
    html, rules = darkened(
        '<div style="color:#111111"><p style="background:#ffffff">x</p></div>', ground="#111111"
    )
    paragraph = LexborHTMLParser(html).css_first("p")
    assert paragraph is not None
    rule = re.search(rf"\.{(paragraph.attributes['class'] or '').split()[-1]}{{([^}}]*)}}", rules)
    assert rule
    assert "background:#1c1c24!important" in rule[1]
    outer = LexborHTMLParser(html).css_first("div")
    assert outer is not None and "d" in (outer.attributes.get("class") or "")


@pytest.mark.parametrize("format", ["simple", "mjml"])
def test_both_formats_say_that_they_know_the_dark_and_keep_the_rules(format):
    body = "<p>one</p>"
    if format == "mjml":
        body = "<mjml><mj-body><mj-section><mj-column><mj-text>one</mj-text></mj-column></mj-section></mj-body></mjml>"
    html = render(subject="x", body=body, format=format, merge=merge.example(), footer=FOOTER).html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert re.search(r"@media \(prefers-color-scheme: dark\) \{[^@]*#1c1c24", html)


def test_a_colour_is_read_however_it_is_written():
    assert parse("#FFF") == parse("white") == parse("rgb(255, 255, 255)") == (255, 255, 255)
    assert parse("transparent") is None
