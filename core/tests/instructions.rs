//! The provider's instructions: what hostile markup leaves behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use proptest::prelude::*;
use sportello::form::Instructions;

const REAL: &str = "<h2>Domanda</h2><p>Serve il&nbsp;<b>documento</b> d&rsquo;identit&agrave;.<br>Poi:</p>\n<ul>\n <li>carta</li><li>tessera</li></ul>\
    <p>Scarichi la <a href=\"https://example.org/moduli/delega.pdf?a=1&amp;b=2\">delega</a> e la firmi.</p>";

fn plain(html: &str) -> String {
    Instructions::new(html).plain_text()
}

#[test]
fn text_reads_as_a_page_does() {
    assert_eq!(
        plain(REAL),
        "Domanda\nServe il documento d’identità.\nPoi:\n• carta\n• tessera\nScarichi la delega (https://example.org/moduli/delega.pdf?a=1&b=2) e la firmi."
    );
    for (html, text) in [
        ("", ""),
        ("a < b && c > d", "a < b && c > d"),
        (
            "1 &lt; 2 &amp;lt; &#232; &#xE8; &foo; &",
            "1 < 2 &lt; è è &foo; &",
        ),
        ("<p>uno<p>due", "uno\ndue"),
        ("<table><tr><td>a<td>b<tr><td>c", "a b\nc"),
        ("x<!-- <p>nascosto</p> -->y", "xy"),
        ("<a href=\"https://a.it\">https://a.it</a>", "https://a.it"),
        ("a\u{202E}b\u{0}c\u{200b}d", "abcd"),
        ("<3 fatto", "<3 fatto"),
    ] {
        assert_eq!(plain(html), text, "{html}");
    }
}

#[test]
fn the_delegation_form_is_found_and_only_a_web_address_is_one() {
    let form = Instructions::new(REAL).delegation_form().unwrap();
    assert_eq!(
        (form.url.as_str(), form.text.as_str()),
        ("https://example.org/moduli/delega.pdf?a=1&b=2", "delega")
    );
    let by_text = "<A HREF='http://example.org/m.pdf'>Modulo di <b>DELEGA</b></A>";
    assert_eq!(
        Instructions::new(by_text).delegation_form().unwrap().text,
        "Modulo di DELEGA"
    );
    for html in [
        "<a href=\"javascript:alert(1)\">delega</a>",
        "<a href=\"&#106;avascript:alert(1)\">delega</a>",
        "<a href=\" java\nscript:alert(1)\">delega</a>",
        "<a href=\"data:text/html,x\">delega</a>",
        "<a href=\"//example.org/delega\">delega</a>",
        "<a href=\"https://exa\tmple.org/delega\">delega</a>",
        "<a href=\"https://example.org/\u{202E}delega\">delega</a>",
        "<a name=\"delega\">delega</a>",
        "<!-- <a href=\"https://example.org/delega\">delega</a> -->",
        "<script>'<a href=\"https://example.org/delega\">delega</a>'</script>",
        "<a href=\"https://example.org/altro\">istruzioni</a>",
    ] {
        assert_eq!(Instructions::new(html).delegation_form(), None, "{html}");
    }
}

/// What pages have been attacked with: the words of each must not be shown, or be shown as words.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<a href=\"javascript:alert(1)\" onclick=alert(1)>x</a>",
    "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<style>@import 'https://x.example/x.css';</style>",
    "<p style=\"background:url(https://x.example/x)\">x</p>",
    "<form action=https://x.example><input name=p type=password></form>",
    "<base href=https://x.example>",
    "<meta http-equiv=refresh content=\"0;url=https://x.example\">",
    "<link rel=stylesheet href=https://x.example>",
    "<object data=https://x.example></object><embed src=https://x.example>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<video><source onerror=alert(1)></video>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml <img src=x onerror=alert(1)> ?>",
];

#[test]
fn plain_text_of_hostile_markup_has_no_script_in_it() {
    for html in HOSTILE {
        let text = plain(&format!("prima {html} dopo"));
        assert!(text.starts_with("prima"), "{html}: {text}");
        assert!(
            !text.contains("<script") && !text.contains("javascript:"),
            "{html}: {text}"
        );
    }
}

#[cfg(feature = "instructions-html")]
#[test]
fn sanitised_html_can_run_and_load_nothing() {
    for html in HOSTILE.iter().chain(&[REAL]) {
        let safe = Instructions::new(html).sanitised_html();
        let small = safe.to_lowercase();
        for part in [
            "<script",
            "<img",
            "<svg",
            "<iframe",
            "<object",
            "<style",
            "<form",
            "<input",
            "<link",
            "<meta",
            "<base",
            "<math",
            "javascript:",
            "style=",
            "srcdoc",
        ] {
            assert!(!small.contains(part), "{html}: {safe}");
        }
        // An event's name may be left as text, never inside a tag.
        for tag in small.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap();
            assert!(!tag.contains(" on"), "{html}: {safe}");
        }
    }
    let safe = Instructions::new(REAL).sanitised_html();
    assert!(
        safe.contains("<li>carta</li>") && safe.contains("rel=\"noopener noreferrer nofollow\""),
        "{safe}"
    );
    assert!(
        safe.contains("href=\"https://example.org/moduli/delega.pdf?a=1&amp;b=2\""),
        "{safe}"
    );
}

#[test]
fn a_megabyte_of_anything_is_read_in_one_pass() {
    for unit in [
        "<",
        ">",
        "&",
        "<a ",
        "<a href=\"",
        "</",
        "<!--",
        "<script>",
        "</script",
        "&#",
        "&amp;",
        "<li>",
        "é",
        "<a href=https://a.it>x",
        "<style><",
        "\u{0}",
        "<p/x='",
    ] {
        let html = unit.repeat(1_000_000 / unit.len());
        let started = std::time::Instant::now();
        let instructions = Instructions::new(&html);
        let (text, form) = (instructions.plain_text(), instructions.delegation_form());
        assert!(text.len() <= html.len() * 2 + 100 && form.is_none());
        assert!(started.elapsed().as_secs() < 5, "{unit}: {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn anything_is_read(html in r#"[ <>/!a-z="'&;#0-9\-é\u{0}]{0,200}"#) {
        let text = plain(&html);
        prop_assert!(text.chars().all(|c| !c.is_control() || c == '\n'));
        let _ = Instructions::new(&html).links();
    }
}
