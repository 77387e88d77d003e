//! Settings of the program: flags before the environment before the user's file before defaults,
//! resolved once into a plain struct that remembers where each value came from.
//!
//! Settings of a plan (how strict it is with itself) are another matter: they stand in
//! `countersign.toml` beside the plan.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use model::refusal::{CONFIG_INVALID, Refusal};
use toml_edit::{DocumentMut, Item};

use crate::cli::globals::Globals;
use crate::cli::usage::nearest;

/// Every variable of the environment that is ours, and what it is for.
pub const VARIABLES: &[(&str, &str)] = &[
    ("COUNTERSIGN_STORE", "the store, like `--store`: a folder, or a server's URL"),
    ("COUNTERSIGN_TOKEN", "the token shown to the server that has the store"),
    ("COUNTERSIGN_PLAN", "the plan, like `--plan`"),
    ("COUNTERSIGN_AS", "the person who acts, like `--as`"),
    ("COUNTERSIGN_AGENT", "the agent that acts, like `--agent`"),
    ("COUNTERSIGN_SESSION", "the agent's session, like `--session`"),
    ("COUNTERSIGN_FENCE", "the grant the agent works under, like `--fence`"),
    ("COUNTERSIGN_TASK", "the key of the task the agent works on"),
    ("COUNTERSIGN_BRIEF", "a file with the agent's brief; set for agents that are started"),
    ("COUNTERSIGN_JWT_SECRET", "the secret that `serve` checks JWTs with (HS256, HS384, HS512)"),
    (
        "COUNTERSIGN_JWT_PUBLIC_KEY_FILE",
        "a file with the public key that `serve` checks JWTs with (ES256, EdDSA)",
    ),
    ("COUNTERSIGN_JWT_AUDIENCE", "the audience that JWTs must be meant for"),
    ("COUNTERSIGN_JWT_ISSUER", "the issuer that JWTs must come from"),
    ("COUNTERSIGN_GITHUB_SECRET", "the secret that GitHub signs the webhooks to `serve` with"),
    ("COUNTERSIGN_NOW", "a fixed time (RFC 3339), on stores made by `init --test` only"),
    ("COUNTERSIGN_SEED", "a seed for ids, on stores made by `init --test` only"),
];

const PREFIX: &str = "COUNTERSIGN_";

