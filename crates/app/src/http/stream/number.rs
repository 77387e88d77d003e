//! Numbers of events among all tasks: the position in the journal of what they tell. Where one recorded
//! event is told as several, all but the last have a part behind the position, so that whoever was cut
//! off between them comes back to the right one.

use std::fmt;
use std::str::FromStr;

/// An event's number among all: `12`, or `12.1` where `12` follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct EventId {
    position: u64,
    /// From 1; of the last one, [`LAST`].
    part: u32,
}

/// The part of the last event of a position.
const LAST: u32 = u32::MAX;

impl EventId {
    /// The last of a position.
    pub const fn last_of(position: u64) -> Self {
        Self { position, part: LAST }
    }

    /// Those of so many events that tell of one position.
    pub fn of(position: u64, count: usize) -> impl Iterator<Item = Self> {
        (1..=count).map(move |number| {
            let part = if number == count { LAST } else { u32::try_from(number).unwrap_or(LAST) };
            Self { position, part }
        })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            LAST => write!(f, "{}", self.position),
            part => write!(f, "{}.{part}", self.position),
        }
    }
}

/// A text that is no number of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANumber;

impl FromStr for EventId {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let number = |text: &str| -> Result<u64, NotANumber> {
            // `parse` would take a sign too.
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            if plain { text.parse().map_err(|_| NotANumber) } else { Err(NotANumber) }
        };
        match text.split_once('.') {
            None => Ok(Self::last_of(number(text)?)),
            Some((position, part)) => {
                let part = u32::try_from(number(part)?).map_err(|_| NotANumber)?;
                if part == 0 || part == LAST {
                    return Err(NotANumber);
                }
                Ok(Self { position: number(position)?, part })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_position_come_before_the_position_itself_and_read_back() {
        let ids: Vec<EventId> = EventId::of(7, 3).chain(EventId::of(8, 1)).collect();
        assert!(ids.is_sorted());
        let texts: Vec<String> = ids.iter().map(EventId::to_string).collect();
        assert_eq!(texts, ["7.1", "7.2", "7", "8"]);
        let again: Result<Vec<EventId>, _> = texts.iter().map(|text| text.parse()).collect();
        assert_eq!(again, Ok(ids));
        for none in ["", "x", "+7", "7.", "7.0", ".1", "7.1.1", "7.4294967295", "18446744073709551616"] {
            assert_eq!(none.parse::<EventId>(), Err(NotANumber), "{none}");
        }
    }
}
