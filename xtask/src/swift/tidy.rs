//! What UniFFI writes, as a person would: indented, spaced, and with Swift's names in its documentation. Debian has no formatter of Swift's.

/// The same code, to be read.
pub(super) fn tidy(source: &str) -> String {
    let mut tidied = String::with_capacity(source.len() + source.len() / 8);
    // The line on which each bracket that is still open was opened: those of one line indent what follows once.
    let mut open: Vec<usize> = Vec::new();
    let mut in_comment = false;
    let mut was_blank = true;
    let mut returns = false;
    // What is documented may stand on the line on which its documentation ends.
    for (number, line) in source.replace("*/", "*/\n").lines().enumerate() {
        let line = line.trim();
        if line == "return" {
            returns = true;
            continue;
        }
        if line.is_empty() {
            if !was_blank {
                tidied.push('\n');
            }
            was_blank = true;
            continue;
        }
        was_blank = false;
        if in_comment || line.starts_with("/*") {
            let star = if in_comment { " " } else { "" };
            indent(&mut tidied, &open);
            tidied.push_str(star);
            tidied.push_str(&names(line));
            in_comment = !line.ends_with("*/");
            was_blank = !in_comment;
        } else if line.starts_with("//") {
            indent(&mut tidied, &open);
            tidied.push_str(line);
        } else {
            let leading = line.chars().take_while(|c| matches!(c, '}' | ')' | ']'));
            let closed = open.len().saturating_sub(leading.count());
            open.truncate(closed);
            indent(&mut tidied, &open);
            tidied.push_str(if std::mem::take(&mut returns) {
                "return "
            } else {
                ""
            });
            code(&mut tidied, line, number, &mut open);
        }
        tidied.push('\n');
    }
    tidied
}

fn indent(into: &mut String, open: &[usize]) {
    let mut lines = open.to_vec();
    lines.dedup();
    into.extend(std::iter::repeat_n("    ", lines.len()));
}

/// A line of code with one blank where there are several, and one behind every comma; keeps account of the brackets.
fn code(into: &mut String, line: &str, number: usize, open: &mut Vec<usize>) {
    let (mut in_text, mut leading) = (false, true);
    let mut last = ' ';
    for c in line.chars() {
        match c {
            '"' if last != '\\' => in_text = !in_text,
            _ if in_text => {}
            '{' | '(' | '[' => open.push(number),
            '}' | ')' | ']' if !leading => {
                open.pop();
            }
            ' ' if last == ' ' => continue,
            _ => {}
        }
        leading = leading && matches!(c, '}' | ')' | ']');
        // `)throws`, `,next`, `(x)async`
        let glued = !in_text && c.is_alphabetic() && matches!(last, ')' | ',');
        if glued {
            into.push(' ');
        }
        into.push(c);
        last = c;
    }
}

/// `[`SportelloError::Config`]` is Rust's way to name something.
fn names(comment: &str) -> String {
    let mut pieces = comment.split("[`");
    let mut named = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let Some((path, rest)) = piece.split_once("`]") else {
            named.push_str("[`");
            named.push_str(piece);
            continue;
        };
        let path = path.trim_start_matches("crate::").split("::").map(camel);
        named.push('`');
        named.push_str(&path.collect::<Vec<_>>().join("."));
        named.push('`');
        // Where a link leads is Rust's business as well.
        let elsewhere = rest.strip_prefix('(').and_then(|link| link.split_once(')'));
        named.push_str(elsewhere.map_or(rest, |(_, after)| after));
    }
    named
}

/// `cancelled_by` is `cancelledBy`; what begins with a capital stays.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        made.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        made.push_str(letters.as_str());
    }
    made
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn code_is_indented_and_spaced() {
        let source = "open func a(x: Int)async throws   -> [Int]  {\nreturn\ntry  call({ $0\n.b(x,y) }\n)\n}\n\n\n\nlet t = \"a  )b\"\n";
        let wanted = "open func a(x: Int) async throws -> [Int] {\n    return try call({ $0\n        .b(x, y) }\n    )\n}\n\nlet t = \"a  )b\"\n";
        assert_eq!(tidy(source), wanted);
    }

    #[test]
    fn what_is_documented_stands_below_its_documentation() {
        assert_eq!(
            tidy("f(\n/**\n* A.\n*/a: Int) {\n}"),
            "f(\n    /**\n     * A.\n     */\n    a: Int) {\n}\n"
        );
    }

    #[test]
    fn documentation_names_things_as_swift_does() {
        let source = "    /**\n     * See [`Client::cancelled_by`], [`coherence`](CodiceFiscale::coherence).\n     */\nlet a = 1\n";
        let wanted = "/**\n * See `Client.cancelledBy`, `coherence`.\n */\nlet a = 1\n";
        assert_eq!(tidy(source), wanted);
    }
}
