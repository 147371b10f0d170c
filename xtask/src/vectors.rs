//! Counts the shared cases, so that a runner that skips some is caught.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// The folders whose cases every language runs.
const SHARED: [&str; 2] = ["form", "values"];

/// How many shared cases there are.
pub(crate) fn count(repo: &Path) -> Result<u32> {
    let mut cases = 0;
    for folder in SHARED {
        let folder = repo.join("core/vectors").join(folder);
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let json: Value = serde_json::from_str(&fs::read_to_string(&path)?)
                    .with_context(|| format!("reading {}", path.display()))?;
                let found = json.get("cases").and_then(Value::as_array);
                cases += found
                    .with_context(|| format!("{} has no cases", path.display()))?
                    .len();
            }
        }
    }
    if cases == 0 {
        bail!("core/vectors holds no shared case");
    }
    u32::try_from(cases).context("counting shared cases")
}

/// How many a runner says it ran: the sum of its `vectors: N cases` lines.
pub(crate) fn ran(output: &str) -> u32 {
    // The line may stand behind a prefix of the runner's: pytest's dots, node's `# `.
    (output.split("vectors: ").skip(1))
        .filter_map(|rest| {
            rest.split_once(" cases")
                .and_then(|(number, _)| number.parse::<u32>().ok())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::ran;

    #[test]
    fn the_lines_of_a_runner_are_summed() {
        assert_eq!(
            ran("# vectors: 12 cases (form)\n.vectors: 30 cases\nvectors: many cases"),
            42
        );
        assert_eq!(ran("nothing"), 0);
    }
}
