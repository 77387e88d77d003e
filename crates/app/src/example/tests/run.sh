#!/bin/sh
# Runs the tests that are named. `count` says how many there are, `seconds` how long many lines take.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '1\n2\n' > "$folder/first"
printf '3\nsix\n' > "$folder/second"

whole() { [ "$(printf '1\n2\n3\n' | sh tally.sh | tr -dc '0-9')" = 6 ]; }
refuse() { ! sh tally.sh "$folder/second" 2> "$folder/said" && grep -q 'second:2:' "$folder/said"; }
several() { [ "$(sh tally.sh "$folder/first" "$folder/first" | tr -dc '0-9')" = 6 ]; }
old() {
  found=$(printf '1\n2\n3\n' | sh tally.sh)
  [ "$found" = 6 ] || { echo "expected \`6\`, found \`$found\`"; return 1; }
}
count() { grep -c '() {' tests/run.sh; }
seconds() {
  began=$(date +%s)
  seq 1 100000 | sh tally.sh > /dev/null
  echo $(($(date +%s) - began))
}

for name in "$@"; do
  "$name" || { echo "$name: failed"; exit 1; }
done
