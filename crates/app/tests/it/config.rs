//! `config show`: every value, and where it came from.

use crate::harness::{Desk, expect};

fn from(desk: &Desk, line: &str, name: &str) -> String {
    let settings = desk.run(line).ok().json();
    let list = settings["settings"].as_array().map_or(&[][..], Vec::as_slice);
    let row = list.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("`{name}` is not shown"));
    format!("{} from {}", row["value"].as_str().unwrap_or("-"), row["from"].as_str().unwrap_or("-"))
}

#[test]
fn flags_come_before_the_environment_before_the_file() {
    let desk = Desk::new().file(".config/countersign/config.toml", "as = \"Ada\"\nplan = \"alpha\"\n");
    assert!(from(&desk, "config show --json", "as").starts_with("Ada from file `"));
    let desk = desk.with("COUNTERSIGN_AS", "Bo");
    assert_eq!(from(&desk, "config show --json", "as"), "Bo from environment `COUNTERSIGN_AS`");
    assert_eq!(from(&desk, "config show --json --as Cy", "as"), "Cy from flag `--as`");
    assert!(from(&desk, "config show --json", "plan").starts_with("alpha from file `"));
    assert_eq!(from(&desk, "config show --json", "store"), "- from default");
}

#[test]
fn a_setting_nobody_knows_is_refused_with_the_nearest() {
    let desk = Desk::new().file(".config/countersign/config.toml", "");
    desk.write(".config/countersign/config.toml", "sotre = \"x\"\n");
    let came = desk.run("config show");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
    assert!(came.err.ends_with("hint: did you mean `store`?\n"), "{}", came.shown());
}

#[test]
fn a_time_that_is_none_is_refused() {
    let came = Desk::new().with("COUNTERSIGN_NOW", "soon").run("config show");
    expect(
        &came.shown(),
        "exit 4\n--- err\nerror[config/invalid]: `COUNTERSIGN_NOW` is `soon`, which is not a time like `2031-05-01T09:00:00Z`\n",
    );
}
