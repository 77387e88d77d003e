#!/bin/sh
# Counts the warnings in a build log.
echo "warnings: $(grep -c '^warning' "$1")"
