//! What would prove a thing: the specification of a check, and what came of running it.

use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::digest::Digest;
use crate::target::Target;

/// How long a check may run unless it says otherwise, in seconds.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 600;

/// The specification of a check, as the plan or its sidecar states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckSpec {
    /// Short name, unique where it stands: `clippy`, `check`, `check~2`.
    pub name: String,
    /// What is done to find out.
    pub probe: Probe,
    /// Seconds after which it counts as an error.
    pub timeout_seconds: u32,
}

impl CheckSpec {
    /// A specification with the default timeout.
    pub fn new(name: impl Into<String>, probe: Probe) -> Self {
        Self { name: name.into(), probe, timeout_seconds: DEFAULT_TIMEOUT_SECONDS }
    }

    /// SHA-256 over what the check demands; the name is no part of it, so that renaming a check
    /// keeps its verdict.
    pub fn digest(&self) -> Digest {
        let probe = serde_json::to_vec(&self.probe).unwrap_or_default();
        Digest::framed([b"check.v1".as_slice(), &probe, &self.timeout_seconds.to_be_bytes()])
    }

    /// The command it runs, where it runs one.
    pub fn command(&self) -> Option<&str> {
        match &self.probe {
            Probe::Check { command } => Some(command),
            Probe::Metric { command, .. } => command.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for CheckSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.probe {
            Probe::Check { command } => write!(f, "check: `{command}`"),
            Probe::Metric { name, target, command: Some(command) } => {
                write!(f, "metric: {name} {target} from `{command}`")
            }
            Probe::Metric { name, target, command: None } => write!(f, "metric: {name} {target}"),
            Probe::File { path, expect: FileExpect::Exists } => write!(f, "file: `{path}`"),
            Probe::File { path, expect: FileExpect::Contains(text) } => {
                write!(f, "file: `{path}` contains `{text}`")
            }
            Probe::File { path, expect: FileExpect::Sha256(digest) } => {
                write!(f, "file: `{path}` sha256 `{digest}`")
            }
            Probe::Tasks { of } => write!(f, "tasks: {}", of.join(", ")),
            Probe::Approval { role, quorum: 1 } => write!(f, "approval: {role}"),
            Probe::Approval { role, quorum } => write!(f, "approval: {role} x{quorum}"),
            Probe::Attachment { name: Some(name) } => write!(f, "attachment: {name}"),
            Probe::Attachment { name: None } => f.write_str("attachment"),
            Probe::Ci { workflow, branch, consecutive } => {
                write!(f, "ci: `{workflow}`")?;
                if let Some(branch) = branch {
                    write!(f, " on `{branch}`")?;
                }
                if *consecutive == 1 { Ok(()) } else { write!(f, " x{consecutive}") }
            }
            Probe::Unknown { kind, text } => write!(f, "{kind}: {text}"),
        }
    }
}

/// What is done to find out whether something holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// A command that must exit 0.
    Check {
        /// Run as `sh -c` in the plan's folder.
        command: String,
    },
    /// A reading that must satisfy a target.
    Metric {
        /// The metric.
        name: String,
        /// What it must satisfy.
        target: Target,
        /// Prints the reading as its last number; without it, the last recorded reading counts.
        command: Option<String>,
    },
    /// A file that must be there, or say something.
    File {
        /// Relative to the plan's folder.
        path: String,
        /// What about it.
        expect: FileExpect,
    },
    /// Other tasks that must all be done.
    Tasks {
        /// Keys of tasks or phases; `*` stands for all others.
        of: Vec<String>,
    },
    /// People who must approve.
    Approval {
        /// In which role.
        role: String,
        /// How many different people.
        quorum: u32,
    },
    /// A file that a person must attach.
    Attachment {
        /// What it shows.
        name: Option<String>,
    },
    /// A workflow of continuous integration whose latest runs must be green.
    Ci {
        /// Its name where it runs.
        workflow: String,
        /// Of which branch; nothing: of any.
        branch: Option<String>,
        /// How many runs in a row.
        consecutive: u32,
    },
    /// A kind nobody knows; such a plan is read, but not adopted.
    Unknown {
        /// The word before the colon.
        kind: String,
        /// What follows it.
        text: String,
    },
}

impl Probe {
    /// The kind's name, as written in plans.
    pub fn kind(&self) -> &str {
        match self {
            Self::Check { .. } => "check",
            Self::Metric { .. } => "metric",
            Self::File { .. } => "file",
            Self::Tasks { .. } => "tasks",
            Self::Approval { .. } => "approval",
            Self::Attachment { .. } => "attachment",
            Self::Ci { .. } => "ci",
            Self::Unknown { kind, .. } => kind,
        }
    }
}

/// What is expected of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileExpect {
    /// That it exists.
    Exists,
    /// That it contains this text.
    Contains(String),
    /// That its bytes have this digest.
    Sha256(Digest),
}

/// What came of running a check. A check that could not run is an error, never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It could not be found out.
    Error,
}

impl Outcome {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// What a check saw.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Evidence {
    /// One line for people: `clippy_warnings is 34, target < 20`, `exit status 1`.
    pub summary: String,
    /// Exit status of the command.
    pub exit: Option<i32>,
    /// The reading, for a metric.
    pub value: Option<f64>,
    /// BLAKE3 of the redacted output, kept as a blob.
    pub output: Option<Digest>,
    /// Wall-clock milliseconds.
    pub milliseconds: u64,
    /// The commit that was checked out, where the plan lies in a git repository; what was changed
    /// since shows in the digest of the inputs.
    #[serde(default)]
    pub commit: Option<String>,
    /// Whose token handed the verdict in over the network; nobody's where it was found here.
    #[serde(default)]
    pub handed_in_by: Option<String>,
}

/// What was not told before some version is left out of JSON where nobody tells it, so that a verdict of
/// then is written as it was; a compact form has no names, and has all of it.
impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = !serializer.is_human_readable();
        let later = [("commit", &self.commit), ("handed_in_by", &self.handed_in_by)];
        let told = later.iter().filter(|(_, value)| all || value.is_some());
        let mut fields = serializer.serialize_struct("Evidence", 5 + told.clone().count())?;
        fields.serialize_field("summary", &self.summary)?;
        fields.serialize_field("exit", &self.exit)?;
        fields.serialize_field("value", &self.value)?;
        fields.serialize_field("output", &self.output)?;
        fields.serialize_field("milliseconds", &self.milliseconds)?;
        for (name, value) in told {
            fields.serialize_field(name, value)?;
        }
        fields.end()
    }
}
