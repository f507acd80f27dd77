#!/usr/bin/env bash
# Brings a Python with the packages of examples/requirements.txt for the tests and prints its path; everything else goes
# to stderr.
#
#   usage: scripts/python.sh
#
# In this order: $ATHAR_PYTHON, the one kept from an earlier run, and last a fresh virtual environment under target/, with
# the pinned packages from the Python package index. Nothing of the system is changed and no root is needed.
#
# environment:
#   ATHAR_PYTHON       a Python to use as it is; it must have the packages
#   CARGO_TARGET_DIR   where target/ lies, as for cargo
set -euo pipefail
cd "$(dirname "$0")/.."

home=${CARGO_TARGET_DIR:-target}/python
pins=examples/requirements.txt

say() { printf 'python.sh: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

has_packages() { "$1" -c 'import duckdb, polars, pyarrow, requests' 2>/dev/null; }

answer() {
    say "using $("$1" --version) with $("$1" -m pip list --format freeze 2>/dev/null | grep -E '^(duckdb|polars|pyarrow|requests)=' | tr '\n' ' ')"
    printf '%s\n' "$1"
    exit 0
}

if [ -n "${ATHAR_PYTHON:-}" ]; then
    has_packages "$ATHAR_PYTHON" || fail "ATHAR_PYTHON=$ATHAR_PYTHON lacks duckdb, polars, pyarrow or requests (see $pins)"
    answer "$ATHAR_PYTHON"
fi

mkdir -p "$home"
home=$(cd "$home" && pwd)
# of other pins it is made anew
if cmp -s "$pins" "$home/pins.txt" && has_packages "$home/bin/python"; then
    answer "$home/bin/python"
fi
command -v python3 >/dev/null || fail "no python3 on PATH"
python3 -c 'import ensurepip, venv' 2>/dev/null || fail "python3 has no venv module (Debian: apt-get install python3-venv)"
rm -rf "$home"
python3 -m venv "$home" >&2
"$home/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins" >&2
cp "$pins" "$home/pins.txt"
answer "$home/bin/python"
