//! Messages as one of those they are meant for finds them.

use jiff::Timestamp;
use model::commons::{Message, Recipient};
use model::ids::Seq;
use serde::Serialize;

use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, moment};

/// Messages for one reader.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inbox<'a> {
    /// Who reads.
    pub reader: &'a str,
    /// In the order they were sent.
    pub messages: Vec<MessageRow<'a>>,
    /// Whether there are more after these.
    pub more: bool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageRow<'a> {
    /// Its number: messages are read in this order.
    pub number: Seq,
    /// `name`, `role:NAME`, `session:ID` or `everybody`.
    pub to: String,
    /// The text.
    pub text: &'a str,
    /// The plan it is about.
    pub plan: Option<&'a str>,
    /// The task it is about.
    pub task: Option<&'a str>,
    /// The message it answers.
    pub answers: Option<Seq>,
    /// Who sent it.
    pub by: Who,
    /// When.
    pub at: Timestamp,
    /// When the reader acknowledged it.
    pub acknowledged: Option<Timestamp>,
}

impl<'a> MessageRow<'a> {
    /// A message, and when its reader acknowledged it.
    pub fn of(message: &'a Message, acknowledged: Option<Timestamp>) -> Self {
        let what = &message.what;
        Self {
            number: message.number,
            to: told(&what.to),
            text: &what.text,
            plan: what.plan.as_ref().map(|key| key.as_str()),
            task: what.task.as_ref().map(|key| key.as_str()),
            answers: what.answers,
            by: Who::from(&message.by),
            at: message.at,
            acknowledged,
        }
    }
}

/// Recipients as people write them.
pub fn told(to: &Recipient) -> String {
    match to {
        Recipient::Name(name) => name.clone(),
        Recipient::Role(role) => format!("role:{role}"),
        Recipient::Session(session) => format!("session:{session}"),
        Recipient::Everybody => "everybody".to_owned(),
    }
}

impl Answer for Inbox<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.messages.is_empty() {
            page.paragraph(format!("no message waits for {}", self.reader));
            return page;
        }
        let mut table = Table::new([
            Column::number("Number"),
            Column::text("From"),
            Column::text("To"),
            Column::text("About"),
            Column::text("Message"),
            Column::whole("Sent"),
            Column::whole("Acknowledged"),
        ]);
        for row in &self.messages {
            let about = [row.plan, row.task].into_iter().flatten().collect::<Vec<_>>().join(" ");
            table.row([
                Cell::from(row.number.to_string()),
                Tone::Strong.cell(row.by.plain()),
                row.to.as_str().into(),
                about.into(),
                row.text.into(),
                moment(row.at).into(),
                row.acknowledged.map(moment).unwrap_or_default().into(),
            ]);
        }
        page.table(table.without_empty_columns());
        if self.more {
            page.paragraph("there are more; acknowledge these, or name a higher `--limit`");
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use model::actor::By;
    use model::commons::{HybridTime, MessageSent};

    use super::*;
    use crate::testing::check;

    #[test]
    fn an_inbox_says_from_whom_to_whom_and_about_what() {
        let message = Message {
            number: Seq(7),
            what: MessageSent {
                to: Recipient::Role("qa".to_owned()),
                text: "the build is green".to_owned(),
                hybrid: HybridTime::default(),
                plan: None,
                task: Some(model::ids::Key::new("T-1").unwrap()),
                answers: None,
            },
            by: By::system(),
            at: "2031-05-01T09:00:00Z".parse().unwrap(),
        };
        let inbox = Inbox { reader: "tester", messages: vec![MessageRow::of(&message, None)], more: false };
        check(
            &inbox,
            "
| Number | From | To | About | Message | Sent |
| ---: | --- | --- | --- | --- | --- |
| 7 | **countersign** | role:qa | T-1 | the build is green | 2031-05-01 09:00 UTC |
",
        );
        check(
            &Inbox { reader: "tester", messages: Vec::new(), more: false },
            "\nno message waits for tester\n",
        );
    }
}
