//! The least a durable change of a file with a history can cost: one row committed by bare SQLite
//! with the journal's own settings, and the file replaced by a rename, all of it on the disk.
//!
//! `cargo run -p journal --release --example bare_commit -- DATABASE FILE`

use std::error::Error;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use rusqlite::Connection;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, file] = &arguments[..] else { return Err("bare_commit takes DATABASE and FILE".into()) };
    let bytes = fs::read(file)?;
    let rows = Connection::open(database)?;
    rows.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS rows (row);",
    )?;
    rows.execute("INSERT INTO rows VALUES (?1)", [&bytes])?;
    let beside = format!(".{file}.new");
    let mut new = File::create(&beside)?;
    new.write_all(&bytes)?;
    new.sync_all()?;
    fs::rename(&beside, file)?;
    let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    // Closing would checkpoint the log; who measures one change does not pay for the last one.
    std::mem::forget(rows);
    Ok(())
}
