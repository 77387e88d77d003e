//! Commands that prose names between backticks.

use super::{code_spans, slug};

/// Programs whose runs tell whether something holds.
const PROGRAMS: [&str; 69] = [
    "actionlint",
    "bandit",
    "bash",
    "bazel",
    "biome",
    "black",
    "bun",
    "bundle",
    "cargo",
    "clippy-driver",
    "cmake",
    "cppcheck",
    "ctest",
    "curl",
    "cypress",
    "deno",
    "docker",
    "dotnet",
    "eslint",
    "flake8",
    "git",
    "go",
    "golangci-lint",
    "gradle",
    "grep",
    "hadolint",
    "helm",
    "jest",
    "jq",
    "just",
    "k6",
    "kubectl",
    "ktlint",
    "make",
    "meson",
    "mix",
    "mvn",
    "mypy",
    "ninja",
    "nix",
    "node",
    "npm",
    "npx",
    "phpunit",
    "playwright",
    "pnpm",
    "poetry",
    "pre-commit",
    "prettier",
    "pylint",
    "pyright",
    "pytest",
    "python",
    "python3",
    "rake",
    "rg",
    "rspec",
    "rubocop",
    "ruff",
    "sbt",
    "semgrep",
    "sh",
    "shellcheck",
    "swift",
    "terraform",
    "tox",
    "tsc",
    "uv",
    "vitest",
];

/// Programs that need no argument to prove something.
const ALONE: [&str; 13] = [
    "ctest", "eslint", "flake8", "jest", "make", "mypy", "ninja", "phpunit", "pytest", "rspec", "tox", "tsc",
    "vitest",
];

/// Words that change the world rather than ask about it, or never end.
const ACTS: [&str; 25] = [
    "apply", "clean", "commit", "delete", "deploy", "destroy", "dev", "down", "install", "kill", "merge",
    "migrate", "publish", "push", "rebase", "remove", "reset", "restart", "rm", "rollback", "serve", "start",
    "up", "upgrade", "watch",
];

/// The commands a text names that could prove something, each once.
pub(super) fn named(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    for code in code_spans(text).filter(|code| is_command(code)) {
        if commands.iter().all(|known| known != code) {
            commands.push(code.to_owned());
        }
    }
    commands
}

/// A short name for a command: its first words that say something.
pub(super) fn short(command: &str) -> String {
    let words = command.split_whitespace().filter(|word| !word.starts_with('-') && !word.contains('='));
    let words: Vec<&str> = words.take(2).map(|word| word.rsplit('/').next().unwrap_or(word)).collect();
    let name = slug(&words.join(" "), '-');
    if name.is_empty() { "check".to_owned() } else { name }
}

fn is_command(code: &str) -> bool {
    let mut words = code.split_whitespace().skip_while(|word| is_variable(word));
    let Some(first) = words.next() else { return false };
    let arguments: Vec<&str> = words.collect();
    let is_script = first.starts_with("./") && first.len() > 2 && !first.ends_with('/')
        || (first.ends_with(".sh") && first.contains('/'));
    let is_program = PROGRAMS.contains(&first) && (ALONE.contains(&first) || !arguments.is_empty());
    // `npm run test:ci` is a test; its words are judged one by one.
    let acts = arguments.iter().any(|argument| ACTS.contains(argument));
    let has_gaps = ["<", "…", "...", "[", "{"].iter().any(|gap| code.contains(gap));
    (is_script || is_program) && !acts && !has_gaps && !code.contains('\n')
}

fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}