/// Names the user's file may set.
const FILE_NAMES: &[&str] = &["store", "token", "plan", "as", "no_color"];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag on the command line.
    Flag(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// The user's file.
    File(PathBuf),
    /// Nobody said otherwise.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag `{name}`"),
            Self::Variable(name) => write!(f, "environment `{name}`"),
            Self::File(path) => write!(f, "file `{}`", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// The program's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// The store; nothing: the nearest `.countersign/`.
    pub store: Setting<Option<String>>,
    /// What is shown to a server that has the store.
    pub token: Setting<Option<String>>,
    /// The plan; nothing: the only one.
    pub plan: Setting<Option<String>>,
    /// The person who acts; nothing: whom git or the system names.
    pub person: Setting<Option<String>>,
    /// The agent that acts.
    pub agent: Setting<Option<String>>,
    /// The agent's session.
    pub session: Setting<Option<String>>,
    /// The grant the agent works under.
    pub fence: Setting<Option<u64>>,
    /// The key of the task the agent works on.
    pub task: Setting<Option<String>>,
    /// Whether to do without colour.
    pub no_color: Setting<bool>,
    /// A fixed time, for stores made for tests.
    pub now: Setting<Option<Timestamp>>,
    /// A seed for ids, for stores made for tests.
    pub seed: Setting<Option<u64>>,
    /// The folder of the user's file and keys.
    pub folder: PathBuf,
}

impl Config {
    /// Resolves every setting once.
    pub fn resolve(globals: &Globals, environment: &Environment) -> Result<Self, Refusal> {
        let folder = environment.folder();
        let file = UserFile::read(&folder.join("config.toml"))?;
        let text = |flag: (&'static str, &Option<String>), variable: &'static str, name: &str| {
            let said = flag.1.clone().map(|value| (value, Origin::Flag(flag.0)));
            let around =
                || environment.get(variable).map(|value| (value.to_owned(), Origin::Variable(variable)));
            let kept = || file.text(name);
            match said.or_else(around).or_else(kept) {
                Some((value, origin)) => Setting { value: Some(value), origin },
                None => Setting { value: None, origin: Origin::Default },
            }
        };
        let no_color = match (globals.no_color, environment.no_color, file.flag("no_color")) {
            (true, _, _) => Setting { value: true, origin: Origin::Flag("--no-color") },
            (_, true, _) => Setting { value: true, origin: Origin::Variable("NO_COLOR") },
            (_, _, Some(value)) => Setting { value, origin: Origin::File(file.path.clone()) },
            _ => Setting { value: false, origin: Origin::Default },
        };
        Ok(Self {
            store: text(("--store", &globals.store), "COUNTERSIGN_STORE", "store"),
            token: text(("", &None), "COUNTERSIGN_TOKEN", "token"),
            plan: text(("--plan", &globals.plan), "COUNTERSIGN_PLAN", "plan"),
            person: text(("--as", &globals.person), "COUNTERSIGN_AS", "as"),
            agent: text(("--agent", &globals.agent), "COUNTERSIGN_AGENT", ""),
            session: text(("--session", &globals.session), "COUNTERSIGN_SESSION", ""),
            fence: match globals.fence {
                Some(fence) => Setting { value: Some(fence), origin: Origin::Flag("--fence") },
                None => environment.parsed("COUNTERSIGN_FENCE", "a grant's number")?,
            },
            task: environment.parsed("COUNTERSIGN_TASK", "a task's key")?,
            no_color,
            now: environment.parsed("COUNTERSIGN_NOW", "a time like `2031-05-01T09:00:00Z`")?,
            seed: environment.parsed("COUNTERSIGN_SEED", "a whole number")?,
            folder,
        })
    }
}

impl Config {
    /// Whether an agent asks: it is named, or works in a session that its environment names. That a
    /// person names a session on the command line makes them none.
    pub fn agent_is_around(&self) -> bool {
        self.agent.value.is_some() || matches!(self.session.origin, Origin::Variable(_))
    }

    /// Whether the command line itself says which person acts.
    pub fn names_person(&self) -> bool {
        matches!(self.person.origin, Origin::Flag(_))
    }
}

/// The variables of the environment that matter here.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    ours: BTreeMap<String, String>,
    no_color: bool,
    config_home: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let ours = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty())
            .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
            .collect();
        let config_home = set("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| set("HOME").map(|home| Path::new(&home).join(".config")));
        Self { ours, no_color: set("NO_COLOR").is_some(), config_home }
    }

    /// An environment of just these variables, with a folder of its own for the user's file and keys.
    pub fn of_pairs(home: &Path, pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let ours = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { ours, no_color: true, config_home: Some(home.to_owned()) }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.ours.get(name).map(String::as_str)
    }

    /// Whether an agent is around, whatever the flags say.
    pub fn has_agent(&self) -> bool {
        self.get("COUNTERSIGN_AGENT").is_some()
    }

    fn folder(&self) -> PathBuf {
        self.config_home.clone().unwrap_or_else(|| PathBuf::from(".config")).join("countersign")
    }

    fn parsed<T: std::str::FromStr>(
        &self,
        name: &'static str,
        what: &str,
    ) -> Result<Setting<Option<T>>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(Setting { value: None, origin: Origin::Default }) };
        let value = text.parse().map_err(|_| {
            Refusal::new(CONFIG_INVALID, format!("`{name}` is `{text}`, which is not {what}"))
                .with("name", name)
        })?;
        Ok(Setting { value: Some(value), origin: Origin::Variable(name) })
    }

    /// A word about each variable that looks like ours and is not.
    pub fn warnings(&self) -> Vec<String> {
        let known = || VARIABLES.iter().map(|(name, _)| *name);
        let strange = self.ours.keys().filter(|name| !known().any(|known| known == *name));
        strange
            .map(|name| match nearest(name, known()) {
                Some(near) => format!("`{name}` is not a variable of countersign; did you mean `{near}`?"),
                None => format!("`{name}` is not a variable of countersign"),
            })
            .collect()
    }
}

