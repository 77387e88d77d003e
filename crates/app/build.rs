//! Links the program so that it starts fast: to a fixed address, and with the part of the compiler's
//! library that unwinds the stack inside it. Why, and what is given up for it, is in
//! `docs/design/0020-fixed-address.md`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What unwinds the stack, to be linked in.
const UNWINDING: &str = "libgcc_eh.a";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=COUNTERSIGN_PIE");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|known| known == value);
    let placed =
        is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release");
    if !placed {
        return;
    }
    if env::var_os("COUNTERSIGN_PIE").is_none() {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    let here = env::var("TARGET").is_ok_and(|target| is("HOST", &target));
    if let Some(out) = env::var_os("OUT_DIR").filter(|_| here && comes_with_the_compiler(UNWINDING)) {
        // The standard library asks for the shared one by this name, and finds this first.
        let shared = Path::new(&out).join("libgcc_s.so");
        if fs::write(shared, "GROUP ( -lgcc_eh -lgcc )\n").is_ok() {
            println!("cargo:rustc-link-search=native={}", Path::new(&out).display());
        }
    }
}

/// Whether the compiler that links knows where a library of its own is.
fn comes_with_the_compiler(library: &str) -> bool {
    let linker = env::var_os("RUSTC_LINKER").map_or_else(|| PathBuf::from("cc"), PathBuf::from);
    let told = Command::new(linker).arg(format!("-print-file-name={library}")).output();
    told.is_ok_and(|told| Path::new(String::from_utf8_lossy(&told.stdout).trim()).is_absolute())
}
