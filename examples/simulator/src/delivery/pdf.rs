//! The receipt: one page of PDF, written by hand. It says what it is on its face: a simulation.

use super::{Receipt, calendar::moment};

/// Points from the left edge.
const LEFT: u32 = 64;

/// A line of text: font, size, height on the page, grey level in hundredths, text.
struct Line {
    font: &'static str,
    size: u32,
    y: u32,
    grey: u32,
    text: String,
}

fn line(font: &'static str, size: u32, y: u32, grey: u32, text: impl Into<String>) -> Line {
    Line {
        font,
        size,
        y,
        grey,
        text: text.into(),
    }
}

/// The receipt of one request.
pub(super) fn receipt(receipt: &Receipt<'_>) -> Vec<u8> {
    let mut lines = vec![
        line("F2", 15, 772, 15, "Patronato Immaginario di Prova"),
        line(
            "F1",
            10,
            756,
            40,
            "Ufficio simulato \u{b7} Via dell'Esempio 1 \u{b7} Citt\u{e0} Inventata",
        ),
        line("F2", 22, 690, 0, "Ricevuta di presentazione della domanda"),
        line(
            "F1",
            11,
            668,
            30,
            "Si attesta che la domanda qui sotto \u{e8} stata presentata ed evasa.",
        ),
    ];
    let rows = [
        ("Servizio", receipt.service.trim().to_owned()),
        ("Numero della richiesta", receipt.id.to_owned()),
        (
            "Data di presentazione",
            format!("{} UTC", moment(receipt.committed_ms)),
        ),
        (
            "Data di evasione",
            format!("{} UTC", moment(receipt.delivered_ms)),
        ),
        ("Esito", "0 - OK".to_owned()),
    ];
    for (at, (label, value)) in (0_u32..).zip(rows) {
        lines.push(line("F1", 10, 616 - at * 44, 45, label));
        lines.push(line("F2", 13, 600 - at * 44, 0, value));
    }
    lines.push(line(
        "F2",
        16,
        330,
        0,
        "DOCUMENTO SIMULATO \u{2013} SENZA VALORE LEGALE",
    ));
    lines.push(line(
        "F1",
        10,
        310,
        20,
        "Prodotto dal simulatore di Sportello: nessuna domanda \u{e8} stata inviata a un ufficio vero",
    ));
    lines.push(line(
        "F1",
        10,
        296,
        20,
        "e nessun importo \u{e8} stato pagato. SIMULATED - no legal value.",
    ));
    assemble(&lines)
}

fn assemble(lines: &[Line]) -> Vec<u8> {
    let mut page: Vec<u8> = Vec::new();
    // A rule under the letterhead, and a frame around the warning.
    page.extend(b"0.15 0.35 0.60 rg 0 806 595 36 re f\n");
    page.extend(b"0.75 G 0.8 w 64 740 m 531 740 l S\n");
    page.extend(b"0.98 0.93 0.80 rg 0.80 0.55 0.10 RG 1.2 w 48 280 499 78 re B\n");
    for Line {
        font,
        size,
        y,
        grey,
        text,
    } in lines
    {
        let grey = format!("{}.{:02}", grey / 100, grey % 100);
        page.extend(format!("BT {grey} g /{font} {size} Tf {LEFT} {y} Td (").bytes());
        page.extend(text.chars().flat_map(win_ansi));
        page.extend(b") Tj ET\n");
    }
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R /Lang (it-IT) >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R \
          /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>"
            .to_vec(),
        font("Helvetica"),
        font("Helvetica-Bold"),
    ];
    let mut content = format!("<< /Length {} >>\nstream\n", page.len()).into_bytes();
    content.extend(page);
    content.extend(b"endstream");
    objects.push(content);
    objects.push(b"<< /Title (Ricevuta simulata) /Producer (sportello-simulator) >>".to_vec());

    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = b"0000000000 65535 f \n".to_vec();
    for (at, object) in objects.iter().enumerate() {
        table.extend(format!("{:010} 00000 n \n", out.len()).bytes());
        out.extend(format!("{} 0 obj\n", at + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let (start, count) = (out.len(), objects.len() + 1);
    out.extend(format!("xref\n0 {count}\n").bytes());
    out.extend(table);
    out.extend(
        format!("trailer\n<< /Size {count} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    out
}

fn font(name: &str) -> Vec<u8> {
    format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>").into_bytes()
}

/// A character in the fonts' encoding, escaped where a string would end or turn.
fn win_ansi(letter: char) -> Vec<u8> {
    match letter {
        '(' | ')' | '\\' => vec![b'\\', letter as u8],
        '\u{2013}' => vec![0x96],
        ' '..='~' | '\u{a0}'..='\u{ff}' => vec![letter as u32 as u8],
        _ => vec![b'?'],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cross_reference_points_to_its_object() {
        let pdf = receipt(&Receipt {
            id: "5f22f722065afc42223c7131",
            service: "Richiesta assegno invalidit\u{e0} (con accompagno e senza)",
            committed_ms: 1_596_127_010_000,
            delivered_ms: 1_596_127_022_000,
        });
        let at = |needle: &[u8]| {
            pdf.windows(needle.len())
                .position(|window| window == needle)
                .unwrap()
        };
        let table = String::from_utf8_lossy(&pdf[at(b"xref\n")..]).into_owned();
        for (number, row) in table.lines().skip(3).take(7).enumerate() {
            let offset: usize = row[..10].parse().unwrap();
            assert!(pdf[offset..].starts_with(format!("{} 0 obj", number + 1).as_bytes()));
        }
        let start: usize = table.lines().rev().nth(1).unwrap().parse().unwrap();
        assert!(pdf[start..].starts_with(b"xref"));
        assert!(at(b"invalidit\xe0 \\(con accompagno e senza\\)") > 0);
        assert!(at(b"SIMULATO") > 0);
    }
}