/// The user's own file.
#[derive(Debug, Default)]
struct UserFile {
    path: PathBuf,
    document: DocumentMut,
}

impl UserFile {
    fn read(path: &Path) -> Result<Self, Refusal> {
        let shown = path.display().to_string();
        let bad = |message: String| Refusal::new(CONFIG_INVALID, message).with("path", shown.clone());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(bad(format!("`{shown}` could not be read: {}", error.kind()))),
        };
        let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            let line =
                error.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count().max(1));
            bad(format!("`{shown}` line {line}: {}", error.message().lines().next().unwrap_or("not TOML")))
        })?;
        for (name, item) in document.iter() {
            if !FILE_NAMES.contains(&name) {
                let refusal = bad(format!("`{shown}` sets `{name}`, which is no setting"));
                return Err(match nearest(name, FILE_NAMES.iter().copied()) {
                    Some(near) => refusal.hint(format!("did you mean `{near}`?")),
                    None => refusal.hint(format!("settings are `{}`", FILE_NAMES.join("`, `"))),
                });
            }
            let fits = if name == "no_color" { item.as_bool().is_some() } else { item.as_str().is_some() };
            if !fits {
                let wanted = if name == "no_color" { "`true` or `false`" } else { "text in quotes" };
                return Err(bad(format!("`{name}` in `{shown}` must be {wanted}")));
            }
        }
        Ok(Self { path: path.to_owned(), document })
    }

    fn text(&self, name: &str) -> Option<(String, Origin)> {
        let value = self.document.get(name).and_then(Item::as_str).filter(|text| !text.is_empty())?;
        Some((value.to_owned(), Origin::File(self.path.clone())))
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.document.get(name).and_then(Item::as_bool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        let ours = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Environment { ours, config_home: Some(PathBuf::from("/nonexistent")), ..Environment::default() }
    }

    #[test]
    fn a_flag_comes_before_the_environment() {
        let around = environment(&[("COUNTERSIGN_PLAN", "alpha"), ("COUNTERSIGN_AS", "Ada")]);
        let globals = Globals { plan: Some("beta".to_owned()), ..Globals::default() };
        let config = Config::resolve(&globals, &around).unwrap();
        assert_eq!(config.plan.value.as_deref(), Some("beta"));
        assert_eq!(config.plan.origin.to_string(), "flag `--plan`");
        assert_eq!(config.person.origin.to_string(), "environment `COUNTERSIGN_AS`");
        assert_eq!(config.store.origin, Origin::Default);
    }

    #[test]
    fn a_wrong_value_names_its_variable() {
        let around = environment(&[("COUNTERSIGN_NOW", "yesterday")]);
        let refusal = Config::resolve(&Globals::default(), &around).unwrap_err();
        assert_eq!(refusal.code, CONFIG_INVALID);
        assert!(refusal.message.contains("COUNTERSIGN_NOW"), "{}", refusal.message);
    }

    #[test]
    fn a_variable_that_is_almost_ours_is_told() {
        let warnings = environment(&[("COUNTERSIGN_SOTRE", "x"), ("COUNTERSIGN_PLAN", "y")]).warnings();
        assert_eq!(
            warnings,
            ["`COUNTERSIGN_SOTRE` is not a variable of countersign; did you mean `COUNTERSIGN_STORE`?"]
        );
    }
}
