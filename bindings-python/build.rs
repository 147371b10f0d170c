//! Lets a plain `cargo build` of the workspace link the module on macOS, where Python's symbols are found later.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
