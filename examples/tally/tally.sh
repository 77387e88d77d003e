#!/bin/sh
# Adds up numbers, one a line, from standard input. Exits 1 at the first line that is none.
exec awk '
    /^[[:space:]]*$/ { next }
    !/^[[:space:]]*-?[0-9]+(\.[0-9]+)?[[:space:]]*$/ {
        printf "tally: line %d is not a number: %s\n", NR, $0 > "/dev/stderr"
        failed = 1
        exit 1
    }
    { sum += $1 }
    END { if (!failed) print sum + 0 }
'
