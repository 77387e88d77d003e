#!/bin/sh
# Runs every test beside it.
cd "$(dirname "$0")/.." || exit 1
failed=0
for test in tests/*.test; do
    [ -e "$test" ] || continue
    if sh "$test"; then echo "ok      $test"; else echo "FAILED  $test"; failed=1; fi
done
exit $failed
