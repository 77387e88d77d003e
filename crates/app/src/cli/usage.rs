//! What clap has to say about a command line, in this program's own words and shape.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use model::refusal::{Refusal, USAGE_INVALID, VALUE_INVALID};

use super::commands::VERBS;

/// A command line that could not be understood, as a refusal with a did-you-mean.
pub fn refusal(error: &clap::Error) -> Refusal {
    let of = |kind| text(error, kind).map(|found| first_line(&found));
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    let refusal = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let verb = of(ContextKind::InvalidSubcommand).unwrap_or_default();
            usage(format!("there is no verb `{verb}`")).with("verb", verb)
        }
        ErrorKind::UnknownArgument => {
            let flag = argument.unwrap_or_default();
            let what = if flag.starts_with('-') { "option" } else { "argument" };
            usage(format!("there is no {what} `{flag}` here")).with("argument", flag)
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = of(ContextKind::InvalidArg).unwrap_or_default();
            usage(format!("`{missing}` is missing")).with("argument", missing)
        }
        ErrorKind::MissingSubcommand => usage("say what to do with it"),
        ErrorKind::InvalidValue if value.as_deref().is_none_or(str::is_empty) => {
            let flag = argument.unwrap_or_default();
            usage(format!("`{flag}` needs a value")).with("argument", flag)
        }
        ErrorKind::InvalidValue => {
            let (flag, value) = (argument.unwrap_or_default(), value.unwrap_or_default());
            usage(format!("`{value}` is not a value of `{flag}`")).with("argument", flag).with("value", value)
        }
        ErrorKind::ValueValidation => {
            let (flag, value) = (argument.unwrap_or_default(), value.unwrap_or_default());
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            usage(format!("`{value}` is not acceptable for `{flag}`: {why}"))
                .with("argument", flag)
                .with("value", value)
        }
        ErrorKind::ArgumentConflict => {
            let (flag, other) = (argument.unwrap_or_default(), of(ContextKind::PriorArg).unwrap_or_default());
            if flag == other {
                usage(format!("`{flag}` stands there twice")).with("argument", flag)
            } else {
                usage(format!("`{flag}` and `{other}` exclude each other")).with("argument", flag)
            }
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            let flag = argument.unwrap_or_default();
            usage(format!("`{flag}` has the wrong number of values")).with("argument", flag)
        }
        ErrorKind::NoEquals => {
            usage(format!("`{}` needs `=` before its value", argument.unwrap_or_default()))
        }
        ErrorKind::InvalidUtf8 => usage("the command line is not UTF-8"),
        _ => usage("the command line could not be understood"),
    };
    with_hint(refusal, error)
}

fn usage(message: impl Into<String>) -> Refusal {
    Refusal::new(USAGE_INVALID, message)
}

fn with_hint(refusal: Refusal, error: &clap::Error) -> Refusal {
    let suggestion =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
            .into_iter()
            .find_map(|kind| text(error, kind));
    if let Some(suggestion) = suggestion {
        return refusal.hint(format!("did you mean {}?", listed(&suggestion)));
    }
    if let Some(values) = text(error, ContextKind::ValidValue) {
        return refusal.hint(format!("one of {}", listed(&values)));
    }
    if let Some(verbs) = text(error, ContextKind::ValidSubcommand) {
        return refusal.hint(format!("one of {}", listed(&verbs)));
    }
    if error.kind() == ErrorKind::ArgumentConflict {
        return refusal;
    }
    if error.kind() == ErrorKind::InvalidSubcommand {
        let wrote = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
        return refusal.hint(match nearest(&wrote, VERBS.iter().map(|verb| verb.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see every verb with `countersign help --all`".to_owned(),
        });
    }
    let line = text(error, ContextKind::Usage).unwrap_or_default();
    match line.trim().trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ") {
        line if line.is_empty() => refusal.hint("see `countersign help`"),
        line => refusal.hint(format!("usage: `{line}`")),
    }
}

/// `a` or `b`, from lines.
fn listed(lines: &str) -> String {
    lines.lines().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", ")
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if texts.is_empty() => None,
        ContextValue::Strings(texts) => Some(texts.join("\n")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => {
            Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The known name nearest to what somebody wrote, if one is near at all.
pub fn nearest<'a>(wrote: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrote = wrote.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrote, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A value that cannot be read, naming the option it stands at.
pub fn bad_value(option: &str, value: &str, why: &str) -> Refusal {
    Refusal::new(VALUE_INVALID, format!("`{value}` is not acceptable for `{option}`: {why}"))
        .with("option", option)
        .with("value", value)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("lnit", ["lint", "list"]), Some("lint"));
        assert_eq!(
            nearest("COUNTERSIGN_SOTRE", ["COUNTERSIGN_STORE", "COUNTERSIGN_PLAN"]),
            Some("COUNTERSIGN_STORE")
        );
        assert_eq!(nearest("T-17", ["T-017", "T-018"]), Some("T-017"));
        assert_eq!(nearest("banana", ["lint", "list"]), None);
    }
}
