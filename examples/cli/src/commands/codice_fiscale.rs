//! The codice fiscale by itself: for people with arguments, for programs as a stream of one JSON object per line.

use std::io::{BufRead, Write};

use serde::Deserialize;
use serde_json::{Value, json};
use sportello::check::{BirthHint, EncodeError, Person, PersonalData, Sex};
use sportello::places::{FindPlaceError, Places};
use sportello::{CodiceFiscale, Finding, Lang};
use time::{Date, Month, OffsetDateTime};

use crate::args::{CodiceFiscaleJob, Global, PersonArgs};
use crate::exit::{Code, Stop};

/// A person as a line of the stream or the arguments have it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Given {
    codice_fiscale: Option<String>,
    surname: Option<String>,
    name: Option<String>,
    sex: Option<String>,
    birth_date: Option<String>,
    birthplace: Option<String>,
}

/// What can't be done with one line, with a stable code.
struct Wrong {
    code: &'static str,
    text: String,
    /// Where several places have the name.
    candidates: Vec<Value>,
}

impl Wrong {
    fn new(code: &'static str, text: impl ToString) -> Wrong {
        Wrong {
            code,
            text: text.to_string(),
            candidates: Vec::new(),
        }
    }

    fn of(finding: &Finding, lang: Lang) -> Wrong {
        Wrong::new(finding.code.as_str(), finding.text(lang))
    }

    /// For people, on standard error.
    fn tell(&self) {
        eprintln!("{}  [{}]", self.text, self.code);
        for candidate in &self.candidates {
            let text = |name: &str| candidate.get(name).and_then(Value::as_str).unwrap_or_default();
            eprintln!("    {}  {} ({})", text("code"), text("name"), text("province"));
        }
    }

    fn json(&self) -> Value {
        let mut error = json!({ "code": self.code, "text": self.text });
        if let (false, Some(error)) = (self.candidates.is_empty(), error.as_object_mut()) {
            error.insert("candidates".to_owned(), json!(self.candidates));
        }
        json!({ "error": error })
    }
}

impl From<EncodeError> for Wrong {
    fn from(error: EncodeError) -> Wrong {
        Wrong::new(error.code(), error)
    }
}

/// What one job makes of one person: an object for programs, lines for people.
type Answer = Result<(Value, String), Wrong>;

pub(crate) fn run(global: &Global, job: &CodiceFiscaleJob) -> Result<Code, Stop> {
    let lang = global.language();
    let today = OffsetDateTime::now_utc().date();
    let answer = |given: &Given| match job {
        CodiceFiscaleJob::Encode { .. } => encode(given),
        CodiceFiscaleJob::Decode { .. } => decode(given, today, lang),
        CodiceFiscaleJob::Variants { .. } => variants(given, lang),
        CodiceFiscaleJob::Coherence { .. } => coherence(given, lang),
    };
    let given: Vec<Given> = match job {
        CodiceFiscaleJob::Encode { person } => person_of(None, person).into_iter().collect(),
        CodiceFiscaleJob::Decode { codes } | CodiceFiscaleJob::Variants { codes } => {
            codes.iter().map(|code| of_code(code)).collect()
        }
        CodiceFiscaleJob::Coherence { code, person } => match code {
            Some(code) => vec![person_of(Some(code), person).unwrap_or_else(|| of_code(code))],
            None => Vec::new(),
        },
    };
    if given.is_empty() {
        return stream(&answer);
    }
    let mut output = std::io::stdout().lock();
    let mut all_right = true;
    for given in &given {
        let line = match answer(given) {
            Ok((json, _)) if global.json => json.to_string(),
            Ok((_, text)) => text,
            Err(wrong) => {
                all_right = false;
                if global.json {
                    wrong.json().to_string()
                } else {
                    wrong.tell();
                    continue;
                }
            }
        };
        writeln!(output, "{line}").map_err(|error| Stop::local(format!("standard output: {error}")))?;
    }
    Ok(if all_right { Code::Done } else { Code::Findings })
}

