//! Stores that somebody changed behind the journal's back, through the binary: every kind of damage
//! ends with 9 and names the first bad event or digest; what is no whole store is refused and kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use engine::store::{Fixture, Place, Store};
use journal::SnapshotKey;
use journal::testing::{look, tamper};

use crate::harness::Desk;

/// A plan large enough that its document is a file among the blobs and that it gets a snapshot,
/// with a small sidecar and some history behind the adoption.
struct Sound {
    desk: Desk,
    plan: String,
    head: String,
}

impl Sound {
    fn new() -> Self {
        let rows: String = (1..=1_200)
            .map(|row| {
                format!(
                    "| T-{row:04} | Item {row} of a plan that is long enough to be a file |
"
                )
            })
            .collect();
        let desk = Desk::new()
            .file("PLAN.md", format!("# Long\n\n| Task ID | Title |\n| --- | --- |\n{rows}"))
            .file("countersign.toml", "[settings]\nsolo = true\nsync = \"manual\"\n");
        desk.run("adopt PLAN.md").ok();
        for row in 1..=3 {
            desk.run(&format!("claim T-{row:04}")).ok();
        }
        let head = desk.run("audit head").ok().out;
        let plan =
            head.lines().nth(1).and_then(|line| line.split(' ').next()).expect("the plan's head").to_owned();
        desk.write("head.txt", &head);
        Self { desk, plan, head }
    }

    /// The store with something changed in a copy of it.
    fn copy(&self) -> Desk {
        self.desk.fold();
        let copy = Desk::new().file("head.txt", &self.head);
        for (path, bytes) in files(&self.desk.folder().join(".countersign")) {
            let name =
                path.strip_prefix(self.desk.folder()).expect("it lies below").to_string_lossy().into_owned();
            copy.write(&name, bytes);
        }
        copy
    }

    fn sql(&self, desk: &Desk, change: &str) {
        tamper(&desk.folder().join(".countersign"), &change.replace("{p}", &self.plan));
    }

    /// Changes a copy and expects exit 9 that names `place`.
    fn check(&self, change: impl Fn(&Desk), arguments: &str, place: &str) {
        let desk = self.copy();
        change(&desk);
        let came = desk.run(&format!("audit verify {arguments}"));
        assert_eq!(
            (came.exit, came.code().as_deref()),
            (9, Some("chain/broken")),
            "{place}: {}",
            came.shown()
        );
        let place = place.replace("{p}", &self.plan);
        let first = came.out.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("broken: {place}")), "wanted {place}: {}", came.shown());
        assert!(came.err.starts_with(&format!("error[chain/broken]: {place}")), "{}", came.shown());
        let json = desk.run(&format!("audit verify --json {arguments}"));
        assert_eq!((json.exit, &json.json()["whole"]), (9, &false.into()), "{}", json.shown());
        assert_eq!(json.json()["findings"].as_array().map(Vec::len), Some(came.out.lines().count()));
    }
}

/// Every file under a folder with its content, but for the index SQLite keeps of its log.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for found in std::fs::read_dir(folder).expect("the folder is there") {
        let path = found.expect("it can be listed").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if !path.to_string_lossy().ends_with("-shm") {
            all.insert(path.clone(), read(&path));
        }
    }
    all
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the file is there")
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::write(path, bytes).expect("files can be written in a temporary folder");
}

fn flip(path: &Path, place: usize) {
    let mut bytes = read(path);
    bytes[place] ^= 0x10;
    write(path, bytes);
}

#[test]
fn an_event_that_was_changed_is_named() {
    let sound = Sound::new();
    let sql = |change: &'static str| {
        let sound = &sound;
        move |desk: &Desk| sound.sql(desk, change)
    };
    let third = "event 1203 of `{p}`";
    for set in [
        r#"event = replace(event, 'verb', 'vexb')"#,
        r#""by" = replace("by", 'casey', 'cbsey')"#,
        r#"at = replace(at, 'T', 't')"#,
        r#"cause = replace(cause, 'claim', 'clbim')"#,
    ] {
        let change = format!("UPDATE events SET {set} WHERE plan = '{{p}}' AND seq = 1203");
        sound.check(|desk| sound.sql(desk, &change), "", third);
    }
    sound.check(sql("DELETE FROM events WHERE plan = '{p}' AND seq = 1203"), "", third);
    sound.check(sql("DELETE FROM events WHERE plan = '{p}' AND seq = 1204"), "", "event 1204 of `{p}`");
    let swap = "UPDATE events SET event = (SELECT event FROM events o WHERE o.plan = events.plan
        AND o.seq = 2405 - events.seq) WHERE plan = '{p}' AND seq IN (1202, 1203)";
    sound.check(sql(swap), "", "event 1202 of `{p}`");
    let insert =
        "INSERT INTO events SELECT place + 1, plan, seq + 1, at, \"by\", cause, event, digest, digest,
        position + 1 FROM events WHERE plan = '{p}' AND seq = 1204";
    sound.check(sql(insert), "", "event 1205 of `{p}`");
    let vanish = "DELETE FROM heads WHERE plan = '{p}'; DELETE FROM events WHERE plan = '{p}'";
    sound.check(sql(vanish), "", "event 1 of `{p}`");
}

