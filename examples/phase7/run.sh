#!/bin/sh
# Has four agents carry HANDOFF.md to its completion report, in a temporary repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
countersign=${COUNTERSIGN:-countersign}
place=$(mktemp -d)
if [ "${KEEP:-no}" = no ]; then trap 'rm -rf "$place"' EXIT; else echo "the repository is $place"; fi
cp -R "$here/." "$place"
cd "$place"
git init -q
git add .
git -c user.name=you -c user.email=you@example.org -c commit.gpgSign=false commit -q -m "The handoff as it was received"
"$countersign" --as you run HANDOFF.md --agents --trust
echo
"$countersign" report completion
