//! `execution-plan.json`.

use super::*;
use Stated::{Active, Claimed, Dropped, Open};

const PRETTY: &str = r#"{
  "batches": [
    {
      "id": "hull",
      "name": "Paint the hull",
      "status": "in-progress",
      "progress": 35,
      "blockers": [],
      "owner": "mara",
      "notes": "two coats – “red”"
    },
    {
      "id": "mast",
      "name": "Raise the mast",
      "status": "queued",
      "progress": 0,
      "blockers": [
        "hull"
      ],
      "color": null,
      "weight": 12.5
    }
  ],
  "metrics": {
    "leaks": 3
  }
}
"#;

fn check(wishes: &[Wish], from: &str, to: &str) {
    assert_eq!(PRETTY.matches(from).count(), 1, "{from}");
    check_in("execution-plan.json", PRETTY, wishes, &PRETTY.replace(from, to));
}

#[test]
fn values_are_replaced_where_they_stand() {
    check(&[status("hull", Claimed)], "\"in-progress\"", "\"done\"");
    check(&[blocked("hull")], "\"in-progress\"", "\"blocked\"");
    check(&[status("mast", Active)], "\"queued\"", "\"in-progress\"");
    check(&[word("mast", Open, "not-started")], "\"queued\"", "\"not-started\"");
    check(&[word("hull", Claimed, "Done")], "\"in-progress\"", "\"done\"");
    check(&[percent("hull", 40.0)], "35", "40");
    check(&[percent("hull", 99.5)], "35", "99.5");
    check(&[text("hull", Field::Owner, "Ö \"x\"\n\u{1}")], "\"mara\"", r#""Ö \"x\"\n\u0001""#);
    check(&[text("hull", Field::Owner, "")], "\"mara\"", "\"\"");
    check(&[extra("hull", "notes", "three – “red”")], "two coats", "three");
    check(&[extra("mast", "weight", "13")], "12.5", "13");
    check(&[extra("mast", "color", "blue")], "null", "\"blue\"");
    check(&[metric("leaks", 1e21)], "leaks\": 3", "leaks\": 1e+21");
}

#[test]
fn what_the_document_says_already_takes_no_edit() {
    for wish in [
        status("hull", Active),
        status("mast", Open),
        percent("hull", 35.0),
        text("hull", Field::Owner, "mara"),
        text("mast", Field::Owner, ""),
        list("hull", &[]),
        list("mast", &["hull"]),
        extra("mast", "weight", "12.5"),
        metric("leaks", 3.0),
    ] {
        check_in("execution-plan.json", PRETTY, &[wish], PRETTY);
    }
}

#[test]
fn properties_that_are_not_there_are_put_behind_the_last() {
    check(
        &[text("mast", Field::Owner, "bo"), text("mast", Field::Due, "Week 1–2")],
        "\"weight\": 12.5\n",
        "\"weight\": 12.5,\n      \"owner\": \"bo\",\n      \"targetDate\": \"Week 1–2\"\n",
    );
    check(&[metric("speed", 12.5)], "\"leaks\": 3\n", "\"leaks\": 3,\n    \"speed\": 12.5\n");
    check_in(
        "p.json",
        r#"{"batches":[{"id":"a"},{"id": "b", "name": "B"},{}]}"#,
        &[text("a", Field::Owner, "x"), percent("b", 5.0), list("b", &["a"]), metric("n", 1.0)],
        r#"{"batches":[{"id":"a","owner":"x"},{"id": "b", "name": "B", "progress": 5, "blockers": ["a"]},{}],"metrics":{"n":1}}"#,
    );
    check_in(
        "p.json",
        "{\r\n\t\"batches\": [],\r\n\t\"metrics\": null\r\n}",
        &[metric("n", 1.0), metric("m", 2.0)],
        "{\r\n\t\"batches\": [],\r\n\t\"metrics\": {\r\n\t\t\"n\": 1,\r\n\t\t\"m\": 2\r\n\t}\r\n}",
    );
    check_in(
        "p.json",
        "{\n  \"batches\": [],\n  \"metrics\": {}\n}",
        &[metric("n", 1.0)],
        "{\n  \"batches\": [],\n  \"metrics\": {\n    \"n\": 1\n  }\n}",
    );
}

#[test]
fn lists_look_like_the_documents_own() {
    check(&[list("hull", &["mast"])], "\"blockers\": []", "\"blockers\": [\n        \"mast\"\n      ]");
    check(
        &[list("mast", &["hull", "paint"])],
        "        \"hull\"\n",
        "        \"hull\",\n        \"paint\"\n",
    );
    check(&[list("mast", &[])], "[\n        \"hull\"\n      ]", "[]");
    let inline = r#"{
  "batches": [
    { "id": "a", "name": "A", "blockers": [ "c", "B" ] },
    { "id": "b", "name": "B", "blockers": [] },
    { "id": "c", "name": "C" }
  ]
}"#;
    check_in(
        "p.json",
        inline,
        &[list("a", &["b", "x"])],
        &inline.replace("[ \"c\", \"B\" ]", "[ \"B\", \"x\" ]"),
    );
    check_in(
        "p.json",
        inline,
        &[list("b", &["c"])],
        &inline.replace("\"blockers\": []", "\"blockers\": [ \"c\" ]"),
    );
    check_in(
        "p.json",
        inline,
        &[list("c", &["a"])],
        &inline.replace("\"C\" }", "\"C\", \"blockers\": [ \"a\" ] }"),
    );
    // Without another list to learn from, a document on lines gets lists on lines.
    let alone = "{\n    \"batches\": [\n        {\n            \"id\": \"a\"\n        }\n    ]\n}";
    let after =
        alone.replace("\"a\"", "\"a\",\n            \"blockers\": [\n                \"b\"\n            ]");
    check_in("p.json", alone, &[list("a", &["b"])], &after);
}

