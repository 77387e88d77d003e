//! `fix`: bytes are rewritten where that is certain, and only when asked.

use crate::harness::{Desk, expect};

/// `text` as it looks when its UTF-8 was taken for cp1252.
fn garbled(text: &str) -> String {
    text.replace('–', "\u{e2}\u{20ac}\u{201c}")
        .replace('é', "\u{c3}\u{a9}")
        .replace('→', "\u{e2}\u{2020}\u{2019}")
}

const MEANT: &str = "# Plan – caf\u{e9}\r\n\r\n- [ ] Day 0–2 → done\r\n";

#[test]
fn wrongly_decoded_text_is_rewritten_as_it_was_meant() {
    let desk = Desk::new().file("PLAN.md", garbled(MEANT));
    expect(
        &desk.run("fix PLAN.md --encoding").shown(),
        "\
exit 0
--- out
rewrote `PLAN.md`, which was UTF-8 once taken for cp1252 (4 runs of wrong characters)
",
    );
    assert_eq!(desk.read("PLAN.md"), MEANT);
    expect(
        &desk.run("fix PLAN.md --encoding").shown(),
        "exit 0\n--- out\n`PLAN.md` is sound UTF-8; nothing was written\n",
    );
}

#[test]
fn nothing_is_written_unless_it_is_asked_for() {
    let desk = Desk::new().file("PLAN.md", garbled(MEANT));
    expect(&desk.run("fix PLAN.md").shown(), "\
exit 2
--- err
error[usage/invalid]: `PLAN.md` is UTF-8 once taken for cp1252 (4 runs of wrong characters); nothing was written
hint: rewrite it with `countersign fix PLAN.md --encoding`
");
    assert_eq!(desk.read("PLAN.md"), garbled(MEANT));
}

#[test]
fn a_document_that_is_wrong_in_part_is_refused() {
    let text = format!("{}\n- [ ] § 4 – stays\n", garbled(MEANT));
    let desk = Desk::new().file("PLAN.md", &text);
    let came = desk.run("fix PLAN.md --encoding");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("value/invalid")), "{}", came.shown());
    assert!(came.err.contains("text/mojibake"), "{}", came.shown());
    assert_eq!(desk.read("PLAN.md"), text);
    let desk = Desk::new().file("PLAN.md", b"# Plan \xff\n");
    assert_eq!(desk.run("fix PLAN.md --encoding").exit, 4);
    assert_eq!(desk.run("fix none.md --encoding").exit, 3);
    assert_eq!(desk.run("fix - --encoding").exit, 2);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let desk = Desk::new().file("real.md", garbled(MEANT));
    let path = |name: &str| desk.path().join(name);
    std::fs::set_permissions(path("real.md"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.md", path("PLAN.md")).unwrap();
    desk.run("fix PLAN.md --encoding").ok();
    assert_eq!(desk.read("real.md"), MEANT);
    assert_eq!(std::fs::metadata(path("real.md")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(path("PLAN.md").is_symlink());
    assert_eq!(std::fs::read_dir(desk.path()).unwrap().count(), 2, "nothing is left behind");
}
