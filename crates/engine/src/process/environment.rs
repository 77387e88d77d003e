//! The variables a probe sees: few, so that a verdict depends on the work and not on the shell it
//! was asked for in, and so that secrets in the environment stay there.

use std::ffi::{OsStr, OsString};

/// Variables handed on where they are set.
pub const ALLOWED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "GOPATH",
    "GOCACHE",
    "GOMODCACHE",
    "JAVA_HOME",
    "NVM_DIR",
    "PYENV_ROOT",
    "VIRTUAL_ENV",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];
/// Variables that begin so are handed on too.
pub const ALLOWED_PREFIXES: &[&str] = &["LC_"];
/// Names the run of a probe; its processes are known by it.
pub const PROBE_VARIABLE: &str = "COUNTERSIGN_PROBE";

/// Set for every probe: nobody is there to answer questions or to look at colours.
const FIXED: &[(&str, &str)] =
    &[("CI", "true"), ("TERM", "dumb"), ("NO_COLOR", "1"), ("GIT_TERMINAL_PROMPT", "0")];

/// The variables every probe of a run sees.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: Vec<(OsString, OsString)>,
    /// Which probe this process itself runs in: a probe may run Countersign.
    outer: Option<OsString>,
}

impl Environment {
    /// What this process has, cut down to what probes may see.
    pub fn of_this_process() -> Self {
        Self::from_variables(std::env::vars_os())
    }

    /// The given variables, cut down to what probes may see.
    pub fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut outer = None;
        let mut allowed: Vec<_> = FIXED.iter().map(|(name, value)| (name.into(), value.into())).collect();
        for (name, value) in variables {
            if name == PROBE_VARIABLE {
                outer = Some(value);
            } else if is_allowed(&name) {
                allowed.push((name, value));
            }
        }
        if !allowed.iter().any(|(name, _)| name == "PATH") {
            allowed.push(("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()));
        }
        Self { variables: allowed, outer }
    }

    /// Where programs are looked for.
    pub fn path(&self) -> &OsStr {
        let path = self.variables.iter().find(|(name, _)| name == "PATH");
        path.map_or(OsStr::new(""), |(_, value)| value)
    }

    /// The same, and the folder of this program is looked in last: who is started from here may call
    /// it by its name.
    #[must_use]
    pub fn and_this_program(mut self) -> Self {
        let own = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned()));
        let folders = std::env::split_paths(self.path()).chain(own);
        if let Ok(path) = std::env::join_paths(folders) {
            self.variables.retain(|(name, _)| name != "PATH");
            self.variables.push(("PATH".into(), path));
        }
        self
    }

    /// The same, and these of the given variables too, where they are set.
    #[must_use]
    pub fn with(mut self, names: &[String], given: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let wanted = |name: &OsStr| names.iter().any(|wanted| name == wanted.as_str());
        for (name, value) in given.into_iter().filter(|(name, _)| wanted(name)) {
            self.variables.retain(|(known, _)| *known != name);
            self.variables.push((name, value));
        }
        self
    }

    pub(super) fn for_probe(&self, nonce: &str) -> impl Iterator<Item = (OsString, OsString)> {
        let mut probe = self.outer.clone().unwrap_or_default();
        if !probe.is_empty() {
            probe.push("/");
        }
        probe.push(nonce);
        self.variables.iter().cloned().chain([(PROBE_VARIABLE.into(), probe)])
    }
}

fn is_allowed(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        ALLOWED.contains(&name) || ALLOWED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_allowed_is_handed_on() {
        let given = [("PATH", "/bin"), ("LC_ALL", "C"), ("AWS_PROFILE", "prod"), ("LD_PRELOAD", "x.so")];
        let environment = Environment::from_variables(given.map(|(n, v)| (n.into(), v.into())));
        let names: Vec<String> =
            environment.for_probe("n").map(|(name, _)| name.to_string_lossy().into_owned()).collect();
        assert_eq!(
            names,
            ["CI", "TERM", "NO_COLOR", "GIT_TERMINAL_PROMPT", "PATH", "LC_ALL", "COUNTERSIGN_PROBE"]
        );
    }

    #[test]
    fn a_probe_within_a_probe_carries_both_names() {
        let environment = Environment::from_variables([(PROBE_VARIABLE.into(), "outer".into())]);
        let (_, value) = environment.for_probe("inner").last().unwrap();
        assert_eq!(value, "outer/inner");
    }
}
