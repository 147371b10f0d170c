//! Verdicts as columns: `ok`, `first_code`, `findings`.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{BooleanBuilder, StringBuilder};
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use sportello::{Finding, Severity};

static FINDING: LazyLock<Fields> = LazyLock::new(|| {
    Fields::from(vec![
        Field::new("field", DataType::Utf8, true),
        Field::new("code", DataType::Utf8, false),
    ])
});

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let item = Field::new("item", DataType::Struct(FINDING.clone()), false);
    Arc::new(Schema::new(vec![
        Field::new("ok", DataType::Boolean, true),
        Field::new("first_code", DataType::Utf8, true),
        Field::new("findings", DataType::List(Arc::new(item)), false),
    ]))
});

/// The columns of every verdict.
pub(super) fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// The verdicts of some rows, under way.
pub(super) struct Verdicts {
    ok: BooleanBuilder,
    first_code: StringBuilder,
    lengths: Vec<usize>,
    fields: StringBuilder,
    codes: StringBuilder,
}

impl Verdicts {
    pub(super) fn with_capacity(rows: usize) -> Verdicts {
        Verdicts {
            ok: BooleanBuilder::with_capacity(rows),
            first_code: StringBuilder::with_capacity(rows, 0),
            lengths: Vec::with_capacity(rows),
            fields: StringBuilder::new(),
            codes: StringBuilder::new(),
        }
    }

    /// One row's; the first code is the first error's, or else the first warning's.
    pub(super) fn push(&mut self, findings: &[Finding]) {
        let error = findings
            .iter()
            .find(|finding| finding.severity == Severity::Error);
        self.ok.append_value(error.is_none());
        self.first_code
            .append_option(error.or(findings.first()).map(|finding| finding.code.as_str()));
        self.lengths.push(findings.len());
        for finding in findings {
            self.fields.append_option(finding.field.as_deref());
            self.codes.append_value(finding.code.as_str());
        }
    }

    /// A row with nothing in it.
    pub(super) fn push_null(&mut self) {
        self.ok.append_null();
        self.first_code.append_null();
        self.lengths.push(0);
    }

    pub(super) fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let (fields, codes): (ArrayRef, ArrayRef) =
            (Arc::new(self.fields.finish()), Arc::new(self.codes.finish()));
        let findings = StructArray::try_new(FINDING.clone(), vec![fields, codes], None)?;
        let item = Arc::new(Field::new("item", DataType::Struct(FINDING.clone()), false));
        let findings = ListArray::try_new(
            item,
            OffsetBuffer::from_lengths(self.lengths),
            Arc::new(findings),
            None,
        )?;
        RecordBatch::try_new(
            schema(),
            vec![
                Arc::new(self.ok.finish()),
                Arc::new(self.first_code.finish()),
                Arc::new(findings),
            ],
        )
    }
}
