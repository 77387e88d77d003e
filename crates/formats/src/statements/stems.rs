//! Which words are of one family: "passing", "passed" and "passes"; "documentation" and "docs".

/// The stem of a word in small letters.
pub(crate) fn stem(word: &str) -> String {
    if let Some(known) = known(word) {
        return known.to_owned();
    }
    let plain = singular(word);
    if let Some(known) = known(&plain) {
        return known.to_owned();
    }
    let shorter = without_ending(&plain);
    match known(&shorter) {
        Some(known) => known.to_owned(),
        None => shorter,
    }
}

fn singular(word: &str) -> String {
    if !word.is_ascii() || word.len() < 4 {
        return word.to_owned();
    }
    const IN_F: &[(&str, &str)] = &[
        ("loaves", "loaf"),
        ("shelves", "shelf"),
        ("knives", "knife"),
        ("lives", "life"),
        ("wives", "wife"),
        ("thieves", "thief"),
        ("wolves", "wolf"),
        ("calves", "calf"),
        ("scarves", "scarf"),
        ("hooves", "hoof"),
        ("men", "man"),
        ("women", "woman"),
        ("children", "child"),
        ("geese", "goose"),
        ("mice", "mouse"),
        ("feet", "foot"),
        ("teeth", "tooth"),
    ];
    if let Some((_, one)) = IN_F.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    for (ending, instead) in [("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")] {
        if let Some(start) = word.strip_suffix(ending) {
            return format!("{start}{instead}");
        }
    }
    let keeps = ["ss", "us", "is", "ous"].iter().any(|ending| word.ends_with(ending));
    match word.strip_suffix('s') {
        Some(start) if !keeps => start.to_owned(),
        _ => word.to_owned(),
    }
}

fn without_ending(word: &str) -> String {
    if !word.is_ascii() {
        return word.to_owned();
    }
    let vowel = |text: &str| text.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    for ending in ["ing", "ed"] {
        if let Some(start) = word.strip_suffix(ending)
            && start.len() >= 3
            && vowel(start)
        {
            let bytes = start.as_bytes();
            let doubled = bytes[start.len() - 1] == bytes[start.len() - 2];
            let start =
                if doubled && !start.ends_with(['s', 'l', 'z']) { &start[..start.len() - 1] } else { start };
            return start.trim_end_matches('e').to_owned();
        }
    }
    if word.len() > 4 { word.trim_end_matches('e').to_owned() } else { word.to_owned() }
}

/// Words that mean the same in plans and reports.
fn known(word: &str) -> Option<&'static str> {
    const FAMILIES: &[(&str, &[&str])] = &[
        (
            "build",
            &[
                "build",
                "builds",
                "built",
                "building",
                "compile",
                "compilation",
                "compiles",
                "compiling",
                "rebuild",
                "rebuilds",
            ],
        ),
        ("warning", &["warning", "warnings", "lints", "complaints"]),
        ("test", &["test", "tests", "testcase", "testcases"]),
        ("fail", &["fail", "fails", "failed", "failing", "failure", "failures", "broken", "breaks", "red"]),
        (
            "pass",
            &[
                "pass",
                "passes",
                "passed",
                "passing",
                "green",
                "succeed",
                "succeeds",
                "succeeded",
                "success",
                "successful",
                "successfully",
            ],
        ),
        ("fall", &["fall", "falls", "fell", "fallen", "falling"]),
        ("run", &["run", "runs", "ran", "running"]),
        ("lose", &["lose", "loses", "lost", "losing", "loss", "losses"]),
        ("draw", &["draw", "draws", "drew", "drawn", "drawing"]),
        ("late", &["late", "lateness", "delayed", "delay", "delays"]),
        ("walk", &["walk", "walks", "walked", "walking"]),
        ("sign", &["sign", "signs", "signed", "signing", "signature", "signatures"]),
        ("latency", &["latency", "latencies"]),
        ("response", &["response", "responses", "respond", "responds", "answered", "answers", "answer"]),
        ("coverage", &["coverage", "cover", "covers", "covered", "covering"]),
        ("document", &["doc", "docs", "documentation", "document", "documents", "documented", "documenting"]),
        ("vulnerability", &["vulnerability", "vulnerabilities", "cve", "cves", "vulnerable"]),
        (
            "deploy",
            &[
                "deploy",
                "deploys",
                "deployed",
                "deployment",
                "deployments",
                "deploying",
                "rollout",
                "rollouts",
            ],
        ),
        ("variable", &["variable", "variables", "var", "vars"]),
        ("environment", &["env", "environment", "environments"]),
        ("loc", &["loc", "sloc"]),
        ("memory", &["memory", "rss", "ram"]),
        ("startup", &["startup", "boot", "boots", "booting"]),
        ("migrate", &["migrate", "migrates", "migrated", "migrating", "migration", "migrations"]),
        ("regress", &["regression", "regressions", "regress", "regressed"]),
        ("perform", &["performance", "perf", "performant"]),
        ("endpoint", &["endpoint", "endpoints", "route", "routes"]),
        ("config", &["config", "configs", "configuration", "configurations"]),
        ("approve", &["approve", "approves", "approved", "approval", "approvals"]),
        ("review", &["review", "reviews", "reviewed", "reviewing"]),
        ("error", &["error", "errors"]),
        ("finding", &["finding", "findings"]),
        ("bug", &["bug", "bugs", "defect", "defects"]),
        ("flaky", &["flaky", "flake", "flakes", "flakiness"]),
        ("incident", &["incident", "incidents"]),
        ("depend", &["dependency", "dependencies", "deps"]),
        ("validate", &["validate", "validates", "validated", "validation", "validating"]),
        ("verify", &["verify", "verifies", "verified", "verification", "verifying"]),
        ("throughput", &["throughput", "rps", "qps"]),
        ("image", &["image", "images"]),
        ("record", &["record", "records", "row", "rows"]),
        ("user", &["user", "users"]),
        ("measure", &["measure", "measures", "measured", "measurement", "measurements", "measuring"]),
        ("load", &["load", "loads", "loaded", "loading"]),
        ("restore", &["restore", "restores", "restored", "restoring", "restoration"]),
        ("release", &["release", "releases", "released", "releasing"]),
        ("complete", &["complete", "completes", "completed", "completion", "completing"]),
        ("changelog", &["changelog", "changelogs"]),
    ];
    static BY_WORD: std::sync::LazyLock<std::collections::HashMap<&'static str, &'static str>> =
        std::sync::LazyLock::new(|| {
            FAMILIES.iter().flat_map(|(stem, words)| words.iter().map(move |word| (*word, *stem))).collect()
        });
    BY_WORD.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn words_of_a_family_share_a_stem() {
        for family in [
            &["passing", "passed", "passes", "green"][..],
            &["warning", "warnings"],
            &["docs", "documentation", "documented"],
            &["approved", "approval", "approvals"],
            &["run", "running", "runs"],
            &["remove", "removed", "removing"],
            &["queries", "query"],
        ] {
            assert!(
                family.iter().all(|word| stem(word) == stem(family[0])),
                "{family:?}: {:?}",
                family.iter().map(|w| stem(w)).collect::<Vec<_>>()
            );
        }
        assert_ne!(stem("warning"), stem("error"));
    }
}