#[test]
fn a_tail_that_was_cut_cleanly_is_seen_against_a_pinned_head() {
    let sound = Sound::new();
    let cut = "UPDATE heads SET (seq, digest, position) = (SELECT seq, digest, position FROM events
          WHERE plan = '{p}' AND seq = 1202) WHERE plan = '{p}';
        DELETE FROM events WHERE plan = '{p}' AND seq > 1202;
        UPDATE heads SET given = given - 2 WHERE number = 1";
    let desk = sound.copy();
    sound.sql(&desk, cut);
    assert_eq!(desk.run("audit verify").exit, 0, "nothing in the store itself shows it");
    sound.check(|desk| sound.sql(desk, cut), "--head head.txt", "event 1204 of `{p}`");
}

#[test]
fn a_blob_that_was_changed_is_named_by_its_digest() {
    let sound = Sound::new();
    let digests = |file: u8| {
        let question = format!("SELECT lower(hex(digest)) FROM blobs WHERE file = {file}");
        look(&sound.desk.folder().join(".countersign"), &question)
    };
    let (small, large) = (digests(0), digests(1));
    let file =
        |desk: &Desk| desk.folder().join(format!(".countersign/blobs/{}/{}", &large[..2], &large[2..]));
    let named = |digest: &str| format!("blob `{digest}`");
    for change in ["bytes = x'00'", "bytes = NULL", "purged = '2026-01-01T00:00:00Z', bytes = NULL"] {
        let change = format!("UPDATE blobs SET {change} WHERE file = 0");
        sound.check(|desk| sound.sql(desk, &change), "", &named(&small));
    }
    sound.check(|desk| sound.sql(desk, "DELETE FROM blobs WHERE file = 0"), "", &named(&small));
    sound.check(|desk| std::fs::remove_file(file(desk)).unwrap(), "", &named(&large));
    sound.check(|desk| write(&file(desk), "another"), "", &named(&large));
    sound.check(|desk| flip(&file(desk), 70_000), "", &named(&large));
}

#[test]
fn a_snapshot_that_was_changed_is_named() {
    let sound = Sound::new();
    let damaged = |desk: &Desk| {
        let folder = desk.folder().join(".countersign/snapshots");
        flip(&folder.join(format!("{}.snapshot", sound.plan)), 3);
    };
    sound.check(damaged, "", "the snapshot of `{p}`");
    // One that is sound in itself and says something else than the events do.
    let forged = |desk: &Desk| {
        let place = Place::of(desk.folder().join(".countersign"));
        let store = Store::open_to_write(&place, Fixture::default()).unwrap();
        let journal = store.desk().journal();
        let (_, snapshot) = journal.snapshots().unwrap().into_iter().next().unwrap();
        let snapshot = snapshot.expect("it is whole before it is forged");
        let at = snapshot.bytes.windows(7).position(|bytes| bytes == b"Item 20").expect("a title");
        let mut bytes = snapshot.bytes.clone();
        bytes[at] = b'i';
        let key = SnapshotKey { ..snapshot.key };
        assert!(journal.put_snapshot(&key, &bytes).unwrap());
    };
    sound.check(forged, "", "the snapshot of `{p}` at event 1201");
}

/// What becomes of the bytes of a store.
type Cut = fn(Vec<u8>) -> Vec<u8>;

#[test]
fn a_store_that_is_no_whole_one_is_refused_and_kept_byte_for_byte() {
    let sound = Sound::new();
    let cuts: [(&str, Cut); 4] = [
        ("empty", |_| Vec::new()),
        ("half written", |bytes| bytes[..bytes.len() / 2].to_vec()),
        ("a byte short", |bytes| bytes[..bytes.len() - 1].to_vec()),
        ("something else", |bytes| vec![b'x'; bytes.len()]),
    ];
    for (what, cut) in cuts {
        let desk = sound.copy();
        let path = desk.folder().join(".countersign/journal.db");
        write(&path, cut(read(&path)));
        let before = files(desk.folder());
        for line in ["audit verify", "log", "gate list", "claim T-0007", "audit head", "doctor", "key list"] {
            let came = desk.run(line);
            assert_eq!(came.exit, 9, "{what}, {line}: {}", came.shown());
            assert!(files(desk.folder()) == before, "{what}: `{line}` changed what lies there");
        }
    }
}
