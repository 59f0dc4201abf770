"""A template is refused when it could fail for somebody, and what comes out of it is safe whatever went in."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from campaigns.mail import merge
from campaigns.mail.checks import check_template
from campaigns.mail.compose import compose, render
from campaigns.mail.html import bad_targets, clean, targets, to_text

FOOTER = {
    "reason": "You asked for it.",
    "unsubscribe_url": "https://a.example/u/1/",
    "preferences_url": "https://a.example/u/1/",
    "postal_address": "Kanalweg 14, Zürich",
}
GOOD = '<p>Hi {{ person.first_name | default: "there" }}, <a href="/p/guide/">the guide</a></p>'


def test_a_good_template_has_no_problems():
    assert check_template("Hello {{ brand }}", GOOD) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<p>Hi\n{{ person.first_name }}</p>", "line 2, column 4"),
        ("{{ person.frist_name | default: 'x' }}", "no field “person.frist_name”"),
        ("{% if person.company %}{{ person.job_title }}{% endif %}", "“person.job_title” may be empty"),
        ("a\n{% if %}", "line 2"),
        ("{{ brand", "expected"),
        ("{{ brand | safe }}", "unknown filter 'safe'"),
        ("{% for i in (1..100000) %}x{% endfor %}", "loop iteration limit"),
        ("{% include 'x' %}", "x"),
        ("{{ person }}", "no field “person”"),
        ("<a href='page.html'>x</a>", "no address"),
        ("<a href='https://x.example/{{ brand }}'>x</a>", "no address"),
        ("<a href='https://x.example/{{brand}}'>x</a>", "no address"),
        ("", "it is empty"),
    ],
)
def test_a_template_that_could_fail_for_somebody_is_refused_with_its_place(body, says):
    found = check_template("A subject", body)
    assert any(says in problem for problem in found), found


def test_an_unknown_name_inside_a_branch_nobody_takes_is_found():
    assert check_template("{% if person.nobody %}x{% endif %}y", GOOD)


def test_fields_are_escaped_in_the_body_and_plain_in_the_subject():
    evil = merge.fields(person={"first_name": "<script>alert(1)</script>&"}, owner="M", **merge.ALWAYS)
    mail = render(
        subject="{{ person.first_name }}", body="<p>{{ person.first_name }}</p>", merge=evil, footer=FOOTER
    )
    assert mail.subject == "<script>alert(1)</script>&"
    assert LexborHTMLParser(mail.html).css("script") == []
    assert "<script>alert(1)</script>&" in mail.text


def test_a_line_break_in_a_name_ends_no_header():
    evil = merge.fields(
        person={"first_name": "Eve\r\nBcc: x@y.example\x85\u2028z"}, owner="M", **merge.ALWAYS
    )
    mail = render(subject="Hi {{ person.first_name }}", body="<p>x</p>", merge=evil, footer=FOOTER)
    assert mail.subject == "Hi Eve Bcc: x@y.example z"


def test_what_a_marketer_may_not_write_is_cleaned_away():
    kept = clean('<p onclick="x" style="color:red">a<script>b</script><a href="javascript:c">d</a></p>')
    assert kept == "<p>a<a>d</a></p>"


def test_links_are_found_once_each_in_the_order_of_the_text():
    html = '<a href="/b/">1</a><a href="https://x.example/?a=1&amp;b=2">2</a><a href="/b/">3</a>'
    html += '<a href="mailto:a@b">4</a>'
    assert targets(html) == ["/b/", "https://x.example/?a=1&b=2"]
    assert bad_targets(html) == []


def test_each_link_is_given_to_the_callable_and_paths_become_addresses(settings):
    settings.BASE_URL = "https://a.example"
    plain = compose(subject="x", body='<a href="/p/">x</a>', footer=FOOTER)
    assert 'href="https://a.example/p/"' in plain.html
    changed = compose(
        subject="x", body='<a href="/p/">x</a>', footer=FOOTER, links=lambda t: f"https://t.example{t}"
    )
    assert 'href="https://t.example/p/"' in changed.html
    assert "x <https://t.example/p/>" in changed.text


def test_styles_are_on_the_tags_and_the_rules_for_phones_stay():
    mail = compose(subject="x", body="<p>one</p>", footer=FOOTER)
    assert '<p style="' in mail.html
    assert mail.html.count("@media") == 2
    assert "<link" not in mail.html


def test_text_part_reads_like_a_letter():
    html = '<h2>Title</h2><p>One<br>two   three</p><ul><li>a</li><li>b</li></ul><p><a href="https://x.example/">go</a></p>'
    assert to_text(html) == "Title\n\nOne\ntwo three\n\n- a\n\n- b\n\ngo <https://x.example/>"


def test_both_parts_carry_the_way_out_and_the_postal_address():
    mail = compose(subject="x", body="<p>one</p>", footer=FOOTER)
    for part in (mail.html, mail.text):
        assert "https://a.example/u/1/" in part
        assert "Kanalweg 14" in part
        assert "You asked for it." in part


def test_a_pixel_is_there_only_when_asked_for():
    words = {"subject": "x", "body": "<p>one</p>", "footer": FOOTER, "merge": merge.example()}
    assert "<img" not in render(**words).html
    with_one = render(**words, pixel_url="https://a.example/o/t.gif")
    assert with_one.html.count('<img src="https://a.example/o/t.gif"') == 1
