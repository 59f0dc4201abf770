"""Addresses for machines (`/healthz`, `/readyz`), the status page, and the answer when the database is away."""

from __future__ import annotations

import sys

from django.contrib.auth.decorators import login_required, permission_required
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.status import status
from leads.feedback.counts import rates

RETRY_SECONDS = 5


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nobody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and is migrated: 200, else 503. Redis and the mail server do not count."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "not ready", "database": "does not answer"}, status=503)
    if pending:
        return JsonResponse({"status": "not ready", "database": "not migrated"}, status=503)
    return JsonResponse({"status": "ok"})


@login_required
@permission_required("crm.view_status", raise_exception=True)
@require_safe
def status_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return render(request, "staff/status.html", {"status": status(at=now), "rates": rates(at=now)})


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort (handler500): 503 and Retry-After where the database was away or too slow, else 500.

    Renders without a request, so that nothing in the page asks the database again.
    """
    if isinstance(sys.exc_info()[1], OperationalError):
        page = render_to_string("503.html", {"seconds": RETRY_SECONDS})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return HttpResponse(render_to_string("500.html"), status=500)
