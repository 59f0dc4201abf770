"""The yardstick of sales' pages: each with the fewest statements by hand and a plain template, without a frame.

No session, no rights, no middleware, no filters: what is left is reading the rows and writing them down.
"""

from __future__ import annotations

import os
from typing import Any

import django
import environ
from django.conf import settings

from bench.sales_pages import BOARD, PERSON, ROWS

if not settings.configured:
    database = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 8}}
    engine = "django.template.backends.django.DjangoTemplates"
    plain = {"rows": ROWS, "board": BOARD, "person": PERSON}
    loaders = [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", plain)])]
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        INSTALLED_APPS=[],
        MIDDLEWARE=[],
        ROOT_URLCONF=__name__,
        SECRET_KEY="only for the bench" * 3,
        TEMPLATES=[{"BACKEND": engine, "OPTIONS": {"loaders": loaders}}],
        USE_TZ=True,
    )
    django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

REP, TEAM = os.environ.get("BENCH_REP", "1"), "true"
ROW = "p.id, n.first_name, n.last_name, n.job_title, c.name, s.grade, g.name, p.stage_since"
FROM = """prospects_prospect p JOIN leads_person n ON n.id = p.person_id JOIN prospects_stage g ON g.id = p.stage_id
LEFT JOIN leads_company c ON c.id = n.company_id LEFT JOIN leads_lead l ON l.person_id = n.id
LEFT JOIN leads_leadscore s ON s.lead_id = l.id"""
NEXT = "(SELECT min(due_at) FROM prospects_followup f WHERE f.prospect_id = p.id AND done_at IS NULL)"
MONEY = "(SELECT sum(base_amount) FROM prospects_deal d WHERE d.prospect_id = p.id AND status = 'open')"


