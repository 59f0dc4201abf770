"""Every piece has a cover: a drawing for its kind in the colours of its topic."""

import pytest
from django.template.loader import get_template

from campaigns.covers import BY_KIND, DRAWINGS, cover_for
from campaigns.models import Asset, AssetKind, Topic

VIBRATION = Topic(name="Vibration", slug="vibration", palette="cv-vibration")


def a_piece(kind="white-paper", art="", title="Paper", topic=VIBRATION):
    return Asset(kind=AssetKind(slug=kind, name=kind), topic=topic, art=art, title=title)


@pytest.mark.parametrize("drawing", sorted(DRAWINGS))
def test_each_drawing_is_there_and_is_hidden_from_screen_readers(drawing):
    assert 'aria-hidden="true"' in get_template(f"campaigns/covers/{drawing}.html").render({"figure": "7 %"})


@pytest.mark.parametrize(("kind", "drawing"), [*BY_KIND.items(), ("podcast", "waves")])
def test_the_kind_chooses_the_drawing(kind, drawing):
    assert cover_for(a_piece(kind, title="Down by 38 %")).include == f"campaigns/covers/{drawing}.html"


def test_a_piece_may_name_its_own_drawing_and_figure():
    assert cover_for(a_piece(art="rings")).include.endswith("rings.html")
    assert cover_for(a_piece(art="figure −38 %")).figure == "−38 %"


def test_an_unknown_drawing_falls_back_to_the_kinds():
    assert cover_for(a_piece(art="../../secret")).include.endswith("bearing.html")


def test_a_case_study_takes_its_figure_from_the_title():
    assert cover_for(a_piece("case-study", title="A dairy saved 38 % of its stops")).figure == "38 %"
    assert cover_for(a_piece("case-study", title="A quiet dairy")).include.endswith("waves.html")


def test_a_palette_that_is_no_class_of_the_style_sheet_becomes_the_neutral_one():
    strange = Topic(name="x", slug="x", palette='cv" onload="')
    assert cover_for(a_piece(topic=strange)).palette == "cv-site"
