//! The house rules, run on the workspace, and each of them broken once.

use xtask::tidy::{RULES, findings};
use xtask::tree::{Need, Package, Tree, top};

#[test]
fn the_workspace_is_tidy() {
    let tree = Tree::read(&top()).expect("the workspace can be read");
    assert!(tree.packages.len() > 5 && tree.files.len() > 20, "this is not the whole workspace");
    let found: Vec<String> = findings(&tree).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{} untidy:\n{}", found.len(), found.join("\n"));
}

/// A way to break a rule, and the place that must be named.
struct Breach {
    rule: &'static str,
    at: &'static str,
    make: fn(&mut Tree),
}

const BREACHES: &[Breach] = &[
    Breach {
        rule: "layers",
        at: "crates/model/Cargo.toml",
        make: |tree| need(tree, "model", "journal", true, false),
    },
    Breach {
        rule: "layers",
        at: "crates/lens/Cargo.toml",
        make: |tree| need(tree, "lens", "formats", true, true),
    },
    Breach {
        rule: "layers",
        at: "crates/app/Cargo.toml",
        make: |tree| need(tree, "app", "testkit", true, false),
    },
    Breach {
        rule: "layers",
        at: "crates/utils/Cargo.toml",
        make: |tree| package(tree, "utils", "crates/utils"),
    },
    Breach {
        rule: "guests",
        at: "crates/model/Cargo.toml",
        make: |tree| need(tree, "model", "tokio", false, false),
    },
    Breach {
        rule: "lock-cap",
        at: "Cargo.lock",
        make: |tree| write(tree, "Cargo.lock", &"[[package]]\n".repeat(1000)),
    },
    Breach { rule: "lock-cap", at: "Cargo.lock", make: |tree| write(tree, "Cargo.lock", "version = 4\n") },
    Breach {
        rule: "lock-bans",
        at: "Cargo.lock",
        make: |tree| append(tree, "Cargo.lock", "name = \"serde_yaml\"\n"),
    },
    Breach {
        rule: "lock-bans",
        at: "Cargo.lock",
        make: |tree| append(tree, "Cargo.lock", "source = \"git+https://example.org/a\"\n"),
    },
    Breach { rule: "lock-bans", at: "deny.toml", make: |tree| drop(tree.files.remove("deny.toml")) },
    Breach {
        rule: "pure-lints",
        at: "crates/lens/clippy.toml",
        make: |tree| drop(tree.files.remove("crates/lens/clippy.toml")),
    },
    Breach {
        rule: "pure-lints",
        at: "crates/model/clippy.toml",
        make: |tree| replace(tree, "crates/model/clippy.toml", "std::time::Instant::now", "x"),
    },
    Breach {
        rule: "pure-lints",
        at: "crates/model/clippy.toml",
        make: |tree| replace(tree, "crates/model/clippy.toml", "reason = ", "because = "),
    },
    Breach {
        rule: "pure-sources",
        at: "crates/model/src/lib.rs",
        make: |tree| append(tree, "crates/model/src/lib.rs", "fn f() { std::fs::remove_file(\"a\"); }\n"),
    },
    Breach {
        rule: "pure-sources",
        at: "crates/schedule/src/lib.rs",
        make: |tree| append(tree, "crates/schedule/src/lib.rs", "use std::time::SystemTime;\n"),
    },
    Breach {
        rule: "file-size",
        at: "crates/engine/src/lib.rs",
        make: |tree| append(tree, "crates/engine/src/lib.rs", &"// line\n".repeat(800)),
    },
    Breach {
        rule: "module-docs",
        at: "crates/engine/src/desk.rs",
        make: |tree| write(tree, "crates/engine/src/desk.rs", "fn f() {}\n"),
    },
    Breach {
        rule: "module-docs",
        at: "crates/engine/src/lib.rs",
        make: |tree| write(tree, "crates/engine/src/lib.rs", "//! engine\n"),
    },
    Breach {
        rule: "no-allow",
        at: "crates/app/src/main.rs",
        make: |tree| append(tree, "crates/app/src/main.rs", "#[allow(dead_code)]\nfn f() {}\n"),
    },
    Breach {
        rule: "no-allow",
        at: "crates/app/tests/it/main.rs",
        make: |tree| write(tree, "crates/app/tests/it/main.rs", "#![allow(unused)]\n"),
    },
    Breach {
        rule: "no-stubs",
        at: "crates/app/src/main.rs",
        make: |tree| append(tree, "crates/app/src/main.rs", "fn f() { todo!() }\n"),
    },
    Breach {
        rule: "no-stubs",
        at: "xtask/src/lib.rs",
        make: |tree| append(tree, "xtask/src/lib.rs", "fn f() { dbg!(1); }\n"),
    },
    Breach {
        rule: "printing",
        at: "crates/app/src/main.rs",
        make: |tree| append(tree, "crates/app/src/main.rs", "fn f() { println!(\"a\"); }\n"),
    },
    Breach {
        rule: "printing",
        at: "crates/lens/src/lib.rs",
        make: |tree| append(tree, "crates/lens/src/lib.rs", "fn f() { std::eprint!(\"a\"); }\n"),
    },
    Breach {
        rule: "sql",
        at: "crates/engine/src/lib.rs",
        make: |tree| append(tree, "crates/engine/src/lib.rs", "use rusqlite::Connection;\n"),
    },
    Breach {
        rule: "sql",
        at: "crates/app/Cargo.toml",
        make: |tree| need(tree, "app", "rusqlite", false, false),
    },
    Breach {
        rule: "workplaces",
        at: "docs/guide.md",
        make: |tree| write(tree, "docs/guide.md", &format!("see `/{}/ada/plan.md`\n", "home")),
    },
    Breach {
        rule: "error-pages",
        at: "crates/model/src/lib.rs",
        make: |tree| append(tree, "crates/model/src/lib.rs", "const NEW: &str = \"gate/ajar\";\n"),
    },
    Breach {
        rule: "error-pages",
        at: "docs/errors/gate-gone.md",
        make: |tree| write(tree, "docs/errors/gate-gone.md", "# gone\n"),
    },
    Breach {
        rule: "error-pages",
        at: "crates/model/src/lib.rs",
        make: |tree| drop(tree.files.remove("docs/errors/gate-shut.md")),
    },
    Breach {
        rule: "links",
        at: "docs/guide.md",
        make: |tree| {
            write(tree, "docs/guide.md", "see [this](errors/gate-shut.md) and [that](../gone.md#here)\n")
        },
    },
    Breach {
        rule: "architecture",
        at: "ARCHITECTURE.md",
        make: |tree| replace(tree, "ARCHITECTURE.md", "### `crates/engine`", "### engine"),
    },
    Breach {
        rule: "architecture",
        at: "ARCHITECTURE.md",
        make: |tree| replace(tree, "ARCHITECTURE.md", "**Invariant** engine", "engine"),
    },
    Breach {
        rule: "ci-pinned",
        at: ".github/workflows/ci.yml",
        make: |tree| replace(tree, ".github/workflows/ci.yml", "@v4.2.2", "@main"),
    },
    Breach {
        rule: "ci-pinned",
        at: ".github/workflows/ci.yml",
        make: |tree| replace(tree, ".github/workflows/ci.yml", "@v4.2.2", "@v4"),
    },
    Breach {
        rule: "ci-pinned",
        at: ".github/workflows/ci.yml",
        make: |tree| replace(tree, ".github/workflows/ci.yml", "contents: read", "contents: write"),
    },
];

