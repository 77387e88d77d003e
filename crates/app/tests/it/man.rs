//! `man`: pages for the program and for each verb.

use crate::harness::Desk;

#[test]
fn a_page_is_printed_or_one_written_for_every_verb() {
    let desk = Desk::new();
    assert!(desk.run("man").ok().out.contains(".TH countersign"));
    let came = desk.run("man --dir pages").ok();
    assert_eq!(came.out, "");
    for verb in app::cli::commands::VERBS {
        assert!(desk.has(&format!("pages/countersign-{}.1", verb.name)), "{}", verb.name);
    }
    assert!(desk.read("pages/countersign-man.1").contains("countersign\\-man"));
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let came = Desk::new().run("man --dir not/there");
    assert_eq!((came.exit, came.code().as_deref()), (3, Some("file/not-found")), "{}", came.shown());
}
