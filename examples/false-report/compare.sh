#!/bin/sh
# By how many per cent the second time differs from the first; both files hold seconds.
awk 'NR == FNR { before = $1; next } { printf "change: %.1f %%\n", ($1 - before) / before * 100 }' "$1" "$2"
