use super::*;
use crate::scratch::Scratch;

/// A home and a folder of work, as both we and git see them.
struct Bench {
    scratch: Scratch,
    folder: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let scratch = Scratch::new("author");
        fs::create_dir_all(scratch.path().join("home/.config/git")).unwrap();
        fs::create_dir_all(scratch.path().join("work/deep")).unwrap();
        let folder = scratch.path().join("work/deep");
        Self { scratch, folder }
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> std::process::Output {
        let home = self.scratch.path().join("home");
        let mut git = Command::new("git");
        git.args(arguments).current_dir(folder).env_clear().env("HOME", home).env("GIT_CONFIG_NOSYSTEM", "1");
        git.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        git.output().unwrap()
    }

    fn make(&self, folder: &str, arguments: &[&str]) {
        let made = self.git(&self.scratch.path().join(folder), arguments);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn ours(&self) -> Option<String> {
        let home = self.scratch.path().join("home");
        let config_home = home.join(".config");
        Surroundings { folder: self.folder.clone(), home, config_home }.author()
    }

    /// What git says, as [`ask`] would have it.
    fn theirs(&self) -> Option<String> {
        let asked = self.git(&self.folder, &["config", "--get", "user.name"]);
        let name = String::from_utf8(asked.stdout).ok()?.trim().to_owned();
        (asked.status.success() && !name.is_empty()).then_some(name)
    }

    /// What both say; nothing where it is left to git.
    fn agreed(&self) -> Option<String> {
        let (ours, theirs) = (self.ours(), self.theirs());
        if ours.is_some() {
            assert_eq!(ours, theirs);
        }
        ours
    }
}

fn check(settings: &str, wanted: Option<&str>) {
    let bench = Bench::new();
    bench.scratch.write("home/.gitconfig", settings);
    assert_eq!(bench.agreed().as_deref(), wanted, "{settings:?}");
}

#[test]
fn plain_settings_are_read_as_git_reads_them() {
    check("[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n", Some("Ada Lovelace"));
    check("[User]\r\n  NAME=\"Ada  L. \"\r\n", Some("Ada  L."));
    check("# mine\n[user \"x\"]\nname = No\n[user]\nname = One\nname = Ada\n", Some("Ada"));
    check("[alias]\n\tx = \"!f() { echo \\\"a\\\"; }; f\" ; a [sign\n[user]\nname = Ada", Some("Ada"));
    check("[core]\n\tautocrlf\n[user] # who\n\tname = Åsa Öberg\n", Some("Åsa Öberg"));
    check("[user.name]\nname = No\n[user]\nname = Ada\n[user \"b]\"]\nname = No\n", Some("Ada"));
    check("", None);
}

#[test]
fn whatever_is_not_plain_is_left_to_git() {
    for settings in [
        "[include]\n\tpath = other\n[user]\nname = Ada\n",
        "[user]\nname = Ada\n[includeIf \"gitdir:/\"]\n\tpath = other\n",
        "[user] name = Ada\n",
        "[user]\nname = Ada # the first\n",
        "[user]\nname = Ada \\\nLovelace\n",
        "[user]\nname = \"Ada\" Lovelace\n",
        "[user]\nname = Ada\\tLovelace\n",
        "[user]\nname = Ada\tLovelace\n",
        "[user]\nname\n",
        "[user]\nname =\n",
        "[user]\nname = \"Ada\n",
        "[user]\nname = Ada\n[core\n",
        "[user]\nname = Ada\nnonsense here\n",
        "[user]\nname = Ada\n[alias]\nx = \\q\n",
        "[user]\nname = Ada\n[alias]\nx = y \\\n[user]\nname = Bob\n",
        "name = Ada\n[user]\nname = Ada\n",
        "\u{feff}[user]\nname = Ada\n",
        "[user]\nname = A\u{0}da\n",
    ] {
        check(settings, None);
    }
}

#[test]
fn the_repository_prevails_over_the_user_and_one_of_the_users_files_over_the_other() {
    let bench = Bench::new();
    bench.scratch.write("home/.config/git/config", "[user]\nname = Config\n");
    assert_eq!(bench.agreed().as_deref(), Some("Config"));
    bench.scratch.write("home/.gitconfig", "[user]\nname = Home\n");
    assert_eq!(bench.agreed().as_deref(), Some("Home"));
    bench.make("work", &["init", "--quiet"]);
    assert_eq!(bench.agreed().as_deref(), Some("Home"));
    bench.make("work", &["config", "user.name", "Own"]);
    assert_eq!(bench.agreed().as_deref(), Some("Own"));
    // What only git can tell of the user does not matter where the repository says it.
    bench.scratch.write("home/.gitconfig", "[include]\npath = x\n");
    assert_eq!(bench.agreed().as_deref(), Some("Own"));
    bench.make("work", &["config", "extensions.worktreeConfig", "true"]);
    assert_eq!(bench.agreed(), None);
}

#[test]
fn worktrees_submodules_and_odd_repositories() {
    let mut bench = Bench::new();
    bench.scratch.write("home/.gitconfig", "[user]\nname = Home\nemail = home@example.org\n");
    bench.make("work", &["init", "--quiet"]);
    bench.make("work", &["commit", "--quiet", "--allow-empty", "-m", "first"]);
    bench.make("work", &["config", "user.name", "Own"]);
    bench.make("work", &["worktree", "add", "--quiet", "../linked"]);
    bench.folder = bench.scratch.path().join("linked");
    assert_eq!(bench.agreed().as_deref(), Some("Own"));
    // A repository that has no name of its own for it.
    bench.make("work", &["clone", "--quiet", "--bare", ".", "../bare"]);
    bench.folder = bench.scratch.path().join("bare/refs");
    assert_eq!(bench.agreed(), None, "a bare repository is git's to find");
    bench.scratch.write("broken/.git/HEAD", "ref: refs/heads/main\n");
    bench.folder = bench.scratch.path().join("broken");
    assert_eq!(bench.agreed(), None, "what is no repository is git's to pass over");
    bench.scratch.write("gone/.git", "gitdir: /nowhere/at/all\n");
    bench.folder = bench.scratch.path().join("gone");
    assert_eq!(bench.agreed(), None);
}

#[test]
fn no_settings_are_read_otherwise_than_git_reads_them() {
    const PIECES: [&str; 30] = [
        "[user]",
        "[user \"a\"]",
        "[User]",
        "[core]",
        "[",
        "]",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "name",
        "name = ",
        "Name=",
        "Ada",
        "Bob L",
        " ",
        "\t",
        "\"",
        "\"",
        "\\",
        "\\\n",
        "#",
        ";",
        " = ",
        "x-y",
        "[include]",
        "é",
        "1",
        ".",
        "b",
    ];
    let bench = Bench::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % most
    };
    let mut told = 0;
    for _ in 0..150 {
        let mut settings = String::from(["", "[user]\nname = Ada\n", "[user]\nname = "][next(3)]);
        for _ in 0..next(9) {
            settings.push_str(PIECES[next(PIECES.len())]);
        }
        bench.scratch.write("home/.gitconfig", &settings);
        let (ours, theirs) = (bench.ours(), bench.theirs());
        assert!(ours.is_none() || ours == theirs, "{settings:?}: we read {ours:?}, git {theirs:?}");
        told += u32::from(ours.is_some());
    }
    assert!(told > 20, "only {told} of 150 were plain");
}
