//! Whatever a plan's author wrote, an HTML report is balanced and nothing in it is markup but
//! ours, and the rows of a Markdown table have as many cells as its head.

use lens::reports::REPORTS;

use crate::snapshots::written;
use crate::states::STATES;

/// Everything our pages are made of; anything else came out of somebody's words.
const TAGS: [&str; 32] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "footer",
    "h1",
    "h2",
    "p",
    "nav",
    "ul",
    "li",
    "a",
    "dl",
    "dt",
    "dd",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "pre",
    "code",
    "figure",
    "figcaption",
    "svg",
    "rect",
    "!DOCTYPE",
];

/// Elements without an end.
const VOID: [&str; 2] = ["meta", "!DOCTYPE"];

#[test]
fn html_is_balanced_and_only_ours() {
    for (name, made) in STATES {
        for report in REPORTS {
            let page = written(*report, &made(), "html");
            if let Err(wrong) = judge(&page) {
                panic!("{} of {name}: {wrong}\n{page}", report.name());
            }
            let away = page.split("href=\"").skip(1).find(|link| !link.starts_with('#'));
            assert!(away.is_none() && !page.contains("url("), "nothing is loaded: {page}");
        }
    }
}

#[test]
fn the_judge_sees_what_is_wrong() {
    for wrong in [
        "<p>a < b</p>",
        "<p>",
        "</p>",
        "<p><td></p></td>",
        "<script>1</script>",
        "<p>a & b</p>",
        "<p class=x>y</p>",
    ] {
        assert!(judge(wrong).is_err(), "{wrong}");
    }
    judge("<p class=\"warn\">a &lt; b &amp; <code>c</code></p>").expect("nothing is wrong with it");
}

fn judge(page: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find(['<', '&']) {
        let (_, behind) = rest.split_at(at);
        if let Some(after) = behind.strip_prefix('&') {
            if open.last() != Some(&"style") {
                let (name, _) = after.split_once(';').ok_or("an ampersand without its end")?;
                let known = ["amp", "lt", "gt", "quot", "#39"].contains(&name);
                if !known {
                    return Err(format!("`&{name};` is not ours"));
                }
            }
            rest = after;
            continue;
        }
        let end = behind.find('>').ok_or("a tag without its end")?;
        let tag = &behind[1..end];
        rest = &behind[end + 1..];
        let closing = tag.starts_with('/');
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if !TAGS.contains(&name) {
            return Err(format!("`<{tag}>` is not ours"));
        }
        let attributes = tag.matches('=').count();
        if tag.matches('"').count() < 2 * attributes.min(1) || !tag.matches('"').count().is_multiple_of(2) {
            return Err(format!("`<{tag}>` has an attribute without quotes"));
        }
        if closing {
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("`</{name}>` ends {last:?}"));
            }
        } else if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} are left open")) }
}

#[test]
fn rows_of_a_table_have_as_many_cells_as_its_head() {
    let mut tables = 0;
    for (name, made) in STATES {
        for report in REPORTS {
            let page = written(*report, &made(), "md");
            let mut head = None;
            for line in page.lines() {
                if !line.starts_with('|') {
                    head = None;
                    continue;
                }
                let cells = borders(line);
                let wanted = *head.get_or_insert_with(|| {
                    tables += 1;
                    cells
                });
                assert_eq!(cells, wanted, "{} of {name}: {line}", report.name());
            }
        }
    }
    assert!(tables > 50, "only {tables} tables were looked at");
}

/// Pipes that are borders, as those read tables who know that a backslash escapes the next sign.
fn borders(line: &str) -> usize {
    let mut letters = line.chars();
    let mut borders = 0;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '|' => borders += 1,
            _ => {}
        }
    }
    borders
}
