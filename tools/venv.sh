#!/bin/sh
# Makes or refreshes .venv from the given requirements file.
set -eu
cd "$(dirname "$0")/.."

find_python() {
    for name in "${PYTHON:-python3}" python3.11 python3.12 python3.13 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Dianwei needs Python 3.11 or newer; set PYTHON to its path." >&2
    exit 1
}

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        tools/packages.sh python3-venv
    fi
    "$python" -m venv --clear .venv
fi
echo "Installing the packages of $1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$1"
.venv/bin/python -m config.translations
touch ".venv/$1.stamp"
