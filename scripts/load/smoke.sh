#!/bin/sh
# Load smoke for a running service, with wrk: the profile of smoke.js, the same environment.
#
#   BASE_URL=http://127.0.0.1:8420 TOKEN=csn_… scripts/load/smoke.sh
#
# Ends with 1 where a threshold is crossed, and with 3 where wrk is not installed.
set -eu
command -v wrk >/dev/null || { echo "wrk is not installed (Debian: apt-get install wrk)" >&2; exit 3; }

here=$(dirname "$0")
told=$(wrk -t2 -c "${USERS:-10}" -d "${DURATION:-30s}" -s "$here/smoke.lua" \
    "${BASE_URL:-http://127.0.0.1:8420}" | tail -n 1)
echo "$told"

number() { echo "$told" | sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }
awk -v requests="$(number requests)" -v failed="$(number failed)" \
    -v average="$(number average_ms)" -v p95="$(number p95_ms)" \
    -v most_average="${AVERAGE_MS:-100}" -v most_p95="${P95_MS:-250}" -v most_failed="${FAILURES:-0.01}" '
BEGIN {
    if (requests == "" || requests == 0) { print "nothing was answered"; exit 1 }
    crossed = 0
    if (failed / requests >= most_failed) { print "failures: " failed " of " requests; crossed = 1 }
    if (average >= most_average) { print "average: " average " ms, not under " most_average; crossed = 1 }
    if (p95 >= most_p95) { print "p95: " p95 " ms, not under " most_p95; crossed = 1 }
    exit crossed
}'
