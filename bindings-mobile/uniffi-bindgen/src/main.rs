//! UniFFI's generator, at exactly the version that the library was built with:
//! `sportello-uniffi-bindgen generate LIBRARY --language kotlin --out-dir FOLDER`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
