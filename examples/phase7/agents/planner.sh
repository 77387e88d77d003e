#!/bin/sh
# Writes the baseline down.
cat >/dev/null # the brief
mkdir -p docs
{
    echo "# Baseline"
    echo
    echo "warnings: $(sh tools/count-warnings.sh)"
    echo "steps: $(grep -c '=' src/words.inc)"
} >docs/baseline.md
