#!/bin/sh
# Greets whoever is named: `sh src/greet.sh NAME [plain|warm|formal]`.
name=${1:-world}
how=${2:-plain}
. "$(dirname "$0")/words.inc"
case $how in
    plain) echo "$plain, $name" ;;
    warm) echo "$warm, dear $name" ;;
    formal) echo "$formal, $name" ;;
    *) echo "there is no such greeting: $how" >&2; exit 2 ;;
esac
