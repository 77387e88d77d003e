//! `cargo xtask gen`: writes every document that is made from code.

use std::fs;

use crate::generated::GENERATORS;
use crate::tool::{Outcome, say};
use crate::tree::{Tree, top};

/// Writes the documents whose text differs from what is on disk.
pub(super) fn run(_: &[String]) -> Outcome {
    let tree = Tree::read(&top()).map_err(|error| format!("the workspace cannot be read: {error}"))?;
    for generator in GENERATORS {
        let text = (generator.make)(&tree)?;
        if tree.files.get(generator.path) == Some(&text) {
            say(&format!("gen: {} is as it should be", generator.path));
            continue;
        }
        let path = top().join(generator.path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.map_err(|error| format!("{}: {error}", generator.path))?;
        say(&format!("gen: {} written", generator.path));
    }
    Ok(())
}
