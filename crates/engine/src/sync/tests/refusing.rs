//! Files that cannot be written, or are not what they were: nothing is lost, and somebody is told.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::sync::fault::Point;

/// A claim that cannot reach its document goes on, says why, and is written once that is over.
fn check(hinder: impl Fn(&Bench), why: &str, help: impl Fn(&Bench)) {
    let bench = Bench::new(PLAN);
    hinder(&bench);
    let around = bench.claim("T-1");
    assert_eq!(around.written, Vec::<String>::new(), "{why}");
    assert!(around.left.len() == 1 && around.left[0].why.contains(why), "{why}: {around:?}");
    assert!(bench.task("T-1").claim().is_some());
    help(&bench);
    bench.sync();
    assert_eq!(bench.text(), PLAN.replace("[ ] T-1", "[x] T-1"), "{why}");
    assert_eq!(bench.plan().revision.0, 1, "{why}: nothing was taken for an edit");
    assert!(bench.files().iter().all(|name| !name.contains("countersign")), "{:?}", bench.files());
}

fn mode(bench: &Bench, mode: u32) {
    fs::set_permissions(&bench.path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_document_that_cannot_be_written_is_left_and_written_later() {
    // Nothing is read-only to the superuser.
    if !rustix::process::geteuid().is_root() {
        check(|bench| mode(bench, 0o444), "is read-only", |bench| mode(bench, 0o644));
    }
    check(
        |bench| fs::hard_link(&bench.path, bench.scratch.path().join("other.md")).unwrap(),
        "several names",
        |bench| fs::remove_file(bench.scratch.path().join("other.md")).unwrap(),
    );
    check(
        |bench| bench.store.faults().run_out(Some(Point::HalfWritten)),
        "no room is left",
        |bench| bench.store.faults().run_out(None),
    );
    check(|bench| fs::remove_file(&bench.path).unwrap(), "is not there", |bench| bench.save(PLAN));
    check(
        |bench| {
            fs::remove_file(&bench.path).unwrap();
            fs::create_dir(&bench.path).unwrap();
        },
        "is a folder",
        |bench| {
            fs::remove_dir(&bench.path).unwrap();
            bench.save(PLAN);
        },
    );
    check(|bench| bench.save(""), "is empty", |bench| bench.save(PLAN));
    check(
        |bench| bench.save(&"x".repeat(formats::MAX_DOCUMENT_BYTES + 1)),
        "at most",
        |bench| bench.save(PLAN),
    );
    check(
        |bench| bench.save(&format!("<<<<<<< HEAD\n=======\n>>>>>>> x\n{PLAN}")),
        "unfinished merge",
        |bench| bench.save(PLAN),
    );
}

#[test]
fn permissions_and_links_stay() {
    let bench = Bench::new(PLAN);
    mode(&bench, 0o640);
    let real = bench.scratch.path().join("real.md");
    fs::rename(&bench.path, &real).unwrap();
    symlink("real.md", &bench.path).unwrap();
    let around = bench.claim("T-1");
    assert_eq!(around.left, []);
    assert_eq!(bench.text(), PLAN.replace("[ ] T-1", "[x] T-1"));
    assert!(bench.path.symlink_metadata().unwrap().is_symlink());
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o7777, 0o640);
}

#[cfg(target_os = "linux")]
#[test]
fn extended_attributes_and_access_lists_stay() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    use rustix::io::Errno;
    let bench = Bench::new(PLAN);
    // Owner reads and writes, one more person (number 12345) reads, nobody else does.
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 4, 12_345), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, who) in entries {
        list.extend([tag.to_le_bytes(), rights.to_le_bytes()].concat());
        list.extend(who.to_le_bytes());
    }
    let mut carried = Vec::new();
    for (name, value) in [("user.note", b"ask Ada first".to_vec()), ("system.posix_acl_access", list)] {
        match setxattr(&bench.path, name, &value, XattrFlags::empty()) {
            Ok(()) => carried.push((name, value)),
            // Not every file system has them.
            Err(Errno::OPNOTSUPP) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    let mode = bench.path.metadata().unwrap().permissions().mode();
    bench.claim("T-1");
    assert_eq!(bench.text(), PLAN.replace("[ ] T-1", "[x] T-1"));
    for (name, value) in carried {
        let mut found = vec![0; 1024];
        let length = getxattr(&bench.path, name, &mut found).unwrap();
        assert_eq!(&found[..length], value, "{name}");
    }
    assert_eq!(bench.path.metadata().unwrap().permissions().mode(), mode);
}

#[test]
fn a_text_is_kept_byte_for_byte_whatever_its_ends_and_tabs() {
    for text in [
        PLAN.replace('\n', "\r\n"),
        format!("\u{feff}{PLAN}"),
        PLAN.trim_end().to_owned(),
        PLAN.replace("- [ ] T-2", "* [ ] T-2").replace("- [ ] T-3", "+\t[ ] T-3"),
    ] {
        let bench = Bench::new(&text);
        assert_eq!(bench.sync().written, []);
        assert_eq!(bench.text(), text);
        bench.claim("T-1");
        assert_eq!(bench.text(), text.replacen("[ ]", "[x]", 1));
    }
}

#[test]
fn half_a_json_document_is_not_taken_in() {
    let text = "{\n  \"batches\": [\n    {\"id\": \"batch-1\", \"name\": \"One\", \"status\": \"not_started\", \"progress\": 0},\n    {\"id\": \"batch-2\", \"name\": \"Two\", \"status\": \"not_started\", \"progress\": 0}\n  ]\n}\n";
    let bench = Bench::named("execution-plan.json", text);
    bench.save(&text[..text.len() / 2]);
    let around = bench.claim("batch-1");
    assert!(around.left[0].why.contains("cannot be taken in"), "{around:?}");
    assert_eq!(bench.plan().tasks.iter().filter(|task| !task.is_dropped()).count(), 2);
    bench.save(text);
    bench.sync();
    assert!(bench.task("batch-1").claim().is_some());
    let written: serde_json::Value = serde_json::from_str(&bench.text()).unwrap();
    assert_eq!(written["batches"][0]["progress"], 100);
    assert_eq!(written["batches"][1]["progress"], 0);
}
