"""How gunicorn serves the site: threads, because a page waits for the database and not for the processor."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
# A page that asks for longer is better cut off; the worker's statements are not.
os.environ.setdefault("STATEMENT_TIMEOUT", "5")

from crm.database import wait_for_database
from crm.environment import whole_number

wsgi_app = "crm.wsgi"
bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = whole_number("WEB_CONCURRENCY", os.environ.get("WEB_CONCURRENCY", ""), 2, 1, 64)
worker_class = "gthread"
threads = 8
timeout = 30
graceful_timeout = 25
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
control_socket_disable = True
# Forwarded headers are judged by crm.middleware.client_address, not here.
forwarded_allow_ips = ""

wait_for_database()
