use std::process::Command;

use super::*;
use crate::scratch::Scratch;

#[test]
fn a_session_is_dead_once_its_process_is_gone() {
    let scratch = Scratch::new("sessions");
    let living = Living::begin(scratch.path(), "dispatch-1").unwrap();
    assert!(Living::begin(scratch.path(), "dispatch-1").is_err(), "two of one name");
    assert_eq!(dead(scratch.path()), []);
    // As the kernel leaves it after `kill -9`: the file is there, and nobody holds it.
    fs::write(scratch.path().join("dispatch/dispatch-0"), "4242\ndispatch-0\n").unwrap();
    let found = dead(scratch.path());
    assert_eq!(found.iter().map(|dead| dead.session.as_str()).collect::<Vec<_>>(), ["dispatch-0"]);
    found[0].bury();
    drop(living);
    assert_eq!(
        (dead(scratch.path()).len(), fs::read_dir(scratch.path().join("dispatch")).unwrap().count()),
        (0, 0)
    );
}

#[test]
fn processes_of_a_dead_session_are_ended_and_no_others() {
    let scratch = Scratch::new("sessions");
    fs::create_dir_all(scratch.path().join("dispatch")).unwrap();
    let own = format!("dispatch-{}", crate::ids::nonce());
    fs::write(scratch.path().join("dispatch").join(&own), format!("0\n{own}\n")).unwrap();
    let started = |name: String, seconds: &'static str| {
        std::thread::spawn(move || {
            let mut sleep = Command::new("sleep");
            process::output_of(sleep.arg(seconds).env(process::PROBE_VARIABLE, name)).unwrap().status
        })
    };
    let theirs = started(format!("outer/{}7f", mark(&own)), "1000");
    let other = started(format!("{own}x.7f"), "1");
    let mut ended = 0;
    while ended == 0 {
        // Until it has begun there is nothing to end.
        ended = dead(scratch.path())[0].end_processes();
    }
    assert_eq!(ended, 1);
    assert!(!theirs.join().unwrap().success());
    assert!(other.join().unwrap().success(), "another session's process was ended");
}
