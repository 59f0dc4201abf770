"""The body of a mail as a marketer wrote it, in either format, made into clean HTML with its merge fields aside."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from django.conf import settings
from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser

from campaigns.colours import WHITE, parse, written
from campaigns.mail import html as mail_html
from campaigns.mail import mjml, styles
from campaigns.mail.dark import dark_ground, darkened
from campaigns.mail.marks import Marks, is_marked, only_marks
from campaigns.models import MailFormat

WIDEST_PICTURE = 520  # of 600 px, 40 px at each side
_GHOST = re.compile(r"<!--\[if mso \| IE\]>(.*?)<!\[endif\]-->", re.DOTALL)
_GHOSTLY = re.compile(
    r"""(?:\s*</?(?:table|tbody|tr|td|v:rect|v:fill|v:textbox)(?: [a-z:-]+="[^"<>]*")*\s*/?>)+\s*"""
)
_SHEETS = re.compile(r"<style([^>]*)>(.*?)</style>", re.DOTALL | re.I)
_PAGE_TAGS = mail_html.TAGS | {"center", "tfoot", "caption"}
_PAGE_ATTRIBUTES = {
    name: mail_html.ATTRIBUTES.get(name, set()) | more
    for name, more in {
        "*": {"style", "align", "role"},
        "a": set(),
        "img": set(),
        "ol": set(),
        "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
        "tr": {"bgcolor", "valign"},
        "td": {"height", "bgcolor", "rowspan"},
        "th": {"height", "bgcolor", "rowspan"},
    }.items()
}


@dataclass(frozen=True)
class Body:
    """Clean HTML in which the fields are marks. A ``whole`` one brings its own sections, rules for the head, and the
    colour around it; else it goes into our page."""

    html: str
    marks: Marks
    whole: bool = False
    rules: str = ""
    dark_rules: str = ""
    ground: str = "#f7f7f9"


def read(source: str, format: str) -> Body:
    """The body of a source. Raises mjml.Broken."""
    marks = Marks()
    aside = marks.aside(source)
    return _page(aside, marks) if format == MailFormat.MJML else _simple(aside, marks)


def targets(source: str, format: str) -> list[str]:
    """The web addresses a mail links to, each once, in the order of the text. Raises mjml.Broken."""
    if format != MailFormat.MJML:
        return mail_html.targets(source)
    body = read(source, format)
    return mail_html.targets(body.marks.back(body.html))


def problems(source: str, format: str) -> list[str]:
    """What of a source would not arrive: MJML that cannot be read, fields where none may stand, dead addresses."""
    aside = Marks().aside(source)
    if format == MailFormat.MJML and (found := mjml.problems(aside)):
        return found
    body = read(source, format)
    found = []
    for field in dict.fromkeys(body.marks.lost(body.html)):
        line = source.count("\n", 0, source.find(field)) + 1
        found.append(
            _("line %(line)d: %(field)s stands where it would be cleaned away")
            % {"line": line, "field": field}
        )
    bad = mail_html.bad_targets(body.marks.back(body.html))
    found += [_("“%s” is no address a reader can follow.") % target for target in bad]
    return found


def _simple(aside: str, marks: Marks) -> Body:
    html = mail_html.clean(aside, keep_marks=True)
    return Body(html=_pictures(mail_html.with_buttons(html), widest=WIDEST_PICTURE), marks=marks)


def _page(aside: str, marks: Marks) -> Body:
    page = mjml.to_html(aside)
    head, _tag, rest = page.partition("<body")
    ground = re.match(r'[^>]*background-color:\s*([^;"]+)', rest)
    inside = rest.partition(">")[2].rpartition("</body>")[0]
    rules = "".join(_sheet(found[1], found[2]) for found in _SHEETS.finditer(head))
    inside = _GHOST.sub(lambda ghost: _ghost(ghost, marks), inside)
    colour = ground[1].strip() if ground else "#f7f7f9"
    if not re.fullmatch(r"#\w{3,6}", colour):
        colour = "#f7f7f9"
    html, dark_rules = darkened(_pictures(_clean_page(inside)), ground=colour)
    around = f"body{{background:{written(dark_ground(parse(colour) or WHITE))}!important}}"
    return Body(html, marks, True, rules, around + dark_rules, colour)


def _clean_page(html: str) -> str:
    cleaned = nh3.clean(
        html,
        tags=_PAGE_TAGS,
        attributes=_PAGE_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=mail_html.SCHEMES,
        link_rel=None,
        strip_comments=False,
    )
    return only_marks(cleaned)


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return styles.declarations(value) or None
    if name in ("href", "alt", "title"):
        return value
    return None if is_marked(value) else value


def _sheet(attributes: str, css: str) -> str:
    kept = styles.sheet(css)
    media = re.search(r'media="([\w\s():,.-]+)"', attributes)
    return f"@media {media[1]}{{{kept}}}" if media and kept else kept


def _ghost(ghost: re.Match[str], marks: Marks) -> str:
    """The tables that only Outlook sees. What is not simply a table is left out: a comment is not cleaned."""
    plain = _GHOSTLY.fullmatch(ghost[1]) and not is_marked(ghost[1]) and "javascript:" not in ghost[1].lower()
    return marks.add_unread(ghost[0]) if plain else ""


def _pictures(html: str, *, widest: int = 600) -> str:
    """Pictures of this site get their whole address, none is wider than a phone or the mail, none without ``alt``."""
    if "<img" not in html:
        return html
    tree = LexborHTMLParser(f"<body>{html}</body>")
    for picture in tree.css("img"):
        at, own = picture.attrs, picture.attributes
        if (own.get("src") or "").startswith("/"):
            at["src"] = f"{settings.BASE_URL}{own['src']}"
        at["alt"] = own.get("alt") or ""
        width = own.get("width") or ""
        if width.isascii() and width.isdigit():
            at["width"] = str(min(int(width), widest))
        style = own.get("style") or ""
        if "max-width" not in style:
            at["style"] = f"{style};max-width:100%;height:auto".strip(";")
    return (tree.body.inner_html if tree.body else "") or ""
