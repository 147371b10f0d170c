//! A column's cells as the texts that a form asks for.

use std::fmt::Write as _;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, Date32Array, LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow_schema::DataType;
use time::{Date, Duration, Month};

/// One column, by what it holds.
pub(super) enum Column {
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Int8(PrimitiveArray<Int8Type>),
    Int16(PrimitiveArray<Int16Type>),
    Int32(PrimitiveArray<Int32Type>),
    Int64(PrimitiveArray<Int64Type>),
    UInt8(PrimitiveArray<UInt8Type>),
    UInt16(PrimitiveArray<UInt16Type>),
    UInt32(PrimitiveArray<UInt32Type>),
    UInt64(PrimitiveArray<UInt64Type>),
    Date(Date32Array),
    /// Nothing but nulls.
    Nothing,
    /// Each distinct value once, and which of them a row has.
    Dictionary(Box<Column>, Box<Column>),
}

impl Column {
    /// `None` for a type that no answer can be read from.
    pub(super) fn of(array: &ArrayRef) -> Option<Column> {
        Some(match array.data_type() {
            DataType::Utf8 => Column::Text(array.as_string().clone()),
            DataType::LargeUtf8 => Column::LargeText(array.as_string().clone()),
            DataType::Utf8View => Column::TextView(array.as_string_view().clone()),
            DataType::Int8 => Column::Int8(array.as_primitive().clone()),
            DataType::Int16 => Column::Int16(array.as_primitive().clone()),
            DataType::Int32 => Column::Int32(array.as_primitive().clone()),
            DataType::Int64 => Column::Int64(array.as_primitive().clone()),
            DataType::UInt8 => Column::UInt8(array.as_primitive().clone()),
            DataType::UInt16 => Column::UInt16(array.as_primitive().clone()),
            DataType::UInt32 => Column::UInt32(array.as_primitive().clone()),
            DataType::UInt64 => Column::UInt64(array.as_primitive().clone()),
            DataType::Date32 => Column::Date(array.as_primitive::<Date32Type>().clone()),
            DataType::Null => Column::Nothing,
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary_opt()?;
                let keys = Column::of(&dictionary.keys().slice(0, dictionary.len()))?;
                Column::Dictionary(Box::new(keys), Box::new(Column::of(dictionary.values())?))
            }
            _ => return None,
        })
    }

    /// Writes what is no text yet; what is one is left where it is.
    pub(super) fn write(&self, row: usize, room: &mut String) {
        room.clear();
        // Writing into a `String` does not fail.
        match self {
            Column::Dictionary(keys, values) => {
                if let Some(key) = keys.integer(row).and_then(|key| usize::try_from(key).ok()) {
                    values.write(key, room);
                }
            }
            Column::Date(days) => {
                let date = (!days.is_null(row)).then(|| days.value(row)).and_then(|days| {
                    let epoch = Date::from_calendar_date(1970, Month::January, 1).ok()?;
                    epoch.checked_add(Duration::days(days.into()))
                });
                if let Some(date) = date {
                    // As the forms want it.
                    let _ = write!(
                        room,
                        "{:02}-{:02}-{:04}",
                        date.day(),
                        u8::from(date.month()),
                        date.year()
                    );
                }
            }
            _ => {
                if let Some(number) = self.integer(row) {
                    let _ = write!(room, "{number}");
                }
            }
        }
    }

    /// A row's text; `None` for a null. `room` is what [`write`](Column::write) left of this row.
    pub(super) fn text<'a>(&'a self, row: usize, room: &'a str) -> Option<&'a str> {
        match self {
            Column::Text(texts) => (!texts.is_null(row)).then(|| texts.value(row)),
            Column::LargeText(texts) => (!texts.is_null(row)).then(|| texts.value(row)),
            Column::TextView(texts) => (!texts.is_null(row)).then(|| texts.value(row)),
            Column::Nothing => None,
            Column::Dictionary(keys, values) => {
                let key = usize::try_from(keys.integer(row)?).ok()?;
                values.text(key, room)
            }
            _ => (!room.is_empty()).then_some(room),
        }
    }

    fn integer(&self, row: usize) -> Option<i128> {
        macro_rules! of {
            ($numbers:expr) => {
                (!$numbers.is_null(row)).then(|| i128::from($numbers.value(row)))
            };
        }
        match self {
            Column::Int8(numbers) => of!(numbers),
            Column::Int16(numbers) => of!(numbers),
            Column::Int32(numbers) => of!(numbers),
            Column::Int64(numbers) => of!(numbers),
            Column::UInt8(numbers) => of!(numbers),
            Column::UInt16(numbers) => of!(numbers),
            Column::UInt32(numbers) => of!(numbers),
            Column::UInt64(numbers) => of!(numbers),
            _ => None,
        }
    }
}
