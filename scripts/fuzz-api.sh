#!/bin/sh
# Asks a service over an example everything its description allows, and much that it does not: no answer
# may be a failure of the service, and each must be as the description says.
#
#   scripts/fuzz-api.sh [path/to/countersign]
#
# Needs schemathesis (PyPI); says so and does nothing where it is missing. SCHEMATHESIS names another
# program, EXAMPLES how many requests are made up for each operation, SEED which.
set -eu

program=${1:-target/debug/countersign}
schemathesis=${SCHEMATHESIS:-schemathesis}
command -v "$schemathesis" > /dev/null || { echo "SKIPPED: schemathesis is not installed (pip install schemathesis)" >&2; exit 0; }
program=$(realpath "$program")

folder=$(mktemp -d)
service=
trap '[ -z "$service" ] || { kill "$service" && wait "$service"; } 2> /dev/null || true; rm -rf "$folder"' EXIT

# A first run lays the example out, so that a token can be made for it.
begin() {
  : > "$folder/said"
  "$program" serve --example "$folder/example" --listen 127.0.0.1:0 --as Ada "$@" > "$folder/said" 2> "$folder/noise" &
  service=$!
  until grep -q '^listening on ' "$folder/said"; do
    kill -0 "$service" || { cat "$folder/noise" >&2; exit 1; }
    sleep 0.1
  done
}
begin
kill "$service"
wait "$service" || true
token=$("$program" token create fuzz --role operator --subject person:Ada --as Ada --store "$folder/example/.countersign" | grep -o 'csn_[A-Za-z0-9_-]*')
begin --auth required --limit tasks=off --limit reviews=off
address=$(sed -n 's/^listening on //p' "$folder/said")

# Streams never end, and so are asked elsewhere. Names are given so that requests find something. A header
# that nobody knows is passed over, as HTTP has it; names in queries that nobody knows have their own test.
cat > "$folder/schemathesis.toml" <<'TOML'
[generation]
allow-extra-parameters = false

[parameters]
"header.if-match" = "*"
"header.countersign-actor" = "Ada"
"header.countersign-session" = "build"
"path.plan" = "tally"
"path.key" = "T-010"
"path.gate" = "deploy"
"path.risk" = "R-001"
"path.report" = "status"
"path.session" = "build"
TOML
# What it keeps of its own goes with the folder.
cd "$folder"
"$schemathesis" --config-file "$folder/schemathesis.toml" run "$address/api/v1/openapi.json" \
  --url "$address" --header "Authorization: Bearer $token" \
  --checks all --exclude-checks positive_data_acceptance,use_after_free,ensure_resource_availability \
  --exclude-path-regex '/(changes|events|stream)$|^/metrics$' \
  --phases examples,coverage,fuzzing --max-examples "${EXAMPLES:-15}" --seed "${SEED:-1}" \
  --request-timeout 10 --no-color
