//! Options that every verb takes.

use clap::{ArgAction, Args};

/// Options that every verb takes, as they stand on the command line.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of every verb")]
pub struct Globals {
    /// Uses this store instead of the nearest `.countersign/`: a folder, or a server's URL
    #[arg(long, global = true, value_name = "PATH|URL")]
    pub store: Option<String>,
    /// Means this plan, where the store holds several
    #[arg(long, global = true, value_name = "KEY")]
    pub plan: Option<String>,
    /// Acts as this person
    #[arg(long = "as", global = true, value_name = "NAME", conflicts_with = "agent")]
    pub person: Option<String>,
    /// Acts as this agent; needs a session
    #[arg(long, global = true, value_name = "NAME")]
    pub agent: Option<String>,
    /// The run of the agent that acts
    #[arg(long, global = true, value_name = "ID")]
    pub session: Option<String>,
    /// Shows the grant under which the agent works; a grant that is over is refused
    #[arg(long, global = true, value_name = "NUMBER")]
    pub fence: Option<u64>,
    /// Prints data and errors as JSON
    #[arg(long, global = true, action = ArgAction::SetTrue)]
    pub json: bool,
    /// Prints nothing but data and errors
    #[arg(long, global = true, action = ArgAction::SetTrue)]
    pub quiet: bool,
    /// Uses no colour
    #[arg(long, global = true, action = ArgAction::SetTrue)]
    pub no_color: bool,
}
