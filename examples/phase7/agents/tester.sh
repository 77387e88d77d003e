#!/bin/sh
# Writes a test for each greeting.
cat >/dev/null # the brief
expect() {
    printf '[ "$(sh src/greet.sh Ada %s)" = "%s" ]\n' "$1" "$2" >"tests/$1.test"
}
expect plain "Hello, Ada"
expect warm "Welcome, dear Ada"
expect formal "Good day to you, Ada"
