//! Any HTML: text without control characters, links to the web only.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello::form::Instructions;

fuzz_target!(|html: &str| {
    let instructions = Instructions::new(html);
    let text = instructions.plain_text();
    assert!(text.chars().all(|c| !c.is_control() || c == '\n'));
    for link in instructions.links() {
        let url = link.url.to_ascii_lowercase();
        assert!(url.starts_with("http://") || url.starts_with("https://"));
        assert!(!url.contains(['"', '<', '>', ' ', '\n', '\t']));
    }
});
