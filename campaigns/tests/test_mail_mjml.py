"""Mails in MJML: nothing comes in from elsewhere, nothing dangerous goes out, fields and layout survive."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from campaigns.mail import merge, mjml
from campaigns.mail.body import problems, targets
from campaigns.mail.checks import check_template
from campaigns.mail.compose import Rendered, render
from campaigns.models import MailFormat

FOOTER = {
    "reason": "You asked for it.",
    "unsubscribe_url": "https://a.example/u/1/",
    "preferences_url": "https://a.example/u/1/",
    "postal_address": "Kanalweg 14, Zürich",
}


def page(inside: str, head: str = "") -> str:
    return f"<mjml><mj-head>{head}</mj-head><mj-body>{inside}</mj-body></mjml>"


def text(words: str) -> str:
    return page(f"<mj-section><mj-column><mj-text>{words}</mj-text></mj-column></mj-section>")


def sent(body: str, **more: object) -> Rendered:
    given = {"subject": "x", "merge": merge.example(), "footer": FOOTER, "format": MailFormat.MJML, **more}
    return render(body=body, **given)  # type: ignore[arg-type]


TWO = page(
    "<mj-section><mj-column><mj-text>left</mj-text></mj-column><mj-column><mj-text>right</mj-text></mj-column></mj-section>"
)


def test_a_good_mail_has_no_problems():
    assert check_template("x", text("Hi {{ person.first_name | default: 'there' }}"), format="mjml") == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (page('\n<mj-include path="/etc/passwd" />'), "line 2: <mj-include>"),
        (page("\n\n<mj-carousel></mj-carousel>"), "line 3: <mj-carousel> is not offered"),
        ("<mjml>\n<mj-body>\n<mj-section></mj-body></mjml>", "line 3: </mj-body> closes nothing"),
        ("<mjml>\n<mj-body>", "line 2: <mj-body> is never closed"),
        (page("\n<mj-section full-width></mj-section>"), "line 2: write each attribute"),
        (page("", head='\n<mj-font name="x" href="https://f.example/x.css" />'), "line 2: <mj-font>"),
        ("<p>Hello</p>", "it has no <mjml>"),
        (page("x" * mjml.LONGEST), "longer than"),
        (text("<script>\n{{ brand }}</script>"), "cleaned away"),
        (text('<a href="https://x.example/{{ brand }}">x</a>'), "no address a reader can follow"),
        (text('<a href="{{ person.first_name }}">x</a>'), "no address a reader can follow"),
        (text("Hi\n{{ person.first_name }}"), "line 2, column 4"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_line(body, says):
    found = check_template("A subject", body, format="mjml")
    assert any(says in problem for problem in found), found


def test_a_mail_nested_without_end_is_refused_before_the_engine_dies_of_it():
    deep = page("<mj-section>" * 20_00 + "</mj-section>" * 20_00)
    assert "tags inside each other" in mjml.problems(deep)[0]
    with pytest.raises(mjml.Broken):
        mjml.to_html(deep)


def test_a_mail_as_deep_as_allowed_is_made():
    bold = "<b>" * (mjml.DEEPEST - 5) + "x" + "</b>" * (mjml.DEEPEST - 5)
    assert problems(text(bold), "mjml") == []


EVIL = [
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<iframe src='https://x.example/'></iframe>",
    '<form action="https://x.example/"><input name="card"></form>',
    "<style>body{background:url(javascript:alert(1))}</style>",
    '<p style="background:url(javascript:alert(1));width:expression(alert(1))">x</p>',
    '<p style="position:fixed;top:0;left:0;width:100%;height:100%">x</p>',
    "<!--[if mso | IE]><script>alert(1)</script><![endif]-->",
    "<!-- --!><script>alert(1)</script>",
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    "<meta http-equiv='refresh' content='0;url=https://x.example/'>",
    "<base href='https://x.example/'>",
    "<link rel='stylesheet' href='https://x.example/x.css'>",
]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("wrap", [text, lambda evil: page(f"<mj-raw>{evil}</mj-raw>")], ids=["text", "raw"])
def test_what_runs_loads_or_covers_is_gone(evil, wrap):
    try:
        html = sent(wrap(evil)).html
    except mjml.Broken:
        return  # said no, with the line
    tree = LexborHTMLParser(html)
    assert not tree.css("script, iframe, form, input, svg, base, link, meta[http-equiv]")
    for bad in ("javascript:", "expression(", "onerror", "onload", "position:fixed", "alert(1)<"):
        assert bad not in html.lower()


def test_rules_of_the_head_keep_media_queries_and_lose_what_loads():
    css = "@import url('https://x.example/a.css'); .q{color:red;behavior:url(x.htc)} "
    css += "@media (max-width:400px){.q{color:blue}}"
    html = sent(page("<mj-section css-class='q'></mj-section>", head=f"<mj-style>{css}</mj-style>")).html
    assert ".q{color:red}" in html
    assert "@media (max-width:400px){.q{color:blue}}" in html
    assert "@import" not in html
    assert "behavior" not in html


def test_columns_keep_the_tables_of_outlook_and_the_rules_of_phones():
    html = sent(TWO).html
    assert html.count('<!--[if mso | IE]><td style="vertical-align:top;width:300px;"><![endif]-->') == 2
    assert ".mj-column-per-50{width:50% !important;max-width:50%}" in html.replace("  ", " ")


def test_no_outlook_table_stands_in_the_text_part():
    assert "mso" not in sent(TWO).text


def test_fields_survive_in_text_links_and_around_rows_and_sections():
    body = page(
        "{% if person.company %}<mj-section><mj-column><mj-table>{% for n in (1..3) %}<tr><td>row {{ n }}</td></tr>"
        "{% endfor %}</mj-table><mj-text>{{ person.company }} <a href='{{ unsubscribe_url }}'>out</a></mj-text>"
        "</mj-column></mj-section>{% endif %}"
    )
    mail = sent(body)
    cells = [
        cell.text().strip() for cell in LexborHTMLParser(mail.html).css("td") if len(cell.css("td")) == 1
    ]
    rows = [words for words in cells if words.startswith("row")]
    assert rows == ["row 1", "row 2", "row 3"]
    assert "row 1" in mail.text
    assert "row 3" in mail.text
    assert 'href="https://a.example/u/1/">out' in mail.html
    without = sent(body, merge=merge.example({}))
    assert "row 1" not in without.html
    assert "row 1" not in without.text


def test_a_field_cannot_bring_markup_or_liquid_of_its_own():
    evil = merge.fields(
        person={"first_name": "<b>{{ brand }}</b>", "company": "q7f0f7q<!--m:0-->"}, owner="M", **merge.ALWAYS
    )
    mail = sent(text("{{ person.first_name }} {{ person.company }}"), merge=evil)
    assert "&lt;b&gt;{{ brand }}&lt;/b&gt;" in mail.html
    assert "<b>{{ brand }}</b> q7f0f7q<!--m:0-->" in mail.text


def test_a_brace_made_of_entities_is_no_field():
    mail = sent(text("&#123;&#123; person.first_name }} &#123;% if %}"))
    assert "{{ person.first_name }}" in mail.text
    assert "Lena" not in mail.html


def test_links_are_found_and_led_by_us_in_both_parts():
    body = page('<mj-section><mj-column><mj-button href="/p/guide/">Go</mj-button></mj-column></mj-section>')
    assert targets(body, "mjml") == ["/p/guide/"]
    mail = sent(body, links=lambda target: f"https://t.example{target}")
    assert 'href="https://t.example/p/guide/"' in mail.html
    assert "Go <https://t.example/p/guide/>" in mail.text


def test_our_footer_and_preview_line_are_always_there():
    mail = sent(text("one"), preheader="Beside the {{ brand }} subject")
    assert "Beside the Averdahl subject" in mail.html
    for part in (mail.html, mail.text):
        assert "https://a.example/u/1/" in part
        assert "Kanalweg 14" in part


def test_the_next_piece_gets_a_section_of_its_own_and_leaves_none_behind():
    with_one = sent(text("one"), next_piece=True)
    assert "Where to put the sensor" in with_one.html
    assert with_one.text.index("Where to put the sensor") < with_one.text.index("-- \n")
    without = sent(text("one"), next_piece=True, merge=merge.example(piece={}))
    assert "Read next" not in without.html + without.text
