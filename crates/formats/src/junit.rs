//! Reports of tests in the format of JUnit, as most runners write it: what they come to, no more.
//! Test cases are counted one by one; what a report says of its own sums is not believed.

use model::delivery::Tests;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The largest report that is read, in bytes.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Elements may stand so deep within each other.
const DEEPEST: usize = 64;

/// Reads a report; the error says what is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Tests, String> {
    if bytes.len() > MOST_BYTES {
        return Err(format!("{} bytes are too many; at most {MOST_BYTES} are read", bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let (mut tests, mut depth, mut any) = (Tests::default(), 0_usize, false);
    // What is said of the test case that is open: failed, skipped, flaky.
    let mut case = [false; 3];
    loop {
        match reader.read_event().map_err(|error| format!("it is no XML: {error}"))? {
            Event::Start(element) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(format!("its elements stand more than {DEEPEST} deep"));
                }
                any |= begin(&element, &mut tests, &mut case);
            }
            Event::Empty(element) => {
                any |= begin(&element, &mut tests, &mut case);
                if element.local_name().as_ref() == "testcase" {
                    end(&mut tests, &mut case);
                }
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                if element.local_name().as_ref() == "testcase" {
                    end(&mut tests, &mut case);
                }
            }
            Event::DocType(_) => return Err("it has a document type, which no report needs".to_owned()),
            Event::Eof if depth > 0 => return Err("it breaks off".to_owned()),
            Event::Eof if !any => return Err("it holds no `testsuite`".to_owned()),
            Event::Eof => return Ok(tests),
            _ => {}
        }
    }
}

/// Takes an element in; says whether it is one of a report.
fn begin(element: &BytesStart<'_>, tests: &mut Tests, case: &mut [bool; 3]) -> bool {
    match element.local_name().as_ref() {
        "testsuites" | "testsuite" => return true,
        "testcase" => {
            tests.total = tests.total.saturating_add(1);
            tests.seconds += time(element);
            *case = [false; 3];
        }
        "failure" | "error" => case[0] = true,
        "skipped" => case[1] = true,
        "flakyFailure" | "flakyError" => case[2] = true,
        _ => {}
    }
    false
}

/// The test case that is open ends.
fn end(tests: &mut Tests, case: &mut [bool; 3]) {
    let [failed, skipped, flaky] = std::mem::take(case);
    tests.failed += u32::from(failed);
    tests.skipped += u32::from(skipped && !failed);
    tests.flaky += u32::from(flaky && !failed);
}

/// What a test case took. Some runners write a comma between thousands.
fn time(element: &BytesStart<'_>) -> f64 {
    let told = element.try_get_attribute("time").ok().flatten();
    let text = told.map(|told| told.value.into_owned()).unwrap_or_default();
    let seconds: f64 = text.replace(',', "").parse().unwrap_or_default();
    if seconds.is_finite() { seconds.max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_one_by_one() {
        let report = r#"<?xml version="1.0"?>
<testsuites tests="99" time="1000">
  <testsuite name="a" tests="99">
    <testcase name="one" time="0.5"/>
    <testcase name="two" time="1,000.25"><failure message="no">at line 3</failure></testcase>
    <testcase name="three"><skipped/></testcase>
    <testcase name="four" time="nan"><flakyFailure message="first"/></testcase>
    <testcase name="five"><error/><failure/></testcase>
  </testsuite>
</testsuites>"#;
        let tests = Tests { total: 5, failed: 2, skipped: 1, flaky: 1, seconds: 1000.75 };
        assert_eq!(read(report.as_bytes()), Ok(tests));
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let deep = format!("<testsuite>{}", "<a>".repeat(100));
        for (text, says) in [
            ("", "no `testsuite`"),
            ("<html></html>", "no `testsuite`"),
            ("<testsuite><testcase>", "breaks off"),
            ("<testsuite></testcase>", "no XML"),
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><testsuite/>", "document type"),
            (&deep, "deep"),
        ] {
            let wrong = read(text.as_bytes()).expect_err(text);
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
        assert!(read(&[0xff, 0xfe]).is_err());
    }
}
