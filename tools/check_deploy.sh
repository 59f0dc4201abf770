#!/bin/sh
# Django's own check of a production set-up: https, PostgreSQL, Redis. Nothing is connected to.
set -eu
cd "$(dirname "$0")/.."
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
env ENV_FILE=/dev/null DATA_DIR="$here" BASE_URL=https://crm.company.example TRUSTED_PROXIES=10.0.0.0/8 \
    DATABASE_URL=postgres://headwater@localhost/headwater REDIS_URL=redis://localhost:6379/0 \
    ORG_NAME="Brackwerk GmbH" ORG_BRAND=Brackwerk POSTAL_ADDRESS="Brackwerk GmbH, Hafenstr. 1, 28195 Bremen" \
    DEFAULT_FROM_EMAIL=hello@brackwerk.example \
    .venv/bin/python manage.py check --deploy --fail-level WARNING
