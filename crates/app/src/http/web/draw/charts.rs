//! Charts of the review queue. Each says in words what it shows, and has a table behind it.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use lens::render::html::escape;
use lens::views::review_days::ReviewDay;
use lens::views::reviews::TicketRow;

/// The most bars of a chart; the table behind it has them all.
const MOST_BARS: usize = 12;

/// Tickets closed on each of the last days.
pub(in crate::http::web) fn velocity(days: &[ReviewDay]) -> String {
    const WIDE: usize = 420;
    const HIGH: usize = 190;
    const FLOOR: usize = 150;
    const STEP: usize = 58;
    const BAR: usize = 34;
    let most = days.iter().map(|day| day.resolved + day.dismissed).max().unwrap_or(0).max(1) as usize;
    let told: Vec<String> = days
        .iter()
        .filter(|day| day.resolved + day.dismissed > 0)
        .map(|day| format!("{}: {} resolved, {} dismissed", day.day, day.resolved, day.dismissed))
        .collect();
    let says = if told.is_empty() { "nothing was closed".to_owned() } else { told.join("; ") };
    let mut svg = open(WIDE, HIGH, "Tickets closed a day", &says);
    let _ = write!(svg, "<path class=\"axis\" d=\"M6 {FLOOR}H{}\"/>", WIDE - 6);
    for (number, day) in days.iter().enumerate() {
        let x = 14 + number * STEP;
        let tall = |count: u32| count as usize * 118 / most;
        let (resolved, dismissed) = (tall(day.resolved), tall(day.dismissed));
        for (class, high, above) in
            [("verified", resolved, resolved), ("aside", dismissed, resolved + dismissed)]
        {
            if high > 0 {
                let y = FLOOR - above;
                let _ = write!(
                    svg,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"{high}\"/>"
                );
            }
        }
        let closed = day.resolved + day.dismissed;
        let middle = x + BAR / 2;
        if closed > 0 {
            let y = FLOOR - resolved - dismissed - 6;
            let _ = write!(svg, "<text class=\"mid\" x=\"{middle}\" y=\"{y}\">{closed}</text>");
        }
        let _ = write!(
            svg,
            "<text class=\"mid soft\" x=\"{middle}\" y=\"{}\">{}</text>",
            FLOOR + 18,
            day.day.strftime("%a")
        );
        let _ = write!(
            svg,
            "<text class=\"mid soft\" x=\"{middle}\" y=\"{}\">{}</text>",
            FLOOR + 34,
            day.day.strftime("%-d %b")
        );
    }
    svg.push_str("</svg>");
    svg
}

/// How long each ticket that waits has waited, the oldest first, and when an answer was due.
pub(in crate::http::web) fn aging(waiting: &[&TicketRow], now: Timestamp) -> String {
    const WIDE: usize = 420;
    const LEFT: usize = 112;
    const ROOM: usize = 230;
    const STEP: usize = 30;
    let shown = &waiting[..waiting.len().min(MOST_BARS)];
    let age = |ticket: &TicketRow| now.duration_since(ticket.created_at).max(SignedDuration::ZERO);
    let longest = shown.iter().map(|ticket| age(ticket)).max().unwrap_or_default().as_secs().max(1);
    let wide = |span: SignedDuration| {
        let part = span.as_secs().clamp(0, longest) as f64 / longest as f64;
        (part * ROOM as f64).round() as usize
    };
    let told: Vec<String> = shown
        .iter()
        .map(|ticket| {
            let late = if ticket.overdue { ", overdue" } else { "" };
            format!("{} for {}{late}", about(ticket), span_in_words(age(ticket)))
        })
        .collect();
    let says = if told.is_empty() { "nothing waits".to_owned() } else { told.join("; ") };
    let high = shown.len().max(1) * STEP + 8;
    let mut svg = open(WIDE, high, "How long tickets have waited", &says);
    for (row, ticket) in shown.iter().enumerate() {
        let y = row * STEP + 6;
        let text = y + 15;
        let class = if ticket.overdue { "late" } else { "waits" };
        let long = wide(age(ticket)).max(3);
        let _ = write!(
            svg,
            "<text class=\"end\" x=\"{}\" y=\"{text}\">{}</text><rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{long}\" height=\"20\" rx=\"3\"/>",
            LEFT - 10,
            escape(&super::fitting(about(ticket), 14))
        );
        let due = ticket.due_at.duration_since(ticket.created_at);
        if due.as_secs() <= longest {
            let x = LEFT + wide(due);
            let _ = write!(svg, "<path class=\"due\" d=\"M{x} {}V{}\"/>", y - 3, y + 23);
        }
        let _ = write!(
            svg,
            "<text class=\"soft\" x=\"{}\" y=\"{text}\">{}</text>",
            LEFT + long + 8,
            span_in_words(age(ticket))
        );
    }
    svg.push_str("</svg>");
    svg
}

/// What a ticket is about, as short as it can be said.
fn about(ticket: &TicketRow) -> &str {
    ticket.task_id.as_deref().or(ticket.gate.as_deref()).unwrap_or(&ticket.plan)
}

/// `3 d 4 h`, `2 h 5 min`, `7 min`.
fn span_in_words(span: SignedDuration) -> String {
    let minutes = span.as_mins();
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {minutes} min"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

pub(super) fn open(wide: usize, high: usize, title: &str, says: &str) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {wide} {high}\" role=\"img\"><title>{title}</title><desc>{}</desc>",
        escape(says)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_two_largest_parts() {
        for (minutes, told) in [(0, "0 min"), (59, "59 min"), (61, "1 h 1 min"), (1500, "1 d 1 h")] {
            assert_eq!(span_in_words(SignedDuration::from_mins(minutes)), told);
        }
    }

    #[test]
    fn a_chart_of_nothing_says_so() {
        assert!(aging(&[], Timestamp::UNIX_EPOCH).contains("<desc>nothing waits</desc>"));
        assert!(velocity(&[]).contains("<desc>nothing was closed</desc>"));
    }
}
