//! The write-ahead log, looked at before SQLite recovers it. SQLite takes a log up to its first bad
//! frame and silently forgets the rest: right after a crash, where only an unfinished transaction can
//! be torn, and wrong where a bad byte in the middle would make acknowledged events vanish.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use model::fault::Fault;

use super::fault;
use super::open::log_path;

const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The first word of a log, less its lowest bit, which tells the byte order of the checksums.
const MAGIC: u32 = 0x377f_0682;
/// The page size stores are made with.
const USUAL_PAGE: usize = 4096;

/// How often a log that seems damaged is looked at before it is taken for one that others write.
const LOOKS: u32 = 16;

/// A bad frame with finished transactions behind it.
#[derive(PartialEq, Eq)]
struct Loss {
    /// What the log's header calls its round; nothing where the header itself is bad.
    round: Option<Vec<u8>>,
    /// The number of the bad frame.
    frame: u64,
}

/// Refuses a log in which finished transactions lie behind a bad frame.
pub(crate) fn check(database: &Path) -> Result<(), Fault> {
    let path = log_path(database);
    let mut before = None;
    // Another process may begin the log anew while it is read, so that new frames seem bad and old
    // ones lost. Damage lies where it lies: it is believed once it is seen at the same place again.
    for _ in 0..LOOKS {
        let Some(loss) = first_loss(&path) else { return Ok(()) };
        if before.as_ref() == Some(&loss) {
            return Err(fault::damaged(
                database,
                "its write-ahead log has a bad place, and finished changes behind it",
            ));
        }
        before = Some(loss);
    }
    Ok(())
}

/// The first bad frame, where more than one finished transaction lies behind it. One is what a
/// power cut can leave: a last transaction whose parts reached the disk out of order, never
/// acknowledged.
fn first_loss(path: &Path) -> Option<Loss> {
    let file = File::open(path).ok()?;
    let (loss, transactions) = scan(BufReader::with_capacity(64 * 1024, file))?;
    (transactions > 1).then_some(loss)
}

/// The first bad frame and how many finished transactions lie behind it.
fn scan(mut log: impl Read) -> Option<(Loss, usize)> {
    let mut header = [0u8; LOG_HEADER];
    log.read_exact(&mut header).ok()?;
    let big_endian = word(&header, 0) & 1 == 1;
    let mut sum = running(big_endian, (0, 0), &header[..24]);
    // A bad header makes SQLite forget the whole log, so the frames are looked at even then.
    let mut good = word(&header, 0) & !1 == MAGIC && sum == (word(&header, 24), word(&header, 28));
    let page = if good { word(&header, 8) as usize } else { USUAL_PAGE };
    let round = good.then(|| header[16..24].to_vec());
    // Finished changes behind the first bad place, by the round they say they belong to. What is left
    // over from before the log began anew bears another mark than the header.
    let mut lost: HashMap<Vec<u8>, usize> = HashMap::new();
    let (mut frame, mut sound) = (vec![0u8; FRAME_HEADER + page], 0);
    while log.read_exact(&mut frame).is_ok() {
        if good {
            sum = running(big_endian, sum, &frame[..8]);
            sum = running(big_endian, sum, &frame[FRAME_HEADER..]);
            good = round.as_deref() == Some(&frame[8..16]) && sum == (word(&frame, 16), word(&frame, 20));
        }
        sound += u64::from(good);
        if !good && word(&frame, 4) != 0 {
            *lost.entry(frame[8..16].to_vec()).or_default() += 1;
        }
    }
    let transactions = match &round {
        Some(round) => lost.get(round).copied(),
        None => lost.into_values().max(),
    };
    Some((Loss { round, frame: sound }, transactions?))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// SQLite's running checksum of a log.
fn running(big_endian: bool, (mut first, mut second): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let half = |at: usize| {
            let bytes = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
            if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        first = first.wrapping_add(half(0)).wrapping_add(second);
        second = second.wrapping_add(half(4)).wrapping_add(first);
    }
    (first, second)
}
