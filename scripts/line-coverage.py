#!/usr/bin/env python3
"""Checks that no row of a table and no box of a checklist is lost in reading.

Another Markdown parser than the product's finds the lines of all table rows (header and rule
apart) and of all list items that begin with a box. Each must be the `line` of exactly one entry
or note of `countersign parse FILE --json`, and notes must stay under a tenth of them.

    pip install markdown-it-py
    scripts/line-coverage.py PLAN.md OTHER.md

Before the program is installed, `--parse "cargo run -q -p formats --example parse --"` does.

Exit 0 when all of it holds, 1 when not, 2 when it cannot be found out.
"""

import argparse
import collections
import json
import re
import shlex
import subprocess
import sys

try:
    from markdown_it import MarkdownIt
except ImportError:
    print("markdown-it-py is missing: pip install markdown-it-py", file=sys.stderr)
    sys.exit(2)

BOX = re.compile(r"\[[ xX/*~-]\](?=\s|$)")
# Lists whose members repeat the line of what they belong to, or speak of other lines.
NOT_ENTRIES = {"diagnostics", "checks"}
# What prose states about the plan stands on lines that may be entries as well.
STATEMENTS = {"claims"}


def expected_lines(text):
    """Line numbers, from 1, of body rows and of boxes, each with what it is."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    lines = {}
    in_body = False
    item_lines = []
    for place, token in enumerate(tokens):
        if token.type in ("tbody_open", "tbody_close"):
            in_body = token.type == "tbody_open"
        elif token.type == "tr_open" and in_body:
            lines[token.map[0] + 1] = "row"
        elif token.type == "list_item_open":
            item_lines.append(token.map[0] + 1)
            # The box stands in the first paragraph of the item, if anywhere.
            first = tokens[place + 2] if place + 2 < len(tokens) else None
            if first is not None and first.type == "inline" and BOX.match(first.content):
                lines[first.map[0] + 1] = "box"
    return lines


def found_lines(parsed):
    """How often each line is the `line` of an entry, of a note, and of a statement."""
    entries, notes, statements = (collections.Counter() for _ in range(3))

    def look(value, counter):
        if isinstance(value, dict):
            if isinstance(value.get("line"), int):
                counter[value["line"]] += 1
            for name, inner in value.items():
                if name not in NOT_ENTRIES:
                    look(inner, counter)
        elif isinstance(value, list):
            for inner in value:
                look(inner, counter)

    for name, value in parsed.items():
        if name in NOT_ENTRIES:
            continue
        look(value, notes if name == "notes" else statements if name in STATEMENTS else entries)
    return entries, notes, statements


def check(path, text, parsed):
    """Prints what is wrong with one document; gives its lines, notes and faults, as numbers."""
    expected = expected_lines(text)
    entries, notes, statements = found_lines(parsed)
    source = text.splitlines()
    faults = 0

    def tell(line, what):
        shown = source[line - 1].strip() if line <= len(source) else ""
        print(f"{path}:{line}: {expected[line]} {what}: {shown[:100]}")

    for line in sorted(expected):
        times = entries[line] + notes[line]
        if times == 1:
            if notes[line]:
                tell(line, "is a note")
            continue
        faults += 1
        if times > 1:
            tell(line, f"is on {times} entries or notes")
        elif statements[line]:
            tell(line, "is only a statement")
        else:
            tell(line, "is on no entry and no note")
    noted = sum(1 for line in expected if notes[line])
    rows = sum(1 for what in expected.values() if what == "row")
    print(f"{path}: {rows} rows, {len(expected) - rows} boxes, {noted} notes, {faults} faults")
    return len(expected), noted, faults


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--parse", default="countersign parse --json", metavar="COMMAND",
                       help="prints a document as JSON; the path is added (default: %(default)s)")
    asked.add_argument("documents", nargs="+", metavar="FILE")
    asked = asked.parse_args()
    total = [0, 0, 0]
    for path in asked.documents:
        try:
            with open(path, encoding="utf-8-sig", errors="replace", newline=None) as file:
                text = file.read()
            shown = subprocess.run([*shlex.split(asked.parse), path], stdout=subprocess.PIPE, check=True)
            numbers = check(path, text, json.loads(shown.stdout))
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            print(f"{path} cannot be read: {error}", file=sys.stderr)
            return 2
        total = [sum(pair) for pair in zip(total, numbers)]
    lines, noted, faults = total
    print(f"{lines} rows and boxes, {noted} of them notes, {faults} faults")
    if noted * 10 >= max(lines, 1):
        print("a tenth or more of them are notes")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
