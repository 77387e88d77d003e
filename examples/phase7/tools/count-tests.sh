#!/bin/sh
# How many tests there are.
ls tests/*.test 2>/dev/null | wc -l
