#!/bin/sh
# Makes .venv and installs a requirements file into it: tools/venv.sh requirements.txt
# Needs Python 3.11 or later. Where Debian left out ensurepip, the wheel of pip beside this file helps out.
set -eu
cd "$(dirname "$0")/.."
requirements=$1

usable() { "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! [ -x .venv/bin/python ] || ! usable .venv/bin/python; then
    found=
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if usable "$python"; then found=$python; break; fi
    done
    if [ -z "$found" ]; then
        echo "Python 3.11 or later is needed. Set PYTHON=/path/to/python3 if it lies elsewhere." >&2
        exit 1
    fi
    echo "Making .venv with $("$found" --version)."
    "$found" -m venv --without-pip --clear .venv
fi
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    .venv/bin/python -m ensurepip --default-pip >/dev/null 2>&1 || {
        wheel=$(ls tools/bootstrap/pip-*.whl)
        .venv/bin/python "$wheel/pip" install --quiet --no-index "$wheel"
    }
fi
echo "Installing $requirements (half a minute the first time)."
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements"
