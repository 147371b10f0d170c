//! Writes the JavaScript side of the compiled library: `sportello-wasm-bindgen LIBRARY.wasm FOLDER`.
//!
//! One `.wasm` serves every host, because all of wasm-bindgen's targets produce the same one; only the glue
//! differs. So the folder gets `glue.js` for browsers, bundlers and Node's modules, `glue.cjs` for Node's
//! `require`, and the one `sportello_bg.wasm` between them.

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

    let web = folder.join("web");
    Bindgen::new().input_path(library).out_name(NAME).web(true)?.typescript(true).generate(&web)?;
    let node = folder.join("node");
    Bindgen::new().input_path(library).out_name(NAME).nodejs(true)?.typescript(false).generate(&node)?;
    let wasm = format!("{NAME}_bg.wasm");
    if fs::read(web.join(&wasm))? != fs::read(node.join(&wasm))? {
        bail!("the two targets no longer share one .wasm");
    }

    take(&web.join(&wasm), &folder.join(&wasm))?;
    take(&web.join(format!("{NAME}.js")), &folder.join("glue.js"))?;
    take(&web.join(format!("{NAME}.d.ts")), &folder.join("glue.d.ts"))?;
    take(&node.join(format!("{NAME}.js")), &folder.join("glue.cjs"))?;
    fs::remove_dir_all(web)?;
    fs::remove_dir_all(node)?;
    Ok(())
}

fn take(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("taking {} as {}", from.display(), to.display()))
}