#[test]
fn a_small_tidy_tree_passes() {
    assert_eq!(findings(&tidy_tree()), []);
}

#[test]
fn each_breach_is_found_by_its_rule_alone_and_in_its_place() {
    for Breach { rule, at, make } in BREACHES {
        let mut tree = tidy_tree();
        make(&mut tree);
        let found = findings(&tree);
        assert!(!found.is_empty(), "`{rule}` does not see the breach at {at}");
        for finding in found {
            assert_eq!((finding.rule, finding.path.as_str()), (*rule, *at), "{finding}");
        }
    }
}

#[test]
fn each_rule_is_broken_at_least_once() {
    for rule in RULES {
        assert!(BREACHES.iter().any(|breach| breach.rule == rule.name), "nothing breaks `{}`", rule.name);
    }
}

#[test]
fn what_only_looks_like_a_breach_passes() {
    let mut tree = tidy_tree();
    let text = "// todo!() and println! in a comment, rusqlite too\nconst A: &str = \"dbg! #[allow( std::fs\";\n\
                fn writeln_pretty_println() {}\n#[cfg(test)]\nmod tests {\n    fn f() { println!(\"gate/unknown\"); }\n}\n";
    append(&mut tree, "crates/model/src/lib.rs", text);
    write(
        &mut tree,
        "crates/app/src/cli/ui.rs",
        "//! The one place that prints.\nfn f() { println!(\"a\"); }\n",
    );
    write(
        &mut tree,
        "docs/guide.md",
        "see https://example.org/home/page and src/work/items\n\
         [a](../ARCHITECTURE.md#x) [b](https://example.org) [c](#here) [d](errors/)\n",
    );
    assert_eq!(findings(&tree), []);
}

