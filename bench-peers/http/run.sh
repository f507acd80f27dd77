#!/usr/bin/env bash
# Direct screenings over HTTP, beside a handler that says hello on the same libraries, in one run. Needs wrk (Debian: apt-get
# install wrk) and python3.
#
#   usage: bench-peers/http/run.sh [SECONDS] [CONNECTIONS]
#
# Builds both in release, makes a world and its store in a temporary folder, and loads each in turn, three rounds, on this machine:
# the load tool takes its part of the processors, so figures are of service and tool together. Prints requests a second and times by
# wrk, without correction for coordinated omission.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-10}
connections=${2:-32}
command -v wrk >/dev/null || { echo "no wrk on PATH" >&2; exit 1; }
[ -n "${ATHAR_BIN:-}" ] || cargo build --release --quiet -p athar
cargo build --release --quiet -p athar-server --example hello
target=${CARGO_TARGET_DIR:-target}/release
athar=${ATHAR_BIN:-$target/athar}

dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$dir"' EXIT
"$athar" --quiet simulate --seed 1 --txs 100000 --out "$dir/world" >/dev/null
"$athar" --quiet --store "$dir/store" ingest bitcoin --blocks "$dir/world/blocks" >/dev/null
"$athar" --quiet --store "$dir/store" labels import "$dir/world/analyst/labels.csv" >/dev/null

# where a program says that it listens
base() { for _ in $(seq 100); do [ -s "$1" ] && break; sleep 0.1; done; head -n 1 "$1"; }
"$athar" --store "$dir/store" serve --no-keys --listen 127.0.0.1:0 --log "${ATHAR_LOG:-requests}" >"$dir/serve" 2>"$dir/log" &
pids+=($!)
"$target/examples/hello" >"$dir/hello" &
pids+=($!)
serve=$(base "$dir/serve")
hello=$(base "$dir/hello")

# addresses of all kinds: those that blocks pay, evenly over the chain
python3 - "$serve" >"$dir/addresses" <<'PY'
import json, sys, urllib.request
base = sys.argv[1]
ask = lambda path: json.load(urllib.request.urlopen(base + path))
tip = ask("/v1/status")["chains"][0]["tip_height"]
seen = set()
for height in range(1, tip, max(1, tip // 400)):
    for txid in ask(f"/v1/block/{height}")["txs"][:5]:
        seen.update(o["address"] for o in ask(f"/v1/tx/{txid}")["outputs"] if o["address"])
print("\n".join(sorted(seen)))
PY
cat >"$dir/get.lua" <<LUA
local list = {}
for line in io.lines("$dir/addresses") do list[#list + 1] = line end
local at = 0
function request()
  at = at % #list + 1
  return wrk.format("GET", "/v1/screenings?value=" .. list[at])
end
LUA
cat >"$dir/post.lua" <<LUA
local list = {}
for line in io.lines("$dir/addresses") do list[#list + 1] = line end
local at = 0
local headers = { ["Content-Type"] = "application/json" }
function request()
  at = at % #list + 1
  return wrk.format("POST", "/v1/screenings", headers, '{"kind":"address","value":"' .. list[at] .. '"}')
end
LUA
echo "$(wc -l <"$dir/addresses") addresses, $connections connections, $seconds s a run, $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
load() {
    local name=$1
    shift
    wrk --latency -t1 -c"$connections" -d"${seconds}s" "$@" >"$dir/out"
    printf '%-16s %10s/s  p50 %-8s p99 %-8s %s\n' "$name" "$(awk '/Requests\/sec/ {print $2}' "$dir/out")" \
        "$(awk '$1 == "50%" {print $2}' "$dir/out")" "$(awk '$1 == "99%" {print $2}' "$dir/out")" \
        "$(grep -E 'Non-2xx|Socket errors' "$dir/out" | tr -s ' ' | tr '\n' ' ')"
}
for _ in 1 2 3; do
    load hello "$hello/"
    load "screen GET" -s "$dir/get.lua" "$serve/"
    load "screen POST" -s "$dir/post.lua" "$serve/"
done
