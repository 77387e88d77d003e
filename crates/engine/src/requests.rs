//! The record of requests to the service: a file of lines beside the journal, each chained to the
//! one before, so that a line that was changed, taken out or put in is seen.
//!
//! It is no part of the journal: a request changes nothing by itself, and there are very many. Lines
//! are `{"digest":…,"entry":{"seq":…,"prev":…,…}}`; the digest is SHA-256 over the digest before and
//! the entry's bytes as they stand there. A full file is put aside under the number of its first
//! entry, and none is ever deleted here. What was cut off at the end shows only to who noted the last digest.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use model::digest::Digest;

/// A file that is larger than this is put aside.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// So many services may keep a record beside one store at the same time, each its own.
const MOST_RECORDS: u32 = 16;

const BEFORE_DIGEST: &str = "{\"digest\":\"";
const BEFORE_ENTRY: &str = "\",\"entry\":";

/// A record that is being kept.
pub struct RequestLog {
    folder: PathBuf,
    stem: String,
    file: File,
    size: u64,
    most: u64,
    /// The number of the first entry of the file.
    first: u64,
    next: u64,
    prev: Digest,
}

impl RequestLog {
    /// Goes on with the first record of a folder that nobody else keeps.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Self::open_sized(folder, MOST_BYTES)
    }

    fn open_sized(folder: &Path, most: u64) -> io::Result<Self> {
        for number in 1..=MOST_RECORDS {
            let stem = if number == 1 { "requests".to_owned() } else { format!("requests.{number}") };
            let mut file = opened(&folder.join(format!("{stem}.log")))?;
            if file.try_lock().is_err() {
                continue;
            }
            let end = ending(&mut file)?;
            let before = match end.last {
                Some(last) => Some(last),
                None => last_put_aside(folder, &stem)?,
            };
            let (next, prev) = before.map_or((1, Digest::ZERO), |(seq, digest)| (seq + 1, digest));
            let first = end.first.unwrap_or(next);
            return Ok(Self {
                folder: folder.to_owned(),
                stem,
                file,
                size: end.size,
                most,
                first,
                next,
                prev,
            });
        }
        Err(io::Error::new(io::ErrorKind::WouldBlock, "too many services keep a record here"))
    }

    /// Adds an entry: the text of a JSON object that has fields.
    pub fn append(&mut self, object: &str) -> io::Result<()> {
        let Some(fields) = object.strip_prefix('{').filter(|fields| fields.len() > 1) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "an entry is a JSON object with fields"));
        };
        if self.size >= self.most {
            self.put_aside()?;
        }
        let entry = format!("{{\"seq\":{},\"prev\":\"{}\",{fields}", self.next, self.prev);
        let digest = Digest::framed([self.prev.as_bytes().as_slice(), entry.as_bytes()]);
        let line = format!("{BEFORE_DIGEST}{digest}{BEFORE_ENTRY}{entry}}}\n");
        self.file.write_all(line.as_bytes())?;
        self.size += line.len() as u64;
        (self.next, self.prev) = (self.next + 1, digest);
        Ok(())
    }

    /// Has the disk keep what was added.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn put_aside(&mut self) -> io::Result<()> {
        self.sync()?;
        let current = self.folder.join(format!("{}.log", self.stem));
        std::fs::rename(&current, self.folder.join(format!("{}-{:012}.log", self.stem, self.first)))?;
        let file = opened(&current)?;
        file.try_lock()?;
        (self.file, self.size, self.first) = (file, 0, self.next);
        Ok(())
    }
}

fn opened(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// How a file ends.
struct Ending {
    first: Option<u64>,
    last: Option<(u64, Digest)>,
    size: u64,
}

/// Reads how a file ends. Half a line, which a crash may leave, was never an entry and is taken off.
fn ending(file: &mut File) -> io::Result<Ending> {
    file.seek(SeekFrom::Start(0))?;
    let (mut first, mut last, mut size) = (None, None, 0);
    let mut reader = BufReader::new(&mut *file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = reader.read_until(b'\n', &mut line)?;
        if count == 0 || !line.ends_with(b"\n") {
            break;
        }
        size += count as u64;
        if let Some((digest, entry)) = parts(&line)
            && let Some((seq, _)) = heading(entry)
        {
            first.get_or_insert(seq);
            last = Some((seq, digest));
        }
    }
    drop(reader);
    if file.metadata()?.len() > size {
        file.set_len(size)?;
    }
    Ok(Ending { first, last, size })
}

fn last_put_aside(folder: &Path, stem: &str) -> io::Result<Option<(u64, Digest)>> {
    let Some(path) = put_aside(folder, stem)?.pop() else { return Ok(None) };
    Ok(ending_of(&path)?.last)
}

fn ending_of(path: &Path) -> io::Result<Ending> {
    let mut last = Ending { first: None, last: None, size: 0 };
    for line in BufReader::new(File::open(path)?).split(b'\n') {
        let mut line = line?;
        line.push(b'\n');
        if let Some((digest, entry)) = parts(&line)
            && let Some((seq, _)) = heading(entry)
        {
            last.first.get_or_insert(seq);
            last.last = Some((seq, digest));
        }
    }
    Ok(last)
}

/// The files of a record that were put aside, oldest first.
fn put_aside(folder: &Path, stem: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('-'));
        let number = number.and_then(|rest| rest.strip_suffix(".log"));
        if number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit())) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The digest of a line, and the bytes of its entry.
