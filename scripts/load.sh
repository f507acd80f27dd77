#!/usr/bin/env bash
# Two hundred analysts who read cases and subjects at once, with oha (crates.io): prints rates and times of answers.
#
#   usage: scripts/load.sh [analysts, default 200] [seconds, default 30]
#
# Serves a fresh demo world for a team, over SQLite or the database that ATHAR_TEAM_DB names (it must be empty), makes cases with
# subjects, notes and findings through the API as people would, and has every analyst ask one page after the other without a
# pause: case, its items, counterparties, screening, activity, address. People pause; so this is more than so many people do.
#
# environment:
#   ATHAR_BIN       a built program (default: target/release/athar)
#   ATHAR_OHA       oha (default: the one on PATH; `cargo install --locked oha`)
#   ATHAR_TEAM_DB   PostgreSQL by URL (default: SQLite beside the store)
#   ATHAR_LOAD_TXS  transactions of the world (default 20000)
set -euo pipefail
cd "$(dirname "$0")/.."

analysts=${1:-200} seconds=${2:-30}
bin=${ATHAR_BIN:-${CARGO_TARGET_DIR:-target}/release/athar}
oha=${ATHAR_OHA:-oha}
fail() {
    printf 'load.sh: %s\n' "$*" >&2
    exit 1
}
[ -x "$bin" ] || fail "no $bin: build it, or set ATHAR_BIN"
command -v "$oha" >/dev/null || fail "no oha: cargo install --locked oha, or set ATHAR_OHA"

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

"$bin" --quiet demo --txs "${ATHAR_LOAD_TXS:-20000}" --out "$work/demo" >/dev/null
store=$work/demo/store
team=()
if [ -n "${ATHAR_TEAM_DB:-}" ]; then team=(--team "$ATHAR_TEAM_DB"); fi
password=$("$bin" --store "$store" users "${team[@]}" add lead --role admin --json 2>/dev/null |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["new_password"])')
"$bin" --store "$store" serve "${team[@]}" --listen 127.0.0.1:0 --log error >"$work/url" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
    if grep -q '^http' "$work/url"; then break; fi
    kill -0 "$server" 2>/dev/null || fail "the service did not start: $(cat "$work/log")"
    sleep 0.1
done
url=$(grep -m 1 '^http' "$work/url")
python3 scripts/load/prepare.py "$url" lead "$password" "$work/cookie" "$work/pages"
for kind in case subject all; do
    if [ $kind = all ]; then cp "$work/pages" "$work/some"; else grep "^$kind " "$work/pages" >"$work/some"; fi
    cut -d ' ' -f 2- "$work/some" | shuf --random-source=<(yes) >"$work/urls"
    printf '\n## %s: %d pages, %d analysts without a pause\n' "$kind" "$(wc -l <"$work/urls")" "$analysts"
    "$oha" --no-tui -c "$analysts" -z "${seconds}s" --urls-from-file -H "Cookie: $(cat "$work/cookie")" "$work/urls" |
        grep -E 'Success rate|Requests/sec|(50|90|99|99\.9)\.00% in|99.90% in|\[[0-9]+\] [0-9]+ resp|rror'
done
