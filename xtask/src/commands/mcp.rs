//! `cargo xtask mcp [--binary PATH]`: clients and a test suite that were not written here talk to
//! `countersign mcp`. They come from npm; where that is not to be had, it says so and fails nothing.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::tool::{Outcome, cargo, is_installed, read, run as run_program, say};

/// A client for people, with a mode for programs.
const INSPECTOR: &str = "@modelcontextprotocol/inspector@2.12.0";
/// The protocol's own suite; later versions ask for a newer Node than many machines have.
const CONFORMANCE: &str = "@modelcontextprotocol/conformance@0.1.13";
/// What it can ask of any server. The others call tools and prompts that only a server made for the
/// suite has, or ask for notifications that nothing here sends.
const SCENARIOS: &[&str] = &["server-initialize", "ping", "tools-list", "resources-list"];

const PLAN: &str = "# Plan\n\n- [ ] T-1: Build it — check: `true`\n- [ ] T-2: Measure it (needs T-1)\n";

/// Talks to the server, or says why that could not be.
pub(super) fn run(arguments: &[String]) -> Outcome {
    let binary = match arguments {
        [] => None,
        [option, path] if option == "--binary" => Some(PathBuf::from(path)),
        _ => return Err("`mcp` takes nothing but `--binary PATH`".to_owned()),
    };
    for program in ["node", "npm"] {
        if !is_installed(program) {
            say(&format!("NOT checked: `{program}` is not installed"));
            return Ok(());
        }
    }
    let folder = target().join("mcp");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    if let Err(why) = install(&folder) {
        say(&format!("NOT checked: the packages could not be installed: {why}"));
        return Ok(());
    }
    let binary = match binary {
        Some(path) => path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?,
        None => {
            run_program(cargo().args(["build", "--quiet", "--package", "app"]))?;
            target().join("debug/countersign")
        }
    };
    let desk = folder.join("desk");
    let _ = fs::remove_dir_all(&desk);
    fs::create_dir_all(&desk).map_err(|error| format!("{}: {error}", desk.display()))?;
    let desk = desk.canonicalize().map_err(|error| error.to_string())?;
    fs::write(desk.join("PLAN.md"), PLAN).map_err(|error| error.to_string())?;
    let store = desk.join(".countersign");
    let at_desk = |command: &mut Command| {
        command.current_dir(&desk).env("COUNTERSIGN_STORE", &store).env("COUNTERSIGN_AS", "Casey");
    };
    let mut adopt = Command::new(&binary);
    at_desk(&mut adopt);
    run_program(adopt.args(["adopt", "PLAN.md", "--quiet"]).stdout(Stdio::null()))?;

    inspector(&folder, &binary, &at_desk)?;
    conformance(&folder, &binary, &at_desk)
}

/// Lists the tools, calls some, reads a resource, and looks at what comes back.
fn inspector(folder: &Path, binary: &Path, at_desk: &dyn Fn(&mut Command)) -> Outcome {
    let calls: &[(&[&str], &str)] = &[
        (&["--method", "tools/list"], "\"submit\""),
        (&["--method", "tools/call", "--tool-name", "ready"], "T-1"),
        (&["--method", "tools/call", "--tool-name", "take", "--tool-arg", "task=T-1"], "\"fence\": 1"),
        (&["--method", "tools/call", "--tool-name", "take", "--tool-arg", "task=T-2"], "dependency/unmet"),
        (&["--method", "tools/call", "--tool-name", "submit", "--tool-arg", "task=T-1"], "trust/required"),
        (&["--method", "resources/read", "--uri", "countersign://board"], "Measure it"),
    ];
    for (arguments, wanted) in calls {
        let mut client = Command::new(folder.join("node_modules/.bin/mcp-inspector"));
        at_desk(&mut client);
        client.arg("--cli").arg(binary).args(["mcp", "--agent", "fixer"]).args(*arguments);
        // A tool that refuses is an answer too, and the client's exit status says so.
        let output = client.stderr(Stdio::null()).output().map_err(|error| error.to_string())?;
        let answer = String::from_utf8_lossy(&output.stdout);
        if !answer.contains(wanted) {
            return Err(format!("`{}` does not answer with {wanted}:\n{answer}", arguments.join(" ")));
        }
        say(&format!("inspector    {:60} ok", arguments.join(" ")));
    }
    Ok(())
}

fn conformance(folder: &Path, binary: &Path, at_desk: &dyn Fn(&mut Command)) -> Outcome {
    let mut bridge = Command::new("node");
    at_desk(&mut bridge);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("mcp/bridge.mjs");
    bridge.arg(script).arg(binary).args(["mcp", "--agent", "suite"]).stdout(Stdio::piped());
    let mut bridge = Bridge(bridge.spawn().map_err(|error| format!("node: {error}"))?);
    let mut address = String::new();
    let printed = bridge.0.stdout.take().ok_or("the bridge has no output")?;
    BufReader::new(printed).read_line(&mut address).map_err(|error| error.to_string())?;
    for scenario in SCENARIOS {
        let mut suite = Command::new(folder.join("node_modules/.bin/conformance"));
        suite.current_dir(folder).args(["server", "--url", address.trim(), "--scenario", scenario]);
        let told = read(&mut suite)?;
        say(&format!("conformance  {scenario:60} ok"));
        if !told.contains("0 failed") {
            return Err(format!("the suite does not say that nothing failed:\n{told}"));
        }
    }
    Ok(())
}

/// Ends the bridge with the scope; the server behind it sees its input close.
struct Bridge(Child);

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn install(folder: &Path) -> Outcome {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix"]);
    npm.arg(folder).args([INSPECTOR, CONFORMANCE]);
    run_program(&mut npm)
}

fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"))
}