fn parts(line: &[u8]) -> Option<(Digest, &[u8])> {
    let rest = line.strip_suffix(b"}\n")?.strip_prefix(BEFORE_DIGEST.as_bytes())?;
    let (digest, rest) = rest.split_at_checked(64)?;
    let digest = std::str::from_utf8(digest).ok()?.parse().ok()?;
    Some((digest, rest.strip_prefix(BEFORE_ENTRY.as_bytes())?))
}

/// The number of an entry, and the digest it says stands before it.
fn heading(entry: &[u8]) -> Option<(u64, Digest)> {
    let text = std::str::from_utf8(entry).ok()?.strip_prefix("{\"seq\":")?;
    let (seq, rest) = text.split_once(',')?;
    let prev = rest.strip_prefix("\"prev\":\"")?.get(..64)?;
    Some((seq.parse().ok()?, prev.parse().ok()?))
}

/// What checking the records of a folder came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// What does not hold, each in a sentence.
    pub findings: Vec<String>,
}

/// Computes the chain of every record in a folder again.
pub fn verify(folder: &Path) -> io::Result<Verified> {
    let mut verified = Verified::default();
    for number in 1..=MOST_RECORDS {
        let stem = if number == 1 { "requests".to_owned() } else { format!("requests.{number}") };
        let mut files = put_aside(folder, &stem)?;
        let current = folder.join(format!("{stem}.log"));
        if current.exists() {
            files.push(current);
        }
        let mut before: Option<(u64, Digest)> = None;
        for path in &files {
            if let Some(finding) = check(path, &mut before, &mut verified.entries)? {
                verified.findings.push(finding);
                break;
            }
        }
    }
    Ok(verified)
}

fn check(path: &Path, before: &mut Option<(u64, Digest)>, entries: &mut u64) -> io::Result<Option<String>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    for place in 1_u64.. {
        line.clear();
        // Half a line at the end was never an entry.
        if reader.read_until(b'\n', &mut line)? == 0 || !line.ends_with(b"\n") {
            break;
        }
        let broken = |what: &str| Some(format!("`{name}` line {place}: {what}"));
        let Some((digest, entry)) = parts(&line) else { return Ok(broken("is no entry")) };
        let Some((seq, prev)) = heading(entry) else { return Ok(broken("is no entry")) };
        if seq == 0 {
            return Ok(broken("is no entry"));
        }
        // Where older files were carried away, the record begins with what is left.
        let (last, expected) = before.unwrap_or((seq - 1, if seq == 1 { Digest::ZERO } else { prev }));
        if seq != last + 1 {
            return Ok(broken(&format!("entry {seq} stands after entry {last}")));
        }
        if prev != expected || digest != Digest::framed([prev.as_bytes().as_slice(), entry]) {
            return Ok(broken(&format!("entry {seq} was changed, or what stands before it")));
        }
        *before = Some((seq, digest));
        *entries += 1;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn kept(folder: &Path, from: u64, to: u64, most: u64) {
        let mut log = RequestLog::open_sized(folder, most).expect("a folder that can be written");
        for number in from..to {
            log.append(&format!("{{\"path\":\"/{number}\"}}")).expect("there is room");
        }
    }

    #[test]
    fn a_record_goes_on_over_restarts_and_full_files() {
        let folder = Scratch::new("requests");
        kept(folder.path(), 0, 10, 600);
        kept(folder.path(), 10, 30, 600);
        let files = put_aside(folder.path(), "requests").expect("the folder is there");
        assert!(files.len() > 3, "{files:?}");
        assert_eq!(verify(folder.path()).unwrap(), Verified { entries: 30, findings: Vec::new() });
        std::fs::remove_file(&files[0]).expect("it is there");
        let later = verify(folder.path()).unwrap();
        assert!(
            later.findings.is_empty() && later.entries < 30,
            "older files may be carried away: {later:?}"
        );
        std::fs::remove_file(&files[2]).expect("it is there");
        assert_eq!(verify(folder.path()).unwrap().findings.len(), 1, "but not one from between");
    }

    #[test]
    fn what_was_changed_taken_out_or_put_in_is_named() {
        let folder = Scratch::new("requests");
        kept(folder.path(), 0, 5, MOST_BYTES);
        let path = folder.path().join("requests.log");
        let whole = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        for (bad, line) in [
            (whole.replace("/2", "/9"), 3),
            ([&lines[..2], &lines[3..]].concat().join("\n") + "\n", 3),
            ([&lines[..3], &lines[2..]].concat().join("\n") + "\n", 4),
            (whole.replace("\"seq\":1,", "\"seq\":0,"), 1),
            (whole.replacen('{', "[", 1), 1),
        ] {
            std::fs::write(&path, bad).unwrap();
            let findings = verify(folder.path()).unwrap().findings;
            assert!(findings[0].starts_with(&format!("`requests.log` line {line}:")), "{findings:?}");
        }
    }

    #[test]
    fn half_a_line_is_no_entry_and_a_second_service_keeps_its_own() {
        let folder = Scratch::new("requests");
        kept(folder.path(), 0, 3, MOST_BYTES);
        let path = folder.path().join("requests.log");
        let mut torn = std::fs::read(&path).unwrap();
        torn.extend_from_slice(b"{\"digest\":\"12");
        std::fs::write(&path, torn).unwrap();
        let mut one = RequestLog::open(folder.path()).expect("it goes on");
        let mut two = RequestLog::open(folder.path()).expect("beside it");
        for log in [&mut one, &mut two] {
            log.append("{\"path\":\"/\"}").expect("there is room");
        }
        assert_eq!(verify(folder.path()).unwrap(), Verified { entries: 5, findings: Vec::new() });
        assert!(one.append("{}").is_err());
    }
}