def read(statement: str, *given: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall()


def today(request: HttpRequest) -> HttpResponse:
    rows = read(
        f"SELECT {ROW}, f.due_at, f.kind, f.text FROM {FROM} JOIN prospects_followup f ON f.prospect_id = p.id "
        f"WHERE f.owner_id = {REP} AND f.done_at IS NULL AND p.closed_at IS NULL AND f.due_at < now() + interval "
        "'1 day' "
        "ORDER BY s.grade, f.due_at"
    )
    return render(request, "rows", {"title": "Today", "about": len(rows), "rows": rows})


def board_of(request: HttpRequest, whose: str) -> HttpResponse:
    ahead = "SELECT DISTINCT prospect_id FROM prospects_followup WHERE done_at IS NULL AND due_at > now()"
    money = (
        "SELECT prospect_id, sum(base_amount) AS money FROM prospects_deal WHERE status = 'open' GROUP BY 1"
    )
    totals = read(
        f"""SELECT p.stage_id, count(*), count(*) FILTER (WHERE f.prospect_id IS NULL), sum(d.money)
        FROM prospects_prospect p LEFT JOIN ({ahead}) f ON f.prospect_id = p.id
        LEFT JOIN ({money}) d ON d.prospect_id = p.id WHERE p.closed_at IS NULL AND {whose} GROUP BY 1"""
    )
    cards = read(
        "SELECT p.* FROM prospects_stage o CROSS JOIN LATERAL (SELECT p.id, p.stage_id, n.first_name, n.last_name, "
        f"c.name, s.grade, {MONEY}, p.stage_since, {NEXT} FROM {FROM} "
        f"WHERE p.stage_id = o.id AND p.closed_at IS NULL AND {whose} ORDER BY p.stage_since, p.id LIMIT 40) p "
        "WHERE o.kind = 'open'"
    )
    lanes = [
        {
            "name": stage,
            "total": total,
            "red": red,
            "money": money,
            "cards": [c for c in cards if c[1] == stage],
        }
        for stage, total, red, money in totals
    ]
    return render(request, "board", {"lanes": lanes})


def board(request: HttpRequest) -> HttpResponse:
    return board_of(request, TEAM if request.GET.get("whose") == "team" else f"p.owner_id = {REP}")


def prospects(request: HttpRequest) -> HttpResponse:
    """The list, and with `after` a page from its depth."""
    after = request.GET.get("after")
    beyond = (
        "AND (p.stage_since, p.id) < (SELECT stage_since, id FROM prospects_prospect WHERE id = %s)"
        if after
        else ""
    )
    given = [after] if after else []
    rows = read(
        f"SELECT {ROW}, {NEXT} FROM {FROM} WHERE p.closed_at IS NULL {beyond} ORDER BY p.stage_since DESC, "
        "p.id DESC LIMIT 50",
        *given,
    )
    total = read("SELECT count(*) FROM prospects_prospect WHERE closed_at IS NULL")
    return render(request, "rows", {"title": "Prospects", "about": total[0][0], "rows": rows})


def leads(request: HttpRequest) -> HttpResponse:
    rows = read(
        "SELECT l.id, n.first_name, n.last_name, n.job_title, n.company_name, l.status, s.grade, s.total, "
        "l.created_at, h.name FROM leads_lead l JOIN leads_person n ON n.id = l.person_id "
        "LEFT JOIN leads_leadscore s ON s.lead_id = l.id "
        "LEFT JOIN leads_touch t ON t.id = l.first_touch_id LEFT JOIN campaigns_channel h ON h.id = t.channel_id "
        "ORDER BY l.created_at DESC, l.id DESC LIMIT 50"
    )
    return render(request, "rows", {"title": "Leads", "about": "", "rows": rows})


def accounts(request: HttpRequest) -> HttpResponse:
    rows = read(
        "SELECT a.id, c.name, c.industry, c.city, a.tier, u.username FROM prospects_account a JOIN leads_company c "
        "ON c.id = a.company_id LEFT JOIN crm_user u ON u.id = a.owner_id ORDER BY c.name, a.id LIMIT 50"
    )
    return render(request, "rows", {"title": "Accounts", "about": "", "rows": rows})


def search(request: HttpRequest) -> HttpResponse:
    """The same question as ours, in one statement: beginnings of names and addresses, parts of companies' names."""
    begins, within = request.GET["q"].upper() + "%", "%" + request.GET["q"].upper() + "%"
    rows = read(
        """SELECT n.id, n.first_name, n.last_name, n.job_title, n.company_name, n.sales_stage, s.name, u.username
        FROM (SELECT * FROM leads_person WHERE upper(last_name) LIKE %s OR upper(first_name) LIKE %s OR
        email_key LIKE %s OR company_id = ANY(ARRAY(SELECT id FROM leads_company WHERE upper(name) LIKE %s LIMIT 100))
        LIMIT 2000) n LEFT JOIN prospects_prospect p ON p.person_id = n.id
        LEFT JOIN prospects_stage s ON s.id = p.stage_id LEFT JOIN crm_user u ON u.id = p.owner_id
        ORDER BY n.last_name, n.first_name, n.id LIMIT 30""",
        begins,
        begins,
        begins.lower(),
        within,
    )
    return render(request, "rows", {"title": "Search", "about": len(rows), "rows": rows})


def forecast(request: HttpRequest) -> HttpResponse:
    """Open deals by stage, month and owner, and what became of a year's closed ones."""
    rows = read(
        """SELECT p.stage_id, date_trunc('month', d.expected_on), p.owner_id, count(*), sum(base_amount)
        FROM prospects_deal d JOIN prospects_prospect p ON p.id = d.prospect_id WHERE d.status = 'open'
        GROUP BY 1, 2, 3"""
    )
    closed = read(
        """SELECT p.owner_id, d.status, count(*), sum(base_amount),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY d.closed_at - d.opened_at)
        FROM prospects_deal d JOIN prospects_prospect p ON p.id = d.prospect_id
        WHERE d.status <> 'open' AND d.closed_at > now() - interval '1 year' GROUP BY 1, 2"""
    )
    return render(request, "rows", {"title": "Forecast", "about": "", "rows": rows + closed})


def person(request: HttpRequest, pk: int) -> HttpResponse:
    head = read(f"SELECT {ROW}, {NEXT}, {MONEY}, n.email, n.phone FROM {FROM} WHERE p.id = %s", pk)
    bant = read(
        "SELECT question, state, quote FROM prospects_bantanswer WHERE prospect_id = %s ORDER BY at", pk
    )
    story = read(
        "SELECT at, kind, label FROM leads_touch WHERE person_id = %s UNION ALL "
        "SELECT at, outcome, note FROM prospects_call WHERE prospect_id = %s UNION ALL "
        "SELECT at, 'move', why FROM prospects_stagemove WHERE prospect_id = %s ORDER BY 1 DESC LIMIT 120",
        20 * pk,
        pk,
        pk,
    )
    return render(request, "person", {"head": head[0], "bant": bant, "story": story})


urlpatterns = [
    path("healthz", lambda request: HttpResponse("ok")),
    path("today", today),
    path("board", board),
    path("prospects", prospects),
    path("leads", leads),
    path("accounts", accounts),
    path("search", search),
    path("forecast", forecast),
    path("person/<int:pk>", person),
]
application = get_wsgi_application()
