#!/usr/bin/env bash
# Holds the HTTP service against its own OpenAPI document with Schemathesis: thousands of requests, valid and invalid, over a
# copy of the demo world; no answer may be a fault of the service, of an undocumented status or of another shape.
#
#   usage: scripts/api-fuzz.sh [examples an operation, default 20]
#
# environment:
#   ATHAR_BIN          a built program (default: target/release/athar)
#   ATHAR_FUZZ_SEED    seed of the requests (default: a new one, which is printed)
#   CARGO_TARGET_DIR   where target/ lies, as for cargo
set -euo pipefail
cd "$(dirname "$0")/.."

examples=${1:-20}
target=${CARGO_TARGET_DIR:-target}
bin=$(realpath "${ATHAR_BIN:-$target/release/athar}")
mkdir -p "$target"
home=$(cd "$target" && pwd)/schemathesis
config=$PWD/scripts/api-fuzz/schemathesis.toml
pins=scripts/api-fuzz/requirements.txt

fail() {
    printf 'api-fuzz.sh: %s\n' "$*" >&2
    exit 1
}

[ -x "$bin" ] || fail "no $bin: build it, or set ATHAR_BIN"
if ! cmp -s "$pins" "$home/pins.txt" || ! [ -x "$home/bin/schemathesis" ]; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || fail "python3 has no venv module (Debian: apt-get install python3-venv)"
    rm -rf "$home"
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
    cp "$pins" "$home/pins.txt"
fi

work=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

"$bin" --quiet demo --out "$work/demo" >/dev/null
store=$work/demo/store
# a key for everything: what a key may not do is tested elsewhere, route by route
key=$("$bin" --store "$store" serve keys add --name fuzz --scope read,screen,write,admin,case_read,case_write,supervise --json 2>/dev/null |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
"$bin" --store "$store" serve --listen 127.0.0.1:0 --log error >"$work/url" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
    if grep -q '^http' "$work/url"; then break; fi
    kill -0 "$server" 2>/dev/null || fail "the service did not start: $(cat "$work/log")"
    sleep 0.1
done
url=$(grep -m 1 '^http' "$work/url")
seed=${ATHAR_FUZZ_SEED:-$RANDOM}
echo "seed $seed"
cd "$work" # it leaves a cache where it runs
# one worker: CPython before 3.13 can fail in ast.parse where two threads parse at once ("AST constructor recursion depth mismatch")
"$home/bin/schemathesis" --config-file "$config" run "$url/openapi.json" --header "Authorization: Bearer $key" \
    --max-examples "$examples" --seed "$seed" --workers 1 --no-color
kill -0 "$server" 2>/dev/null || fail "the service is gone: $(cat "$work/log")"
if grep '"level":"error"' "$work/log"; then fail "the service logged faults of its own, above"; fi
