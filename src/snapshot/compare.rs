//! One comparison for every front end.

use std::path::PathBuf;

use similar::TextDiff;

use super::contents::StoreError;
use super::store::Store;
use crate::plan::Trial;
use crate::secret::Secrets;

/// What to do with snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A difference fails, a missing snapshot is offered for review: for work at a desk.
    Review,
    /// A difference fails, and so does a missing or an orphaned snapshot: for CI.
    Strict,
    /// What is there is overwritten.
    Update,
    /// A difference is told and fails nothing: for endpoints the snapshots were not made for.
    Tell,
    /// Those that hold are noted down as confirmed; a difference is nobody's fault.
    Confirm,
    /// Snapshots are not looked at.
    Ignore,
}

/// How a trial compares with its snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// It reads the same.
    Same(PathBuf),
    /// Whether it does says nothing here.
    Ignored,
    /// It did not, and the snapshot was overwritten.
    Written(PathBuf),
    /// There was none; one was offered for review.
    Pending(PathBuf),
    /// There is none.
    Missing(PathBuf),
    /// It reads otherwise.
    Differs {
        /// The snapshot.
        path: PathBuf,
        /// Lines that were (-) and are (+).
        difference: String,
        /// Whether this fails the trial.
        fails: bool,
    },
}

impl Store {
    /// Compares a trial's text with its snapshot, and writes what the mode wants written.
    ///
    /// # Errors
    /// When a snapshot cannot be read or written.
    pub fn compare(
        &self,
        trial: &Trial,
        text: &str,
        mode: Mode,
        secrets: &Secrets,
    ) -> Result<Comparison, StoreError> {
        let path = self.path(trial);
        let new = text.trim();
        let old = self.find(&path)?;
        if old.as_deref() == Some(new) {
            if self.is_writable() && !matches!(mode, Mode::Tell | Mode::Confirm) {
                Self::settle(&path);
            }
            return Ok(Comparison::Same(path));
        }
        match (mode, old) {
            (Mode::Update, _) if !self.is_writable() => Err(StoreError::BuiltIn(path)),
            // What is offered for review belongs into a folder of the suite.
            (Mode::Review, None) if !self.is_writable() => Ok(Comparison::Ignored),
            (Mode::Update, _) => {
                Self::write(&path, trial, text, secrets)?;
                Ok(Comparison::Written(path))
            }
            (Mode::Ignore | Mode::Confirm, _) | (Mode::Tell, None) => Ok(Comparison::Ignored),
            (Mode::Strict, None) => Ok(Comparison::Missing(path)),
            (Mode::Review, None) => {
                Self::write(&Self::pending(&path), trial, text, secrets)?;
                Ok(Comparison::Pending(path))
            }
            (mode, Some(old)) => {
                if mode == Mode::Review && self.is_writable() {
                    Self::write(&Self::pending(&path), trial, text, secrets)?;
                }
                let difference = difference(&old, new);
                Ok(Comparison::Differs { path, difference, fails: mode != Mode::Tell })
            }
        }
    }
}

/// So many lines of either text are held against each other: the time it takes grows with the square of how many differ.
const COMPARED: usize = 2_000;

/// The lines that differ, with two lines around them.
fn difference(old: &str, new: &str) -> String {
    const AROUND: usize = 2;
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let shorter = old.len().min(new.len());
    let alike = |(old, new): &(&&str, &&str)| old == new;
    let before = old.iter().zip(&new).take_while(alike).count();
    let after = old.iter().rev().zip(new.iter().rev()).take_while(alike).count().min(shorter - before);
    let begin = before.saturating_sub(AROUND);
    let is_whole = old.len().max(new.len()) <= COMPARED;
    let part = |lines: &[&str]| {
        if is_whole {
            return lines.join("\n");
        }
        let end = (lines.len() - after + AROUND).min(lines.len()).min(begin + COMPARED);
        lines[begin..end].join("\n")
    };
    let (old_part, new_part) = (part(&old), part(&new));
    let diff = TextDiff::from_lines(&old_part, &new_part);
    let mut difference = diff.unified_diff().context_radius(AROUND).missing_newline_hint(false).to_string();
    let left_out = (old.len().max(new.len()) - after).saturating_sub(begin + COMPARED);
    if !is_whole && left_out > 0 {
        difference.push_str(&format!("… {left_out} more lines are not compared\n"));
    }
    difference
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn lines(count: usize, other: Option<usize>) -> String {
        let line = |number| if Some(number) == other { "other".to_owned() } else { number.to_string() };
        (0..count).map(line).collect::<Vec<_>>().join("\n")
    }

    #[rstest]
    #[case::short(10, 10, Some(5), &["-5", "+other"], None)]
    #[case::long(300_000, 300_000, Some(200_000), &["-200000", "+other"], None)]
    #[case::longer(10, 300_000, None, &["+10", "+2000"], Some("… 297992 more lines are not compared"))]
    #[case::shorter(300_000, 10, None, &["-10"], Some("… 297992 more lines are not compared"))]
    fn what_differs_is_told(
        #[case] old: usize,
        #[case] new: usize,
        #[case] other: Option<usize>,
        #[case] told: &[&str],
        #[case] last: Option<&str>,
    ) {
        let difference = difference(&lines(old, None), &lines(new, other));
        let found: Vec<&str> = difference.lines().collect();
        assert!(told.iter().all(|line| found.contains(line)), "{difference}");
        assert!(found.len() < 2 * COMPARED);
        assert_eq!(found.last().filter(|line| line.starts_with('…')), last.as_ref());
    }
}
