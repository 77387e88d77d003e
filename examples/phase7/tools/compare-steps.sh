#!/bin/sh
# By how many per cent the number of assignments differs from the baseline.
before=$(sed -n 's/^steps: //p' docs/baseline.md)
now=$(grep -c '=' src/words.inc)
awk -v before="$before" -v now="$now" 'BEGIN { printf "%.1f %%\n", 100 * (now - before) / before }'
