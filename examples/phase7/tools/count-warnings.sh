#!/bin/sh
# How often the sources use old-style command substitution, which this build warns of.
grep -h '^[^#]*`' src/* | wc -l
