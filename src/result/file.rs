//! Result files, and results without what may not be shown.

use serde::Deserialize;

use super::model::{RunResult, VERSION};
use crate::json;
use crate::secret::Secrets;
use crate::text;

impl RunResult {
    /// The same without the secrets that have become known since its parts were made.
    #[must_use]
    pub fn masked(&self, secrets: &Secrets) -> Self {
        // A word of the form itself may be someone's secret.
        self.with(|text| secrets.mask(text)).unwrap_or_else(|_| self.clone())
    }

    /// The same with other texts.
    fn with(&self, change: impl Fn(&str) -> String) -> serde_json::Result<Self> {
        let mut value = serde_json::to_value(self)?;
        json::each_string(&mut value, &|text| *text = change(text));
        serde_json::from_value(value)
    }
}

/// Reads a result file.
///
/// # Errors
/// In one line, when it is none, or of another version.
pub fn read_result(text: &str) -> Result<RunResult, String> {
    version_of(text)?;
    let result: RunResult = serde_json::from_str(text).map_err(|error| no_result(&error))?;
    // Whoever has made the file may have written into it what a run spells out.
    let is_suspect = text.contains("\\u")
        || text.chars().any(|character| text::is_spelled_out(character) && character != '\n');
    if !is_suspect {
        return Ok(result);
    }
    result.with(text::lines).map_err(|error| no_result(&error))
}

/// Whether a file is of the version that is read here.
pub(super) fn version_of(text: &str) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    match serde_json::from_str(text) {
        Ok(Version { version: VERSION }) => Ok(()),
        Ok(Version { version }) => {
            Err(format!("it has version {version}, but this program reads {VERSION}; create it again"))
        }
        Err(error) => Err(no_result(&error)),
    }
}

fn no_result(error: &serde_json::Error) -> String {
    format!(
        "line {}: not a neon-contract result file: {error}; create one with `run --report json=FILE`",
        error.line()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{OutcomeWord, testing};

    #[test]
    fn what_acts_on_a_terminal_is_spelled_out_in_a_result_of_others() {
        let mut result = testing::result(&[("a/b", OutcomeWord::Failed, "refusal")]);
        result.trials[0].notes = vec!["a\n\u{1b}[2Jb\u{202e}".to_owned()];
        for text in [
            serde_json::json!(result).to_string(),
            serde_json::json!(result).to_string().replace('\u{202e}', "\\u202e"),
        ] {
            let read = read_result(&text).expect("it is a result");
            assert_eq!(read.trials[0].notes, ["a\n\\u{1b}[2Jb\\u{202e}"]);
        }
    }

    #[test]
    fn a_secret_that_became_known_later_is_masked() {
        let mut result = testing::result(&[("a/b", OutcomeWord::Failed, "refusal")]);
        result.trials[0].findings[0].actual = "no %6e%61%70i_0123456789abcdef".to_owned();
        let secrets = Secrets::default();
        secrets.add("napi_0123456789abcdef");
        // Words of the form are no secrets, whoever has them as his password.
        secrets.add("does-not-conform");
        assert_eq!(result.masked(&secrets), result);
        let secrets = Secrets::default();
        secrets.add("napi_0123456789abcdef");
        let masked = result.masked(&secrets);
        assert_eq!(masked.trials[0].findings[0].actual, "no <secret>");
        result.trials[0].findings[0].actual.clone_from(&masked.trials[0].findings[0].actual);
        assert_eq!(masked, result);
    }
}
