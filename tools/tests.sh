#!/bin/sh
# The whole suite: on SQLite always; again on PostgreSQL and Redis where TEST_DATABASE_URL and TEST_REDIS_URL name
# servers; in a browser where Chromium is found. What is left out is said; with REQUIRE_ALL=1 it is a failure.
set -eu
cd "$(dirname "$0")/.."
pytest=.venv/bin/pytest
browser=crm/tests/browser
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
# Neither a developer's .env nor the data of a running site may reach a test.
export ENV_FILE=/dev/null DATA_DIR="$here/data"
unset DATABASE_URL REDIS_URL EMAIL_URL SECRET_KEY BASE_URL ALLOWED_HOSTS DEBUG TIME_ZONE || true

left_out() {
    echo "LEFT OUT: $1"
    if [ "${REQUIRE_ALL:-}" = 1 ]; then exit 1; fi
}

servers=
if [ -n "${TEST_DATABASE_URL:-}" ] && [ -n "${TEST_REDIS_URL:-}" ]; then servers=yes; fi
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}

echo "== SQLite =="
$pytest -n "${JOBS:-2}" --dist loadfile --no-loadscope-reorder --ignore="$browser" "$@"

if [ -n "$servers" ]; then
    echo "== PostgreSQL and Redis =="
    # What is the same there is not played twice (crm/tests/pace.py).
    DATABASE_URL=$TEST_DATABASE_URL REDIS_URL=$TEST_REDIS_URL DATABASE_TESTS=1 \
        $pytest -n "${JOBS:-2}" --dist loadfile --no-loadscope-reorder --ignore="$browser" "$@"
else
    left_out "PostgreSQL and Redis, because TEST_DATABASE_URL and TEST_REDIS_URL do not name servers."
fi

if [ -z "$chromium" ]; then
    left_out "the browser tests, because no Chromium is found (CHROMIUM=/path/to/chromium names one)."
elif [ -d "$browser" ]; then
    echo "== Browser =="
    # The two modes have nothing in common and mostly wait, so they are played side by side.
    export CHROMIUM=$chromium
    $pytest "$browser" -k embedded --basetemp="$here/embedded" >"$here/embedded.log" 2>&1 &
    embedded=$!
    if [ -n "$servers" ]; then $pytest "$browser" -k production --basetemp="$here/production"; fi
    wait "$embedded" || { cat "$here/embedded.log"; exit 1; }
    tail -n 1 "$here/embedded.log"
fi
if [ -z "${REAL_DATA:-}" ]; then echo "LEFT OUT: the real exports, because REAL_DATA names no folder."; fi
