#!/usr/bin/env python3
"""Computes the chain of a store again, sharing no code with Countersign: verify-chain.py journal.db [HEADS]

HEADS is a file of `plan seq digest` lines, as `countersign audit head` prints them. Exit code 9 names the first bad event.
"""
import hashlib, pathlib, sqlite3, sys

def broken(what):
    print(f"broken: {what}", file=sys.stderr)
    sys.exit(9)

database = sqlite3.connect(pathlib.Path(sys.argv[1]).resolve().as_uri() + "?mode=ro", uri=True)
database.text_factory = bytes  # the digest covers the bytes as they are stored
pins = dict((tuple(line.split()[:2]), line.split()[2]) for line in open(sys.argv[2])) if len(sys.argv) > 2 else {}
ends, count = {}, 0
for plan, seq, at, by, cause, event, prev, digest in database.execute(
        'SELECT plan, seq, at, "by", cause, event, prev, digest FROM events ORDER BY place'):
    before, last = ends.get(plan, (0, bytes(32)))
    parts = [last, plan, seq.to_bytes(8, "big"), at, by, cause, event]
    computed = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()
    if (seq, prev, digest) != (before + 1, last, computed):
        broken(f"event {before + 1} of {plan.decode()}")
    if pins.pop((plan.decode(), str(seq)), digest.hex()) != digest.hex():
        broken(f"event {seq} of {plan.decode()} is not the pinned one")
    ends[plan], count = (seq, digest), count + 1
for plan, seq, digest, removed in database.execute("SELECT plan, seq, digest, removed FROM heads WHERE seq > 0"):
    if not removed and ends.get(plan) != (seq, digest):
        broken(f"event {seq} of {plan.decode()} is not where its head says")
for plan, seq in pins:
    broken(f"event {seq} of {plan} is pinned, and missing")
print(f"{count} events in {len(ends)} streams: the chain holds")
