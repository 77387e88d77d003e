//! CSV, ours and others'.

use formats::exchange::{self, Wishes};
use proptest::prelude::*;

use super::{adopted, again, import, peer, round_trip, same_but};

#[test]
fn foreign_headings_are_known_and_the_others_kept() {
    let text = "\u{feff}Issue key;Summary;Status;Assignee;Due Date;Blocked by;Story Points\r\nA-1;\"Pack; all\";Done;mina;2031-05-09;;3\r\nA-2;\"Move\nit\";In Progress;;;A-1;5\r\n";
    let read = import("csv", "export.csv", text);
    assert!(read.lost.is_empty() && read.diagnostics.is_empty(), "{:?} {:?}", read.lost, read.diagnostics);
    let [pack, shift] = read.draft.tasks.as_slice() else { panic!("two rows") };
    assert_eq!(
        (pack.key.as_str(), pack.title.as_str(), &*pack.extra["Story Points"]),
        ("A-1", "Pack; all", "3")
    );
    assert_eq!(shift.needs[0].as_str(), "A-1");
    assert!(pack.due.as_ref().expect("the test made it so").at.is_some());
    round_trip("csv", &[("export.csv".to_owned(), text.to_owned())]);
}

#[test]
fn what_a_table_gets_wrong_is_told_with_its_line() {
    let check = |text: &str, line: u32, says: &str| {
        let read = import("csv", "p.csv", text);
        let found = read.lost.iter().find(|lost| lost.line == line && lost.why.contains(says));
        assert!(found.is_some(), "{text:?}: {:?}", read.lost);
    };
    check("key,title\nA,x\n,\"torn", 3, "never closed");
    check("a,b\n1,2\n", 1, "neither a key nor a title");
    check("key,title\n\"A\nB\",x\n", 2, "visible");
    check("key,title,estimate\nA,x,1e999\n", 2, "not a number");
    check("key,title\nA,x,more\n", 2, "no heading");
    check("key,owner\n,mina\n", 2, "neither key nor title");
}

#[test]
fn no_cell_is_a_formula() {
    let text = "key,title,notes\n=1,+2,@x\n-3,'=y,plain\n";
    let before = import("csv", "p.csv", text).draft;
    let plan = adopted(vec![before.clone()]);
    for raw_cells in [false, true] {
        let exported = exchange::export(peer("csv"), &plan, Wishes { raw_cells });
        let written = &exported.files[0].text;
        let starts = written
            .lines()
            .flat_map(|line| line.split(','))
            .any(|cell| cell.starts_with(['=', '+', '@', '-']));
        assert_eq!(starts, raw_cells, "{written}");
        let after = again("csv", &[("p.csv".to_owned(), written.clone())]).remove(0).draft;
        same_but(std::slice::from_ref(&before), &[after], &exported.lost, written);
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z]{1,8}", 2 => "[ -~\näö]{0,16}", 1 => "['=+@-]{1,3}[a-z]{0,3}"]
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn table() -> impl Strategy<Value = String> {
    let row = (
        cell(),
        prop::sample::select(vec!["", "Done", "In Progress", "To Do", "odd"]),
        cell(),
        cell(),
        prop::option::of(0u8..200),
        any::<u8>(),
    );
    prop::collection::vec(row, 1..6).prop_map(|rows| {
        let mut out = String::from("Key,Title,Status,Description,Custom Field,Estimate,Depends on\r\n");
        for (at, (title, status, text, custom, days, need)) in rows.iter().enumerate() {
            let days = days.map_or_else(String::new, |days| (f64::from(days) / 4.0).to_string());
            let need = if usize::from(*need) % 4 < at {
                format!("K-{}", usize::from(*need) % 4)
            } else {
                String::new()
            };
            let cells = [
                format!("K-{at}"),
                quoted(title),
                status.to_string(),
                quoted(text),
                quoted(custom),
                days,
                need,
            ];
            out.push_str(&format!("{}\r\n", cells.join(",")));
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_table_comes_out_as_it_went_in(text in table()) {
        round_trip("csv", &[("plan.csv".to_owned(), text)]);
    }
}
