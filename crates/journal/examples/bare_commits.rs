//! The least a durable record can cost, again and again: one small row committed by bare SQLite with
//! the journal's own settings. Prints how long each took, in microseconds.
//!
//! `cargo run -p journal --release --example bare_commits -- DATABASE COUNT`

use std::error::Error;
use std::io::{BufWriter, Write as _};
use std::time::Instant;

use rusqlite::Connection;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, count] = &arguments[..] else {
        return Err("bare_commits takes DATABASE and COUNT".into());
    };
    let rows = Connection::open(database)?;
    rows.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS rows (row);",
    )?;
    let mut insert = rows.prepare("INSERT INTO rows VALUES (?1)")?;
    let mut took = Vec::new();
    for _ in 0..count.parse::<usize>()? {
        let began = Instant::now();
        insert.execute([[0u8; 256].as_slice()])?;
        took.push(began.elapsed().as_micros());
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for micros in took {
        writeln!(out, "{micros}")?;
    }
    Ok(out.flush()?)
}
