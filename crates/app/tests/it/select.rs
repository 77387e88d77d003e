//! `select`: which of several documents to work from.

use crate::harness::{Desk, expect};

#[test]
fn the_approved_one_wins_whatever_the_order() {
    let desk = Desk::new()
        .file("draft.md", "---\nstatus: draft\nupdatedAt: 2031-05-03\n---\n# Newest\n")
        .file("old.md", "# Old\n\n**Status:** Approved\n**Updated:** 2031-04-01\n")
        .file("new.md", "# New\n\n**Status:** Approved\n**Updated:** 2031-05-02T10:00:00Z\n")
        .file("plain.md", "# Says nothing\n");
    expect(
        &desk.run("select draft.md old.md new.md plain.md").ok().out,
        "Document  Status    Updated\n\
         new.md    approved  2031-05-02T10:00:00Z\n\
         old.md    approved  2031-04-01T00:00:00Z\n\
         draft.md  draft     2031-05-03T00:00:00Z\n\
         plain.md  unknown   n/a\n",
    );
    let one = desk.run("select draft.md old.md new.md plain.md --json").ok().json();
    let other = desk.run("select plain.md new.md draft.md old.md --json").ok().json();
    assert_eq!(one, other);
    assert_eq!(one["selected"]["path"], "new.md", "{one}");
}

#[test]
fn candidates_may_come_as_a_list() {
    let desk = Desk::new()
        .file("list.json", r#"[{"path": "a.md", "status": "review", "updatedAt": "2031-05-01T00:00:00Z"}, {"path": "b.md", "status": "review", "updatedAt": "2031-05-01T00:00:00Z"}]"#)
        .file("named.json", r#"{"candidates": [{"path": "c.md"}]}"#)
        .file("empty.json", "[]")
        .file("bad.json", r#"[{"path": "a.md", "updatedAt": "soon"}]"#);
    let found = desk.run("select list.json named.json --json").ok().json();
    assert_eq!(found["selected"]["path"], "b.md", "the greatest path breaks the tie: {found}");
    assert_eq!(found["ranked"].as_array().map(Vec::len), Some(3), "{found}");
    assert_eq!(desk.run("select empty.json --json").ok().json()["selected"], serde_json::Value::Null);
    assert_eq!(desk.run("select").ok().out, "none\n");
    let bad = desk.run("select bad.json");
    assert_eq!((bad.exit, bad.code().as_deref()), (4, Some("value/invalid")), "{}", bad.shown());
    assert_eq!(desk.run("select none.md").exit, 3);
}
