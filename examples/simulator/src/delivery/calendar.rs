//! Unix time as a date and an hour, UTC.

use std::fmt;

/// A moment, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u64,
    pub(crate) month: u64,
    pub(crate) day: u64,
    pub(crate) hour: u64,
    pub(crate) minute: u64,
    pub(crate) second: u64,
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self;
        write!(
            formatter,
            "{day:02}/{month:02}/{year} {hour:02}:{minute:02}:{second:02}"
        )
    }
}

impl Moment {
    /// As RFC 3339 has it, with the offset written out as the provider does.
    pub(crate) fn rfc3339(self) -> String {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00")
    }
}

/// The civil date of a count of milliseconds since 1970, by shifting the year to begin in March so that
/// leap days come last.
pub(crate) fn moment(unix_ms: u64) -> Moment {
    let seconds = unix_ms / 1_000;
    let days = seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    Moment {
        year: year_of_era + era * 400 + u64::from(month <= 2),
        month,
        day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
        hour: seconds / 3_600 % 24,
        minute: seconds / 60 % 60,
        second: seconds % 60,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_known_moments() {
        assert_eq!(moment(0).to_string(), "01/01/1970 00:00:00");
        assert_eq!(moment(1_596_473_006_000).to_string(), "03/08/2020 16:43:26");
        assert_eq!(moment(1_709_164_800_000).to_string(), "29/02/2024 00:00:00");
        assert_eq!(moment(1_709_164_800_000).rfc3339(), "2024-02-29T00:00:00+00:00");
        assert_eq!(moment(951_868_799_000).to_string(), "29/02/2000 23:59:59");
    }
}
