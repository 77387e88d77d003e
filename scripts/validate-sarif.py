#!/usr/bin/env python3
"""Checks SARIF files against the whole SARIF 2.1.0 schema.

    countersign lint PLAN.md --format sarif > lint.sarif
    scripts/validate-sarif.py --schema sarif-schema-2.1.0.json lint.sarif

The tests in `crates/formats/src/diagnostics` assert the rules that bear on what the program
writes; this script is the second opinion, by somebody else's validator and the whole schema.

The schema belongs to OASIS and is not copied into this repository. Get it from the standard's
page (the address stands in every SARIF file under `$schema`) or from a package that carries it,
such as `@microsoft/jest-sarif` on npm (`lib/schemas/sarif-2.1.0-rtm.5.json`).

Needs the Python package `jsonschema`.
"""

import argparse
import json
import sys

import jsonschema


def main():
    parser = argparse.ArgumentParser(description="checks SARIF files against the 2.1.0 schema")
    parser.add_argument("--schema", required=True, metavar="FILE", help="the SARIF 2.1.0 JSON schema")
    parser.add_argument("logs", nargs="+", metavar="SARIF", help="files to check; - for standard input")
    asked = parser.parse_args()
    with open(asked.schema, encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    # Without a format checker `uri` and `date-time` would pass whatever they hold.
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    faults = sum(check(validator, name) for name in asked.logs)
    sys.exit(1 if faults else 0)


def check(validator, name):
    """Prints what is wrong with one file and gives the number of faults."""
    if name == "-":
        log = json.load(sys.stdin)
    else:
        with open(name, encoding="utf-8") as file:
            log = json.load(file)
    faults = [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(log)]
    faults += list(beyond_the_schema(log))
    for fault in faults:
        print(f"{name}: {fault}")
    results = sum(len(run.get("results", [])) for run in log.get("runs", []))
    print(f"{name}: {results} results, {len(faults)} faults")
    return len(faults)


def beyond_the_schema(log):
    """What the standard demands in words only."""
    for run in log.get("runs", []):
        rules = run["tool"]["driver"].get("rules", [])
        for at, result in enumerate(run.get("results", [])):
            index = result.get("ruleIndex", -1)
            if not 0 <= index < len(rules) or rules[index]["id"] != result.get("ruleId"):
                yield f"result {at}: ruleIndex does not lead to the rule of its ruleId"
            for place in result.get("locations", []) + result.get("relatedLocations", []):
                region = place["physicalLocation"].get("region", {})
                first = (region.get("startLine", 1), region.get("startColumn", 1))
                last = (region.get("endLine", first[0]), region.get("endColumn", first[1]))
                if last < first:
                    yield f"result {at}: a region ends before it begins: {region}"
            ids = [place.get("id") for place in result.get("relatedLocations", [])]
            if len(ids) != len(set(ids)):
                yield f"result {at}: two related locations have the same id"


if __name__ == "__main__":
    main()
