#!/bin/sh
# Runs the tests of tally: all of them, or those named. `million` prints the seconds it took.
set -eu
cd "$(dirname "$0")/.."

is() {
    [ "$2" = "$3" ] || { echo "$1: got '$2', wanted '$3'" >&2; exit 1; }
    echo "ok  $1"
}

whole() {
    is "three numbers" "$(printf '1\n2\n3\n' | sh tally.sh)" 6
    is "below zero" "$(printf -- '-5\n2\n' | sh tally.sh)" -3
    is "nothing at all" "$(printf '' | sh tally.sh)" 0
}

refuse() {
    if message=$(printf '1\ntwo\n' | sh tally.sh 2>&1); then
        echo "a word was added up" >&2
        exit 1
    fi
    is "a word" "$message" "tally: line 2 is not a number: two"
}

million() {
    begin=$(date +%s)
    is "a million lines" "$(seq 1 1000000 | sh tally.sh | cut -c1-3)" 500
    echo "seconds: $(($(date +%s) - begin))"
}

for part in ${*:-whole refuse}; do
    "$part"
done
