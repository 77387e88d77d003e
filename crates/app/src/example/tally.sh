#!/bin/sh
# Adds up whole numbers, one a line, from the files it is given or from standard input.
set -eu

awk '
  /^[[:space:]]*$/ { next }
  !/^[[:space:]]*-?[0-9]+[[:space:]]*$/ {
    name = FILENAME == "" || FILENAME == "-" ? "standard input" : FILENAME
    print name ":" FNR ": not a whole number: " $0 > "/dev/stderr"
    bad = 1
    exit 1
  }
  { sum += $1 }
  END { if (!bad) printf "sum %.0f\n", sum }
' "$@"
