//! What a check costs. Targets: 50 ns for one codice fiscale, 600 ns for the seed form, 1.5 µs for it with three errors.

use divan::{Bencher, black_box};
use sportello::{Answers, Attachment, CodiceFiscale, Service, check_value};

fn main() {
    divan::main();
}

const CODE: &str = "PRVRSL90E52H501A";
/// Born in a municipality whose dates have to be looked up.
const SUPPRESSED: &str = "PRVRSL90E52A012N";
const WRONG: &str = "PRVRSL90E52H501B";

mod one_codice_fiscale {
    use super::*;

    #[divan::bench(sample_size = 2000)]
    fn sportello(bencher: Bencher) {
        bencher.bench_local(|| CodiceFiscale::parse(black_box(CODE)));
    }

    #[divan::bench(sample_size = 2000)]
    fn sportello_by_kind(bencher: Bencher) {
        bencher.bench_local(|| check_value(black_box("codice_fiscale_persona"), black_box(CODE)));
    }

    #[divan::bench(sample_size = 2000)]
    fn sportello_with_dates_of_the_place(bencher: Bencher) {
        bencher.bench_local(|| CodiceFiscale::parse(black_box(SUPPRESSED)));
    }

    #[divan::bench(sample_size = 2000)]
    fn sportello_wrong(bencher: Bencher) {
        bencher.bench_local(|| CodiceFiscale::parse(black_box(WRONG)));
    }

    #[divan::bench(sample_size = 100)]
    fn peer_codice_fiscale(bencher: Bencher) {
        bencher.bench_local(|| codice_fiscale::CodiceFiscale::check(black_box(CODE)).is_ok());
    }

    #[divan::bench(sample_size = 100)]
    fn peer_codice_fiscale_rs(bencher: Bencher) {
        bencher.bench_local(|| codice_fiscale_rs::CodiceFiscale::new(black_box(CODE)).is_ok());
    }
}

/// A million codes: right ones, in omocodia, wrong letters, small letters, wrong lengths.
#[divan::bench(sample_count = 5)]
fn a_million_mixed(bencher: Bencher) {
    let all: Vec<String> = (0..1_000_000u32)
        .map(|number| {
            let code = CodiceFiscale::parse(CODE)
                .ok()
                .and_then(|code| code.variants().nth(number as usize % 128));
            let code = code.map(|code| code.as_str().to_owned()).unwrap_or_default();
            match number % 10 {
                7 => code.to_lowercase(),
                8 => format!("{}{}", &code[..15], if code.ends_with('A') { 'B' } else { 'A' }),
                9 => code[..14].to_owned(),
                _ => code,
            }
        })
        .collect();
    bencher
        .counter(divan::counter::ItemsCount::new(all.len()))
        .bench_local(|| {
            all.iter()
                .filter(|code| {
                    check_value("codice_fiscale_persona", code).is_ok_and(|found| found.is_empty())
                })
                .count()
        });
}

mod the_seed_form {
    use super::*;

    fn description() -> String {
        let vector: serde_json::Value =
            serde_json::from_str(include_str!("../../../vectors/form/assegno-unico.json"))
                .unwrap_or_default();
        vector.get("service").map(ToString::to_string).unwrap_or_default()
    }

    fn form() -> Service {
        Service::from_json(&description()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn pdf(bytes: usize) -> Attachment {
        let mut content = b"%PDF-1.7\n1 0 obj\nendobj\n".to_vec();
        content.resize(content.len() + bytes, b'x');
        let at = content.len();
        content.extend(b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R /Size 1 >>\nstartxref\n");
        content.extend(format!("{at}\n%%EOF\n").bytes());
        Attachment::from_bytes("carta.pdf", "application/pdf", content)
    }

    fn good(bytes: usize) -> Answers {
        Answers::new()
            .with("$0", "Rosalia")
            .with("$1", "Prova")
            .with("$2", "rosalia.prova@example.org")
            .with("$3", "333 1234567")
            .with("$4", CODE)
            .with("$5", pdf(bytes))
            .with("$6", pdf(bytes))
    }

    #[divan::bench(sample_size = 200)]
    fn good_with_small_files(bencher: Bencher) {
        let (service, answers) = (form(), good(100));
        assert!(service.form.check(&answers).findings.is_empty());
        bencher.bench_local(|| service.form.check(black_box(&answers)));
    }

    #[divan::bench(sample_size = 200)]
    fn good_with_large_files(bencher: Bencher) {
        let (service, answers) = (form(), good(2_000_000));
        assert!(service.form.check(&answers).findings.is_empty());
        bencher.bench_local(|| service.form.check(black_box(&answers)));
    }

    #[divan::bench(sample_size = 200)]
    fn with_three_errors(bencher: Bencher) {
        let service = form();
        let answers = good(100)
            .with("$2", "rosalia.prova@example")
            .with("$4", WRONG)
            .with(
                "$5",
                Attachment::from_bytes("carta.pdf", "application/pdf", vec![]),
            );
        assert_eq!(service.form.check(&answers).errors().count(), 3);
        bencher.bench_local(|| service.form.check(black_box(&answers)));
    }

    #[divan::bench(sample_size = 200)]
    fn with_three_errors_and_their_texts(bencher: Bencher) {
        let service = form();
        let answers = good(100)
            .with("$2", "rosalia.prova@example")
            .with("$4", WRONG)
            .with("$3", "");
        bencher.bench_local(|| {
            let report = service.form.check(black_box(&answers));
            report
                .findings
                .iter()
                .map(|finding| finding.text(sportello::Lang::De).len())
                .sum::<usize>()
        });
    }

    #[divan::bench(sample_size = 200)]
    fn one_field_and_what_depends_on_it(bencher: Bencher) {
        let (service, answers) = (form(), good(100));
        assert!(service.form.check_field(&answers, "$4").findings.is_empty());
        bencher.bench_local(|| {
            let report = service.form.check_field(black_box(&answers), "$4");
            report.findings.len()
        });
    }

    #[divan::bench(sample_size = 200)]
    fn what_is_required_now(bencher: Bencher) {
        let (service, answers) = (form(), good(100));
        bencher.bench_local(|| service.form.required(black_box(&answers)).len());
    }

    #[divan::bench(sample_size = 50)]
    fn compiled(bencher: Bencher) {
        let text = description();
        bencher.bench_local(|| Service::from_json(black_box(&text)));
    }
}
