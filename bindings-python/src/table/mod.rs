//! Whole tables: columns in by the Arrow PyCapsule interface, verdicts out by the same. Nothing is copied on the way in, and Python's own
//! threads go on meanwhile.

mod capsule;
mod column;
mod verdict;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use sportello::check::Given;
use sportello::{FieldKind, ServiceForm};

use self::capsule::Arrays;
use self::column::Column;
use self::verdict::Verdicts;
use crate::convert::{KindError, TableError};

/// As many rows are judged at a time by one thread, and make one batch of verdicts.
const ROWS: usize = 16 * 1024;
/// As many rows are read before the threads set to work: what is read is let go then, so that a table larger than memory can be checked.
const GROUP: usize = 512 * 1024;

pub(crate) fn table_error(code: &'static str, detail: &str) -> PyErr {
    TableError::new_err((code, detail.to_owned()))
}

fn damaged(error: &ArrowError) -> PyErr {
    table_error("table.damaged", &format!("this table can't be read: {error}"))
}

/// The verdicts on a table's rows, in their order: Arrow columns `ok`, `first_code` and `findings` (a list of `field` and `code`). Any reader of
/// Arrow takes it: `polars.DataFrame(verdicts)`, `pyarrow.table(verdicts)`.
#[pyclass(frozen, module = "sportello")]
pub(crate) struct Verdict {
    batches: Vec<RecordBatch>,
    columns: BTreeMap<String, String>,
    ignored: Vec<String>,
}

#[pymethods]
impl Verdict {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A wish that may be left unheard.
        drop(requested_schema);
        capsule::export(py, verdict::schema(), self.batches.clone())
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// How many rows have an error.
    #[getter]
    fn wrong(&self) -> usize {
        let wrong = |batch: &RecordBatch| {
            let ok = batch.column(0).as_boolean();
            ok.len() - ok.null_count() - ok.true_count()
        };
        self.batches.iter().map(wrong).sum()
    }

    /// Which column was read for which field, by its key.
    #[getter]
    fn columns(&self) -> BTreeMap<String, String> {
        self.columns.clone()
    }

    /// The columns that were not read.
    #[getter]
    fn ignored(&self) -> Vec<String> {
        self.ignored.clone()
    }

    fn __repr__(&self) -> String {
        format!("Verdict(rows={}, wrong={})", self.__len__(), self.wrong())
    }
}

/// Where the columns of one table go.
struct Plan {
    /// Per field of the form: the column's place in the table.
    places: Vec<Option<usize>>,
    columns: BTreeMap<String, String>,
    ignored: Vec<String>,
}

impl Plan {
    fn of(form: &ServiceForm, names: &[String], wanted: Option<&BTreeMap<String, String>>) -> PyResult<Plan> {
        let mut plan = Plan {
            places: vec![None; form.fields.len()],
            columns: BTreeMap::new(),
            ignored: Vec::new(),
        };
        if let Some(absent) = wanted.and_then(|wanted| wanted.keys().find(|name| !names.contains(name))) {
            let detail = format!("the table has no column `{absent}`; it has: {}", names.join(", "));
            return Err(table_error("table.column_unknown", &detail));
        }
        for (at, name) in names.iter().enumerate() {
            let field = match wanted.map(|wanted| wanted.get(name)) {
                Some(None) => None,
                Some(Some(field)) => Some(form.index_of(field).ok_or_else(|| {
                    let keys: Vec<&str> = form.fields.iter().map(|field| field.slug.as_str()).collect();
                    let detail = format!("the form has no field `{field}`; it has: {}", keys.join(", "));
                    table_error("table.field_unknown", &detail)
                })?),
                None => form.index_of(name),
            };
            let known = field.and_then(|index| Some((form.fields.get(index)?, plan.places.get_mut(index)?)));
            match known {
                None => plan.ignored.push(name.clone()),
                Some((field, Some(_))) => {
                    let detail = format!(
                        "two columns are for the field `{}`; name the right one in `columns`",
                        field.slug
                    );
                    return Err(table_error("table.column_twice", &detail));
                }
                Some((field, place)) => {
                    *place = Some(at);
                    plan.columns.insert(name.clone(), field.key.clone());
                }
            }
        }
        Ok(plan)
    }
}

/// Some rows of one batch, and what is asked of them.
struct Part<'a> {
    columns: &'a [Option<Column>],
    from: usize,
    rows: usize,
}

fn judge_rows(form: &ServiceForm, part: &Part<'_>) -> Result<RecordBatch, ArrowError> {
    let mut verdicts = Verdicts::with_capacity(part.rows);
    let mut rooms = vec![String::new(); part.columns.len()];
    for row in part.from..part.from + part.rows {
        for (column, room) in part.columns.iter().zip(&mut rooms) {
            if let Some(column) = column {
                column.write(row, room);
            }
        }
        let cells = form.fields.iter().zip(part.columns).zip(&rooms);
        let given = cells.map(|((field, column), room)| {
            let text = column.as_ref()?.text(row, room)?;
            // A file's column has paths, which are not opened here.
            let is_path = field.kind == FieldKind::File && !text.trim().is_empty();
            Some(if is_path { Given::Unseen } else { Given::Text(text) })
        });
        let given: Vec<Option<Given<'_>>> = given.collect();
        verdicts.push(&form.check_in_order(&given).findings);
    }
    verdicts.finish()
}

