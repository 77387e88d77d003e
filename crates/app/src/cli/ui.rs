//! What people and programs see: the only place that prints. Data goes to standard output,
//! everything else to standard error; colour is used with restraint, and only where it is wanted.
//! Knows nothing of plans.

mod page;
mod progress;
mod style;
mod table;

use std::cell::{Cell, RefCell};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use model::fault::Fault;
use model::refusal::INTERNAL_FAULT;

pub use progress::Progress;
pub use style::Tone;
pub use table::{Column, Table};

/// Bytes gathered before they are handed to the system.
const BUFFER: usize = 64 * 1024;

/// What the user wants to see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// Data and errors as JSON.
    pub json: bool,
    /// Nothing but data and errors.
    pub quiet: bool,
    /// No colour, whatever the terminal can do.
    pub no_color: bool,
}

/// The two streams, and how to write on them.
pub struct Ui {
    wishes: Wishes,
    color: (bool, bool),
    width: Option<usize>,
    out: RefCell<BufWriter<Out>>,
    /// What would have gone to standard error, where both streams are kept for somebody.
    said: Option<RefCell<Vec<String>>>,
    broken: Cell<Option<io::ErrorKind>>,
}

/// Where data goes.
enum Out {
    Stdout(Stdout),
    Kept(Vec<u8>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::Kept(kept) => kept.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Kept(_) => Ok(()),
        }
    }
}

