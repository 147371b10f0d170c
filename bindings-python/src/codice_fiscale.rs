//! The codice fiscale by itself: read, made of a person's data, compared with it.

use pyo3::prelude::*;
use sportello::check::{BirthHint, Person, PersonalData, Sex};
use time::Date;

use crate::convert;
use crate::form::Finding;

/// A person's codice fiscale that is right. `str()` gives it; `repr()` is masked.
#[pyclass(frozen, eq, hash, ord, module = "sportello")]
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CodiceFiscale(sportello::CodiceFiscale);

fn sex_of(sex: &str) -> PyResult<Sex> {
    Sex::parse(sex).ok_or_else(|| pyo3::exceptions::PyValueError::new_err("sex is \"M\" or \"F\""))
}

#[pymethods]
impl CodiceFiscale {
    /// Reads a code that is written right: capitals, no blanks. Raises `CodiceFiscaleError` with what is wrong and where.
    #[staticmethod]
    fn parse(py: Python<'_>, text: &str) -> PyResult<CodiceFiscale> {
        sportello::CodiceFiscale::parse(text)
            .map(CodiceFiscale)
            .map_err(|finding| convert::wrong_value(py, "not a right codice fiscale", &finding))
    }

    /// Reads a code in small letters and with blanks as well; `None` for what is none.
    #[staticmethod]
    fn read(text: &str) -> Option<CodiceFiscale> {
        sportello::CodiceFiscale::read(text).map(CodiceFiscale)
    }

    /// The code of a person, in its canonical form. Only the tax office can say whether somebody else has it already. `birthplace` is the
    /// cadastral code of the municipality or country: `H501`, `Z404`.
    #[staticmethod]
    #[pyo3(signature = (*, surname, name, sex, birth_date, birthplace))]
    fn encode(
        py: Python<'_>,
        surname: &str,
        name: &str,
        sex: &str,
        birth_date: Date,
        birthplace: &str,
    ) -> PyResult<CodiceFiscale> {
        let person = Person {
            surname,
            name,
            sex: sex_of(sex)?,
            birth_date,
            birthplace,
        };
        sportello::CodiceFiscale::encode(&person)
            .map(CodiceFiscale)
            .map_err(|error| convert::refused(py, error.code(), &error.to_string()))
    }

    /// Compares the code with what is known of the person; what is not given is not looked at.
    #[pyo3(signature = (*, surname=None, name=None, sex=None, birth_date=None, birthplace=None))]
    fn coherence(
        &self,
        surname: Option<&str>,
        name: Option<&str>,
        sex: Option<&str>,
        birth_date: Option<Date>,
        birthplace: Option<&str>,
    ) -> PyResult<Coherence> {
        let person = PersonalData {
            surname,
            name,
            sex: sex.map(sex_of).transpose()?,
            birth_date,
            birthplace,
        };
        Ok(Coherence(self.0.coherence(&person)))
    }

    /// The code that this one is a spelling of: digits where omocodia has letters, and the check letter that fits them.
    #[getter]
    fn canonical(&self) -> CodiceFiscale {
        CodiceFiscale(self.0.canonical())
    }

    /// True when a letter stands for a digit, because two persons would have had the same code.
    #[getter]
    fn is_omocodia(&self) -> bool {
        self.0.is_omocodia()
    }

    /// All 128 spellings of this code, the canonical one first.
    fn variants(&self) -> Vec<CodiceFiscale> {
        self.0.variants().map(CodiceFiscale).collect()
    }

    /// `M` or `F`, as the day of birth is written.
    #[getter]
    fn sex(&self) -> &'static str {
        self.0.sex().as_str()
    }

    /// The days that the code may mean, the earlier first: the century is not in it.
    #[getter]
    fn birth_dates(&self) -> Vec<Date> {
        self.0.birth_dates()
    }

    /// The day of birth where one day only is left: of those `not_after` a day, or of somebody of that `age` (give or take a year) `on` a day.
    #[pyo3(signature = (*, not_after=None, age=None, on=None))]
    fn birth_date(
        &self,
        not_after: Option<Date>,
        age: Option<u16>,
        on: Option<Date>,
    ) -> PyResult<Option<Date>> {
        let hint = match (not_after, age, on) {
            (Some(day), None, None) => BirthHint::NotAfter(day),
            (None, Some(years), Some(on)) => BirthHint::Age { years, on },
            _ => {
                return Err(pyo3::exceptions::PyTypeError::new_err(
                    "birth_date needs not_after=day, or age=years and on=day",
                ));
            }
        };
        Ok(self.0.birth_date(hint))
    }

    /// The cadastral code of the municipality or country of birth, in digits also where omocodia has letters: `H501`.
    #[getter]
    fn birthplace(&self) -> String {
        self.0.birthplace()
    }

    /// True unless the records say that the place of birth was not there on any day that the code may mean.
    #[getter]
    fn is_birthplace_contemporary(&self) -> bool {
        self.0.is_birthplace_contemporary()
    }

    fn __str__(&self) -> &str {
        self.0.as_str()
    }

    fn __repr__(&self) -> &'static str {
        "CodiceFiscale(masked)"
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((
            slf.get_type().getattr("parse")?,
            (slf.get().0.as_str().to_owned(),),
        ))
    }
}

/// How a code and a person's data agree; true when nothing disagrees.
#[pyclass(frozen, module = "sportello")]
pub(crate) struct Coherence(sportello::check::Coherence);

#[pymethods]
impl Coherence {
    fn __bool__(&self) -> bool {
        self.0.is_coherent()
    }

    /// The parts that disagree, in the code's order: `surname`, `name`, `sex`, `birth_date`, `birthplace`.
    #[getter]
    fn disagreeing(&self) -> Vec<&'static str> {
        self.0.disagreeing.iter().map(|part| part.as_str()).collect()
    }

    /// The parts of which nothing can be said: a name in letters that the tax office's table does not have.
    #[getter]
    fn undecided(&self) -> Vec<&'static str> {
        self.0.undecided.iter().map(|part| part.as_str()).collect()
    }

    /// True when the surname stands where the name belongs and the other way round.
    #[getter]
    fn is_swapped(&self) -> bool {
        self.0.is_swapped
    }

    /// A warning for every part that disagrees; one for both names when they are swapped.
    #[pyo3(signature = (lang=None))]
    fn findings(&self, lang: Option<&str>) -> PyResult<Vec<Finding>> {
        let lang = convert::lang_or_italian(lang)?;
        let findings = self.0.findings().into_iter();
        Ok(findings.map(|finding| Finding::wrap(finding, lang)).collect())
    }

    fn __repr__(&self) -> String {
        format!(
            "Coherence(disagreeing={:?}, undecided={:?}, is_swapped={})",
            self.disagreeing(),
            self.undecided(),
            if self.0.is_swapped { "True" } else { "False" }
        )
    }
}