/// The smallest workspace that keeps every rule.
fn tidy_tree() -> Tree {
    let mut tree = Tree::default();
    for name in ["model", "schedule", "formats", "lens", "journal", "engine", "app", "testkit"] {
        package(&mut tree, name, &format!("crates/{name}"));
    }
    package(&mut tree, "xtask", "xtask");
    let clippy = include_str!("../../crates/model/clippy.toml");
    for name in ["model", "schedule", "formats", "lens"] {
        write(&mut tree, &format!("crates/{name}/clippy.toml"), clippy);
    }
    let docs =
        "//! A room of this house: it does one thing, and it says here which, and what it does not know.\n";
    for path in ["crates/model", "crates/schedule", "crates/lens", "crates/engine", "xtask"] {
        write(&mut tree, &format!("{path}/src/lib.rs"), docs);
    }
    write(&mut tree, "crates/app/src/main.rs", docs);
    append(&mut tree, "crates/model/src/lib.rs", "const SHUT: &str = \"gate/shut\";\n");
    write(&mut tree, "docs/errors/gate-shut.md", "# gate/shut\n");
    write(&mut tree, "deny.toml", "deny = [\n  { crate = \"serde_yaml\", reason = \"old\" },\n]\n");
    write(&mut tree, "Cargo.lock", "[[package]]\nname = \"model\"\n");
    write(
        &mut tree,
        ".github/workflows/ci.yml",
        "permissions:\n  contents: read\njobs:\n  ci:\n    steps:\n      - uses: actions/checkout@v4.2.2\n",
    );
    let rooms = tree.packages.iter().map(|package| {
        format!("### `{}`\n\nA room.\n\n**Invariant** {} keeps its word.\n\n", package.folder, package.name)
    });
    let rooms = rooms.collect::<String>();
    write(&mut tree, "ARCHITECTURE.md", &rooms);
    tree
}

fn package(tree: &mut Tree, name: &str, folder: &str) {
    tree.packages.push(Package { name: name.to_owned(), folder: folder.to_owned(), needs: Vec::new() });
    let room = format!("\n### `{folder}`\n\n**Invariant** {name} keeps its word.\n");
    tree.files.entry("ARCHITECTURE.md".to_owned()).or_default().push_str(&room);
}

fn need(tree: &mut Tree, package: &str, name: &str, ours: bool, dev: bool) {
    let package =
        tree.packages.iter_mut().find(|known| known.name == package).expect("a package of the tree");
    package.needs.push(Need { name: name.to_owned(), dev, ours });
}

fn write(tree: &mut Tree, path: &str, text: &str) {
    tree.files.insert(path.to_owned(), text.to_owned());
}

fn append(tree: &mut Tree, path: &str, text: &str) {
    tree.files.get_mut(path).expect("a file of the tree").push_str(text);
}

fn replace(tree: &mut Tree, path: &str, from: &str, to: &str) {
    let text = tree.files.get_mut(path).expect("a file of the tree");
    assert!(text.contains(from), "{path} does not hold {from}");
    *text = text.replacen(from, to, 1);
}