fn judge_values(kind: &str, part: &Part<'_>) -> Result<RecordBatch, ArrowError> {
    let mut verdicts = Verdicts::with_capacity(part.rows);
    let mut room = String::new();
    for row in part.from..part.from + part.rows {
        let column = part.columns.first().and_then(Option::as_ref);
        if let Some(column) = column {
            column.write(row, &mut room);
        }
        match column.and_then(|column| column.text(row, &room)) {
            // The kind was asked for before.
            Some(text) => verdicts.push(&sportello::check_value(kind, text).unwrap_or_default()),
            None => verdicts.push_null(),
        }
    }
    verdicts.finish()
}

/// Judges batches in threads that live for as long as this call, so that a fork finds none.
fn judged(
    batches: &[(Vec<Option<Column>>, usize)],
    judge: &(dyn Fn(&Part<'_>) -> Result<RecordBatch, ArrowError> + Sync),
) -> Result<Vec<RecordBatch>, ArrowError> {
    let parts: Vec<Part<'_>> = batches
        .iter()
        .flat_map(|(columns, rows)| {
            (0..*rows).step_by(ROWS).map(move |from| Part {
                columns,
                from,
                rows: ROWS.min(rows - from),
            })
        })
        .collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(parts.len())));
    let work = || {
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(nth) else { return };
            let verdicts = judge(part);
            done.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((nth, verdicts));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 1..cores.min(parts.len()) {
            // Without another thread this one does it all.
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(nth, _)| *nth);
    done.into_iter().map(|(_, verdicts)| verdicts).collect()
}

/// Reads a table to its end, a group of batches at a time.
fn run(
    py: Python<'_>,
    mut arrays: Arrays,
    columns: &mut dyn FnMut(&ArrayRef) -> PyResult<Vec<Option<Column>>>,
    judge: &(dyn Fn(&Part<'_>) -> Result<RecordBatch, ArrowError> + Sync),
) -> PyResult<Vec<RecordBatch>> {
    let mut verdicts = Vec::new();
    loop {
        let (mut group, mut rows) = (Vec::new(), 0);
        while rows < GROUP {
            let Some(array) = py.detach(|| arrays.next()).map_err(|error| damaged(&error))? else {
                break;
            };
            rows += array.len();
            group.push((columns(&array)?, array.len()));
        }
        if group.is_empty() {
            return Ok(verdicts);
        }
        verdicts.extend(
            py.detach(|| judged(&group, judge))
                .map_err(|error| damaged(&error))?,
        );
        py.check_signals()?;
    }
}

fn readable(name: &str, array: &ArrayRef) -> PyResult<Column> {
    Column::of(array).ok_or_else(|| {
        let kind = array.data_type();
        let detail =
            format!("the column `{name}` is {kind}; an answer is read from a text, an integer or a date");
        table_error("table.column_type", &detail)
    })
}

/// Checks a table's rows against a form.
pub(crate) fn check_table(
    table: &Bound<'_, PyAny>,
    form: &ServiceForm,
    wanted: Option<&BTreeMap<String, String>>,
) -> PyResult<Verdict> {
    let arrays = Arrays::of(table)?;
    let mut plan = None;
    let mut columns = |array: &ArrayRef| {
        let DataType::Struct(fields) = array.data_type() else {
            return Err(table_error(
                "table.not_a_table",
                "this is one column; `check_column` checks it, and a table has several",
            ));
        };
        if plan.is_none() {
            let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
            plan = Some(Plan::of(form, &names, wanted)?);
        }
        let batch = array.as_struct();
        let places = plan.iter().flat_map(|plan| &plan.places);
        let column = |place: &Option<usize>| {
            let place = place.and_then(|at| Some((fields.get(at)?, batch.columns().get(at)?)));
            place
                .map(|(field, array)| readable(field.name(), array))
                .transpose()
        };
        places.map(column).collect()
    };
    let batches = run(table.py(), arrays, &mut columns, &|part| judge_rows(form, part))?;
    let (columns, ignored) = plan.map_or_else(Default::default, |plan| (plan.columns, plan.ignored));
    Ok(Verdict {
        batches,
        columns,
        ignored,
    })
}

/// Checks a column of values against a kind of field, without any form. A null has no verdict.
#[pyfunction]
pub(crate) fn check_column(kind: &str, array: &Bound<'_, PyAny>) -> PyResult<Verdict> {
    sportello::check_value(kind, "")
        .map_err(|error| KindError::new_err(("check.kind_unknown", error.to_string())))?;
    let arrays = Arrays::of(array)?;
    let mut columns = |array: &ArrayRef| Ok(vec![Some(readable("", array)?)]);
    let batches = run(array.py(), arrays, &mut columns, &|part| judge_values(kind, part))?;
    Ok(Verdict {
        batches,
        columns: BTreeMap::new(),
        ignored: Vec::new(),
    })
}