/// One JSON object, or one bare code, per line in; one JSON object per line out, in the same order.
fn stream(answer: &dyn Fn(&Given) -> Answer) -> Result<Code, Stop> {
    let io = |error: std::io::Error| Stop::local(format!("standard input or output: {error}"));
    let mut input = std::io::stdin().lock();
    let mut output = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let (mut line, mut all_right) = (Vec::new(), true);
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(io)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        let given = if text.trim_start().starts_with('{') {
            // The parser's own words quote what it read, which is personal data.
            serde_json::from_str(text)
                .map_err(|_| Wrong::new("line.not_readable", "this line is not a JSON object of texts"))
        } else {
            Ok(of_code(text))
        };
        let json = match given.and_then(|given| answer(&given)) {
            Ok((json, _)) => json,
            Err(wrong) => {
                all_right = false;
                wrong.json()
            }
        };
        serde_json::to_writer(&mut output, &json).map_err(|error| Stop::local(error.to_string()))?;
        output.write_all(b"\n").map_err(io)?;
    }
    output.flush().map_err(io)?;
    Ok(if all_right { Code::Done } else { Code::Findings })
}

fn of_code(code: &str) -> Given {
    Given {
        codice_fiscale: Some(code.to_owned()),
        ..Given::default()
    }
}

/// `None` when nothing was given.
fn person_of(code: Option<&str>, person: &PersonArgs) -> Option<Given> {
    let PersonArgs {
        surname,
        name,
        sex,
        birth_date,
        birthplace,
    } = person;
    let nothing = [surname, name, sex, birth_date, birthplace]
        .iter()
        .all(|part| part.is_none());
    (!nothing).then(|| Given {
        codice_fiscale: code.map(str::to_owned),
        surname: surname.clone(),
        name: name.clone(),
        sex: sex.clone(),
        birth_date: birth_date.clone(),
        birthplace: birthplace.clone(),
    })
}

fn encode(given: &Given) -> Answer {
    let birth_date =
        day(given)?.ok_or_else(|| Wrong::new("encode.birth_date", "the birth date is missing"))?;
    let sex = sex(given)?.ok_or_else(|| Wrong::new("encode.sex", "the sex is missing: M or F"))?;
    let birthplace = place(given, Some(birth_date))?
        .ok_or_else(|| Wrong::new("encode.birthplace", "the birthplace is missing"))?;
    let code = CodiceFiscale::encode(&Person {
        surname: given.surname.as_deref().unwrap_or_default(),
        name: given.name.as_deref().unwrap_or_default(),
        sex,
        birth_date,
        birthplace: &birthplace,
    })?;
    Ok((json!({ "codice_fiscale": code }), code.to_string()))
}

fn decode(given: &Given, today: Date, lang: Lang) -> Answer {
    let code = code(given, lang)?;
    let dates = code.birth_dates();
    // Nobody is born after today; of two days before it, neither is guessed.
    let birth_date = code.birth_date(BirthHint::NotAfter(today));
    let candidates: Vec<Date> = dates.into_iter().filter(|date| *date <= today).collect();
    let place_code = code.birthplace();
    let place = Places::bundled().named(&place_code, birth_date);
    let json = json!({
        "codice_fiscale": code,
        "canonical": code.canonical(),
        "omocodia": code.is_omocodia(),
        "sex": code.sex(),
        "birth_date": birth_date.map(|date| date.to_string()),
        "birth_date_candidates": candidates.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "birthplace": {
            "code": place_code,
            "name": place.map(|place| place.name),
            "province": place.map(|place| place.province),
            "contemporary": code.is_birthplace_contemporary(),
        },
    });
    let born: Vec<String> = candidates
        .iter()
        .map(|date| format!("{:02}-{:02}-{}", date.day(), u8::from(date.month()), date.year()))
        .collect();
    let mut text = format!("codice fiscale  {code}");
    if code.is_omocodia() {
        text += &format!("\ncanonical       {}", code.canonical());
    }
    text += &format!(
        "\nsex             {}\nborn on         {}\nborn in         {} [{place_code}]",
        code.sex().as_str(),
        born.join(" or "),
        place.map_or_else(
            || "a place without a name in the register".to_owned(),
            |place| place.to_string()
        ),
    );
    if !code.is_birthplace_contemporary() {
        text += "\n                (which was not there on that day; the tax office gives such codes)";
    }
    Ok((json, text))
}

