//! Documents in the shapes people write, and what is read of them.

use super::read;

#[test]
fn a_checklist_is_read() {
    let (draft, found) = read("# Move\n\n## Boxes\n- [ ] Pack\n  - [x] Label\n- [-] Sell\n", "move.md");
    let tasks: Vec<_> = draft.tasks.iter().map(|task| (task.key.as_str(), task.checked, task.line)).collect();
    assert_eq!(draft.title, "Move");
    assert_eq!(
        tasks,
        [("boxes/pack", Some(false), 4), ("boxes/label", Some(true), 5), ("boxes/sell", Some(false), 6)]
    );
    assert_eq!(draft.tasks[1].parent.as_ref().map(|key| key.as_str()), Some("boxes/pack"));
    assert!(found.is_empty(), "{found:?}");
}
