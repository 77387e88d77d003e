//! Cells and rows (RFC 4180): quotes, doubled quotes, line breaks inside them, whichever line
//! ending and separator the file has.

/// A row, and the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) line: u32,
    /// First byte, and one past the last.
    pub(super) span: (usize, usize),
    /// Whether the file ended inside a quoted cell.
    pub(super) torn: bool,
}

/// What stands between the cells: whichever of the usual ones the header has most of.
pub(super) fn separator(text: &str) -> char {
    let mut quoted = false;
    let header = text.split(|c: char| {
        quoted ^= c == '"';
        c == '\n' && !quoted
    });
    let header = header.into_iter().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: char| {
        let mut quoted = false;
        header
            .chars()
            .filter(|c| {
                quoted ^= *c == '"';
                !quoted && *c == mark
            })
            .count()
    };
    let marks = [',', ';', '\t', '|'];
    let most = marks.iter().map(|mark| count(*mark)).max().unwrap_or_default();
    marks.into_iter().find(|mark| most > 0 && count(*mark) == most).unwrap_or(',')
}

/// Every row that holds anything.
pub(super) fn rows(text: &str, separator: char) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut line = 1;
    let mut chars = text.char_indices().peekable();
    while let Some((start, _)) = chars.peek().copied() {
        let mut row = Row { cells: vec![String::new()], line, span: (start, text.len()), torn: false };
        let mut quoted = false;
        let mut fresh = true;
        loop {
            let Some((at, c)) = chars.next() else {
                row.torn = quoted;
                break;
            };
            line += u32::from(c == '\n');
            let cell = row.cells.last_mut().expect("a row has a cell from the start");
            match c {
                '"' if quoted && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                    cell.push('"');
                    chars.next();
                }
                '"' if quoted => quoted = false,
                '"' if fresh => {
                    quoted = true;
                    fresh = false;
                }
                '\r' if !quoted && chars.peek().is_some_and(|(_, next)| *next == '\n') => {}
                '\n' if !quoted => {
                    row.span.1 = at;
                    break;
                }
                c if c == separator && !quoted => {
                    row.cells.push(String::new());
                    fresh = true;
                }
                c => {
                    cell.push(c);
                    fresh = false;
                }
            }
        }
        if row.cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(row);
        }
    }
    rows
}

/// One row as text, each cell quoted where it must be.
pub(super) fn write_row<'c>(cells: impl IntoIterator<Item = &'c str>, out: &mut String) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let must = cell.contains(['"', ',', '\n', '\r', ';', '\t']) || cell.trim() != cell;
        if must {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

/// What a spreadsheet takes for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet runs: an apostrophe stands before what would be a formula. Cells that
/// look so already get one too, in any case, so that [`plain`] gives back what there was.
pub(super) fn safe(cell: &str, raw: bool) -> String {
    let marked = cell.starts_with('\'') && cell.trim_start_matches('\'').starts_with(FORMULA);
    if marked || (!raw && cell.starts_with(FORMULA)) { format!("'{cell}") } else { cell.to_owned() }
}

/// A cell without the apostrophe that keeps it from being run.
pub(super) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        rows(text, separator(text)).into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn cells_are_read_as_people_and_programs_write_them() {
        let check = |text: &str, wanted: &[&[&str]]| assert_eq!(cells(text), wanted, "{text:?}");
        check("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]);
        check("a;b\r\n1;\"2;3\"\r\n", &[&["a", "b"], &["1", "2;3"]]);
        check("a\tb\n1\t", &[&["a", "b"], &["1", ""]]);
        check("\"a\nb\",\"c\"\"d\"\n\n,\nx,\"y", &[&["a\nb", "c\"d"], &["x", "y"]]);
        check("a,b\n5\" pipe,2\n", &[&["a", "b"], &["5\" pipe", "2"]]);
        check("", &[]);
        let torn = rows("a\n\"b", ',');
        assert_eq!((torn[0].torn, torn[1].torn, torn[1].line), (false, true, 2));
    }

    #[test]
    fn rows_read_back_as_written() {
        for row in [vec!["a", "b,c", "d\"e", "f\r\ng", " h ", "i;j"], vec!["x", "", "ü\t"]] {
            let mut text = String::new();
            write_row(row.iter().copied(), &mut text);
            assert_eq!(rows(&text, ',')[0].cells, row);
        }
    }

    #[test]
    fn formulas_are_disarmed_and_read_back() {
        for cell in ["=1+1", "-5", "'=1", "''+x", "'quoted'", "plain", "@x", "", "'"] {
            for raw in [true, false] {
                assert_eq!(plain(&safe(cell, raw)), cell, "{cell} {raw}");
            }
            assert!(!safe(cell, false).starts_with(FORMULA));
        }
        assert_eq!(safe("=1+1", true), "=1+1");
    }
}