fn variants(given: &Given, lang: Lang) -> Answer {
    let code = code(given, lang)?;
    let all: Vec<String> = code.variants().map(|spelling| spelling.to_string()).collect();
    let text = all.join("\n");
    Ok((json!({ "codice_fiscale": code, "variants": all }), text))
}

fn coherence(given: &Given, lang: Lang) -> Answer {
    let code = code(given, lang)?;
    let birth_date = day(given)?;
    let birthplace = place(given, birth_date)?;
    let coherence = code.coherence(&PersonalData {
        surname: given.surname.as_deref(),
        name: given.name.as_deref(),
        sex: sex(given)?,
        birth_date,
        birthplace: birthplace.as_deref(),
    });
    let findings = coherence.findings();
    let json = json!({
        "codice_fiscale": code,
        "coherent": coherence.is_coherent(),
        "disagreeing": coherence.disagreeing,
        "undecided": coherence.undecided,
        "swapped": coherence.is_swapped,
        "findings": findings.iter().map(|finding| json!({ "code": finding.code, "text": finding.text(lang) })).collect::<Vec<_>>(),
    });
    let mut lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("! {}  [{}]", finding.text(lang), finding.code))
        .collect();
    if findings.is_empty() {
        lines.push("✓ everything that was given fits the code".to_owned());
    }
    for part in &coherence.undecided {
        lines.push(format!(
            "  nothing can be said of the {}: it has a letter that the tax office's table does not have",
            part.as_str()
        ));
    }
    Ok((json, lines.join("\n")))
}

fn code(given: &Given, lang: Lang) -> Result<CodiceFiscale, Wrong> {
    let text = given.codice_fiscale.as_deref().unwrap_or_default();
    // What is offered as a correction in a form is taken here: nothing is handed in.
    CodiceFiscale::read(text).ok_or_else(|| match CodiceFiscale::parse(text) {
        Err(finding) => Wrong::of(&finding, lang),
        Ok(_) => Wrong::new("codice_fiscale.length", "this is no codice fiscale"),
    })
}

fn sex(given: &Given) -> Result<Option<Sex>, Wrong> {
    let text = given.sex.as_deref().filter(|text| !text.trim().is_empty());
    text.map(|text| Sex::parse(text).ok_or_else(|| Wrong::new("encode.sex", "the sex is not M or F")))
        .transpose()
}

/// `1990-05-12`, `12-05-1990`, `12/05/1990`.
fn day(given: &Given) -> Result<Option<Date>, Wrong> {
    let Some(text) = given
        .birth_date
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let date = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => date(year, month, day),
        [day, month, year] if year.len() == 4 => date(year, month, day),
        _ => None,
    };
    date.map(Some).ok_or_else(|| {
        Wrong::new(
            "encode.birth_date",
            "the birth date is not one of the calendar, such as 1990-05-12",
        )
    })
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// The code of a place that is given by code or by name.
fn place(given: &Given, on: Option<Date>) -> Result<Option<String>, Wrong> {
    let Some(text) = given.birthplace.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let capitals = text.trim().to_ascii_uppercase();
    if sportello::places::is_known(&capitals) {
        return Ok(Some(capitals));
    }
    match Places::bundled().find(text, on) {
        Ok(place) => Ok(Some(place.code.to_owned())),
        Err(error) => {
            let mut wrong = Wrong::new("encode.birthplace", &error);
            if let FindPlaceError::Several(places) = error {
                let candidate = |place: &sportello::places::Place<'_>| json!({ "code": place.code, "name": place.name, "province": place.province });
                wrong.candidates = places.iter().map(candidate).collect();
            }
            Err(wrong)
        }
    }
}