#[test]
fn what_cannot_be_written_stays_unwritten_and_holds_nothing_up() {
    let refused = |wish, reason| check_refused("execution-plan.json", PRETTY, wish, reason);
    refused(status("hull", Dropped), Reason::NoWord);
    refused(tick("hull", true), Reason::Absent);
    refused(percent("keel", 1.0), Reason::Absent);
    refused(percent("hull", 101.0), Reason::ReadsOtherwise);
    refused(metric("leaks", f64::NAN), Reason::Kind);
    refused(metric("leaks", -1.0), Reason::ReadsOtherwise);
    refused(extra("mast", "weight", "heavy"), Reason::Kind);
    let twice = r#"{"batches":[{"id":"a","progress":1},{"id":"a","progress":2}]}"#;
    check_refused("p.json", twice, percent("a", 3.0), Reason::Ambiguous);
    let wishes = [percent("hull", 101.0), status("hull", Claimed), percent("mast", 10.0)];
    let written = write(PRETTY.as_bytes(), &read("p.json", PRETTY.as_bytes()), &wishes);
    let after = PRETTY.replace("\"in-progress\"", "\"done\"").replace("\"progress\": 0", "\"progress\": 10");
    assert_eq!(String::from_utf8(written.bytes).unwrap(), after);
    assert_eq!(written.unwritten.len(), 1);
}

#[test]
fn every_value_is_a_field_in_the_order_of_the_document() {
    let found = fields(&read("p.json", PRETTY.as_bytes()));
    let said: Vec<String> = found
        .iter()
        .map(|field| format!("{} {} `{}`", field.line, field.field.as_str(), &PRETTY[field.span.range()]))
        .collect();
    assert_eq!(
        said,
        [
            "6 status `in-progress`",
            "7 percent `35`",
            "8 blockers `[]`",
            "9 owner `mara`",
            "10 notes `two coats – “red”`",
            "15 status `queued`",
            "16 percent `0`",
            "17 blockers `[\n        \"hull\"\n      ]`",
            "21 weight `12.5`",
            "25 value `3`",
        ]
    );
}
