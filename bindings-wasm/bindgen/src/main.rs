//! Writes the JavaScript side of the compiled library: `sportello-wasm-bindgen LIBRARY.wasm FOLDER`.
//!
//! The folder gets `sportello_bg.wasm` and `glue.js`, with its types. The glue is the one for browsers: it
//! loads nothing by itself, so bundlers and Node take it as well, each with its own way to the bytes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

/// The name that the `.wasm` and the glue share.
const NAME: &str = "sportello";

fn main() -> Result<()> {
    let args: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [library, folder] = args.as_slice() else {
        bail!("usage: sportello-wasm-bindgen LIBRARY.wasm FOLDER");
    };
    fs::create_dir_all(folder)?;

    let made = folder.join("made");
    Bindgen::new()
        .input_path(library)
        .out_name(NAME)
        .web(true)?
        .typescript(true)
        .generate(&made)?;
    let wasm = format!("{NAME}_bg.wasm");
    take(&made.join(&wasm), &folder.join(&wasm))?;
    let glue = fs::read_to_string(made.join(format!("{NAME}.js")))?;
    fs::write(folder.join("glue.js"), uncommented(&glue))?;
    take(&made.join(format!("{NAME}.d.ts")), &folder.join("glue.d.ts"))?;
    fs::remove_dir_all(made)?;
    Ok(())
}

/// Without its comments, which stand beside the types as well: a page downloads this file as it is.
fn uncommented(glue: &str) -> String {
    let mut kept = String::with_capacity(glue.len());
    let mut is_comment = false;
    for line in glue.lines() {
        let bare = line.trim();
        is_comment |= bare.starts_with("/*");
        if !is_comment && !bare.is_empty() {
            kept.push_str(line);
            kept.push('\n');
        }
        is_comment &= !bare.ends_with("*/");
    }
    kept
}

fn take(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("taking {} as {}", from.display(), to.display()))
}
