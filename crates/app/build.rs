//! Links the program to a fixed address, where it starts in two thirds of the time: why, and what is
//! given up for it, is in `docs/design/0020-fixed-address.md`.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=COUNTERSIGN_PIE");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|known| known == value);
    let placed =
        is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release");
    if placed && std::env::var_os("COUNTERSIGN_PIE").is_none() {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
