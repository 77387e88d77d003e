//! Plans from elsewhere, with fields that a peer has no place for: whatever does not come back from
//! its file stands in its list.

use proptest::prelude::*;
use proptest::sample::select;

use super::{adopted, again, export, import, nothing_gone};

/// Every peer whose files are read again; GitHub's script is played in its own tests.
const PEERS: [&str; 5] = ["beads", "task-master", "backlog", "spec-kit", "csv"];

fn row(number: usize) -> impl Strategy<Value = String> {
    let facts = (
        "[A-Z][a-z]{2,6}( [a-z]{2,6}){0,2}",
        select(vec!["open", "active", "claimed", "dropped"]),
        select(vec!["", "P0", "P3", "high", "Must", "low"]),
        select(vec!["", "mina", "mina, li", "bot (agent)", "li (support), mina"]),
        select(vec!["", "a", "a, b c"]),
        select(vec!["", "Some words.", "two\nlines"]),
        select(vec!["", "2031-05-09", "Week 3", "2031-05-09T10:00:00Z"]),
    );
    let more = (
        select(vec!["", "2", "0.5"]),
        select(vec!["", "40"]),
        select(vec!["", "- [x] it works\n- [ ] it is fast", "it works"]),
        select(vec!["", "Hall", "Attic"]),
        select(vec!["", "lift broken"]),
        select(vec!["", "https://example.org/1"]),
        select(vec!["", "blue"]),
        (any::<u8>(), any::<u8>(), select(vec!["", "batch", "item"])),
    );
    (facts, more).prop_map(move |(facts, more)| {
        let (title, state, priority, owners, labels, description, due) = facts;
        let (estimate, percent, criteria, phase, blockers, links, colour, (need, parent, kind)) = more;
        let earlier = |pick: u8| match usize::from(pick) % 5 {
            pick if pick > 0 && pick < number => format!("T{pick:03}"),
            _ => String::new(),
        };
        let (need, parent) = (earlier(need), earlier(parent));
        let key = format!("T{number:03}");
        let cells = [
            &key,
            &title,
            state,
            kind,
            priority,
            owners,
            labels,
            description,
            &need,
            &parent,
            phase,
            due,
            estimate,
            percent,
            criteria,
            blockers,
            links,
            colour,
        ];
        cells.map(|cell| format!("\"{cell}\"")).join(",") + "\n"
    })
}

fn plan() -> impl Strategy<Value = String> {
    let rows = (1usize..6).prop_flat_map(|count| (1..=count).map(row).collect::<Vec<_>>());
    rows.prop_map(|rows| {
        let head = "key,title,state,kind,priority,owners,labels,description,needs,parent,phase,due,estimate_days,percent,criteria,blockers,links,Colour\n";
        head.to_owned() + &rows.concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_no_list_names_comes_back(text in plan()) {
        let before = import("csv", "plan.csv", &text).draft;
        let plan = adopted(vec![before.clone()]);
        for peer in PEERS {
            let exported = export(peer, &plan);
            let files: Vec<(String, String)> =
                exported.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
            let after: Vec<_> = again(peer, &files).into_iter().map(|read| read.draft).collect();
            nothing_gone(std::slice::from_ref(&before), &after, &exported.lost, &format!("{peer}: {text}\n{files:?}\n{:?}", exported.lost));
        }
    }
}
