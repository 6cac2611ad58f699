#!/usr/bin/env bash
# What one crash costs: a process of the server is killed with SIGKILL while eight connections ask. With prefork that is
# one connection's worker, with threads it is the server, which nobody starts again here.
#
#   bench/isolation.sh [MODEL ...]     prefork and threads unless told
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$scratch"' EXIT

await() {
    local tries=0
    until grep -qE "$1" "$2" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 1200 ]; then
            echo "isolation: no '$1' within a minute" >&2
            exit 1
        fi
        sleep 0.05
    done
}

for one in ${*:-prefork threads}; do
    options=()
    if [ "$one" = prefork ]; then
        options=(--processes 8:8)
    fi
    "$ROOT/sluice" serve --respond hello --port 0 --model "$one" "${options[@]}" >"$scratch/$one.out" 2>&1 &
    server=$!
    await 'listening on' "$scratch/$one.out"
    url=$(grep -oE 'http://[^ ]+' "$scratch/$one.out" | head -n 1)
    "$ROOT/sluice" load "$url" --connections 8 --warmup 4s --duration 4s --json >"$scratch/$one.json" 2>/dev/null &
    load=$!
    sleep 6 # into the measured four seconds
    victim=$server
    if [ "$one" = prefork ]; then
        # The worker that has computed the most so far serves one of the eight for sure.
        victim=$(ps --ppid "$server" -o pid= --sort=-cputimes | head -n 1 | tr -d ' ')
    fi
    kill -KILL "$victim"
    wait "$load" || true
    python3 - "$one" "$scratch/$one.json" <<'PY'
import json, sys
name, path = sys.argv[1:]
with open(path) as file:
    seen = json.load(file)
print(f"{name}: {seen['requestsCount']} answers; errors " +
      (", ".join(f"{count} {kind}" for kind, count in seen["errorsCount"].items() if count) or "none"))
PY
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
done