impl Ui {
    /// Looks at the streams once.
    pub fn new(wishes: Wishes) -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let painted = |choice: anstream::ColorChoice| choice != anstream::ColorChoice::Never;
        let color = if wishes.no_color || wishes.json {
            (false, false)
        } else {
            (painted(anstream::AutoStream::choice(&out)), painted(anstream::AutoStream::choice(&err)))
        };
        Self {
            wishes,
            color,
            width: line_width(&out),
            out: RefCell::new(BufWriter::with_capacity(BUFFER, Out::Stdout(out))),
            said: None,
            broken: Cell::new(None),
        }
    }

    /// Prints nothing and keeps what would have been printed, for [`Ui::into_kept`].
    pub fn keeping(wishes: Wishes) -> Self {
        Self {
            wishes,
            color: (false, false),
            width: None,
            out: RefCell::new(BufWriter::new(Out::Kept(Vec::new()))),
            said: Some(RefCell::default()),
            broken: Cell::new(None),
        }
    }

    /// What was kept: data, and what was said besides.
    pub fn into_kept(self) -> (String, Vec<String>) {
        let data = match self.out.into_inner().into_inner() {
            Ok(Out::Kept(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => String::new(),
        };
        (data, self.said.map(RefCell::into_inner).unwrap_or_default())
    }

    /// Whether what would be printed is kept instead: for a process that serves many calls.
    pub fn keeps(&self) -> bool {
        self.said.is_some()
    }

    /// Whether JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.wishes.json
    }

    /// Whether data may be coloured.
    pub fn color(&self) -> bool {
        self.color.0
    }

    /// How many columns a line of data has; nothing where it is not for a terminal.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether data goes to a terminal, and not into a file or another program.
    pub fn draws(&self) -> bool {
        self.said.is_none() && io::stdout().is_terminal()
    }

    /// Whether somebody sits at a terminal who can be asked a question.
    pub fn can_ask(&self) -> bool {
        self.said.is_none() && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    // ---- data

    /// Writes text as it is.
    pub fn data(&self, text: &str) {
        self.data_with(|out| out.write_all(text.as_bytes()));
    }

    /// Writes a line.
    pub fn line(&self, text: impl AsRef<str>) {
        self.data_with(|out| {
            out.write_all(text.as_ref().as_bytes())?;
            out.write_all(b"\n")
        });
    }

    /// Writes a table, fitted to the terminal.
    pub fn table(&self, table: &Table) {
        self.data(&table.render(self.width, self.color.0));
    }

    /// Writes one JSON value and a newline, without building its text first.
    pub fn json(&self, value: &impl serde::Serialize) {
        self.data_with(|out| {
            let mut pieces = Pieces { held: Vec::with_capacity(2 * BUFFER), out };
            serde_json::to_writer(&mut pieces, value).map_err(io::Error::from)?;
            pieces.write_all(b"\n")?;
            pieces.flush()
        });
    }

    /// Hands the stream of data to somebody who writes a lot. A reader that has gone away ends the
    /// output quietly; every other failure is remembered until [`Ui::finish`].
    pub fn data_with(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.broken.get().is_some() {
            return;
        }
        if let Err(error) = write(&mut *self.out.borrow_mut()) {
            self.broken.set(Some(error.kind()));
        }
    }

    /// Text in a tone, where data is coloured.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        tone.paint(text, self.color.0)
    }

    /// Sends data on its way now: somebody reads along.
    pub fn flush(&self) {
        self.data_with(|out| out.flush());
    }

    /// Writes what is still held back; says whether the data went out.
    pub fn finish(&self) -> Result<(), Fault> {
        self.data_with(|out| out.flush());
        match self.broken.get() {
            None | Some(io::ErrorKind::BrokenPipe) => Ok(()),
            Some(kind) => Err(Fault::new(INTERNAL_FAULT, format!("the output could not be written: {kind}"))),
        }
    }

    // ---- everything else

    /// A remark that `--quiet` silences.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.wishes.quiet {
            self.message(text.as_ref());
        }
    }

    /// One step of some longer work: `reading    PLAN.md: 14 tasks`.
    pub fn step(&self, what: &str, text: impl AsRef<str>) {
        if !self.wishes.quiet {
            let label = Tone::Good.paint(&format!("{what:<10}"), self.color.1);
            self.message(&format!("{label} {}", text.as_ref()));
        }
    }

    /// A warning, which `--quiet` silences.
    pub fn warn(&self, text: impl AsRef<str>) {
        if !self.wishes.quiet {
            self.message(&format!("{}: {}", Tone::Warn.paint("warning", self.color.1), text.as_ref()));
        }
    }

    /// Something that is said whatever the wishes: an error, a question's preamble.
    pub fn message(&self, text: &str) {
        if let Some(said) = &self.said {
            said.borrow_mut().push(text.to_owned());
            return;
        }
        // What is on its way to the same terminal comes first.
        self.data_with(|out| out.flush());
        // With standard error gone there is nobody left to tell.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Text in a tone, where messages are coloured.
    pub fn paint_message(&self, tone: Tone, text: &str) -> String {
        tone.paint(text, self.color.1)
    }

    /// Asks a question that is answered by yes or no; anything but a clear yes is no.
    pub fn confirm(&self, question: &str) -> bool {
        if !self.can_ask() {
            return false;
        }
        self.data_with(|out| out.flush());
        let _ = write!(io::stderr().lock(), "{question} [y/N] ");
        let mut answer = String::new();
        if io::stdin().read_line(&mut answer).is_err() {
            return false;
        }
        matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }

    /// A bar for work of so many steps: drawn on a terminal, plain lines elsewhere.
    pub fn progress(&self, what: &'static str, total: u64) -> Progress {
        Progress::new(what, total, self.wishes.quiet || self.said.is_some(), self.color.1)
    }
}

/// Text as one line that sends no commands to the terminal: a line break becomes a space, other
/// control characters vanish.
pub fn tame(text: &str) -> String {
    let spaced = |c: char| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    text.chars().map(spaced).filter(|c| !c.is_control()).collect()
}

/// Gathers the many small pieces JSON is written in, so that each costs a copy and no call.
struct Pieces<'w> {
    held: Vec<u8>,
    out: &'w mut dyn Write,
}

impl Write for Pieces<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }
}

/// The columns of the terminal; `COLUMNS` where somebody set it.
fn line_width(out: &Stdout) -> Option<usize> {
    let stated = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let width = stated.or_else(|| {
        let size = out.is_terminal().then(|| terminal_size::terminal_size_of(out)).flatten()?;
        Some(usize::from(size.0.0))
    });
    width.filter(|width| *width >= 20)
}
