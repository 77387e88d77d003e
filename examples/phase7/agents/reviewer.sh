#!/bin/sh
# Its first attempt is half-hearted, and the gate says so; its second does the work.
cat >/dev/null # the brief
if [ "$COUNTERSIGN_FENCE" = 1 ]; then
    sed -i.bak '/^unused_1=/d' src/words.inc && rm src/words.inc.bak
    exit 0
fi
# The new style of command substitution, everywhere.
sed -i.bak 's/`\([^`]*\)`/$(\1)/' src/words.inc && rm src/words.inc.bak
