//! The programs of Postgres on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::system::Owner;

/// What is needed of it.
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_basebackup"];

/// Where Debian and others have a directory for each version.
const BY_VERSION: [(&str, &str); 3] =
    [("/usr/lib/postgresql", "bin"), ("/opt/homebrew/opt", "bin"), ("/usr/local/opt", "bin")];

/// Why there is no Postgres to use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallationError {
    /// There is none.
    #[error(
        "there is no PostgreSQL on this machine; install it (Debian: `apt-get install postgresql`; macOS: `brew install postgresql@17`), \
         or name the directory of its programs with --postgres-bin"
    )]
    Missing,
    /// It is not where it was said to be.
    #[error(
        "{directory} has no `{program}`; name the directory that has the programs of PostgreSQL 14 or later"
    )]
    Incomplete {
        /// The directory.
        directory: PathBuf,
        /// What it lacks.
        program: &'static str,
    },
    /// It does not tell its version.
    #[error("{program} cannot be run: {reason}")]
    Broken {
        /// The program.
        program: PathBuf,
        /// Why.
        reason: String,
    },
    /// It is too old.
    #[error("{directory} has PostgreSQL {major}; install version 14 or later")]
    Old {
        /// The directory.
        directory: PathBuf,
        /// Its version.
        major: i64,
    },
}

/// A Postgres that can be used.
#[derive(Debug, Clone)]
pub(super) struct Installation {
    directory: PathBuf,
    /// 15 of 15.18.
    pub(super) major: i64,
}

impl Installation {
    /// The one that is named, or the first that is found.
    pub(super) fn find(named: Option<&Path>, owner: Owner) -> Result<Self, InstallationError> {
        let directory = match named {
            Some(named) => named.to_owned(),
            None => {
                places().into_iter().find(|place| lacks(place).is_none()).ok_or(InstallationError::Missing)?
            }
        };
        if let Some(program) = lacks(&directory) {
            return Err(InstallationError::Incomplete { directory, program });
        }
        let directory = directory.canonicalize().unwrap_or(directory);
        let program = directory.join("postgres");
        let broken = |reason| InstallationError::Broken { program: program.clone(), reason };
        let output = owner.command(&program).arg("--version").output();
        let output = output.map_err(|error| broken(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let major = major(&said).ok_or_else(|| broken(format!("it says `{}`", said.trim())))?;
        if major < 14 {
            return Err(InstallationError::Old { directory, major });
        }
        Ok(Self { directory, major })
    }

    /// A program of it, run as a user.
    pub(super) fn command(&self, program: &str, owner: Owner) -> Command {
        let mut command = owner.command(&self.directory.join(program));
        // What is set for clients here is not meant for these.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command
    }
}

/// The first program that is not in a directory.
fn lacks(directory: &Path) -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| !directory.join(program).is_file())
}

/// Where it may be: on the path, and where systems put it, the newest first.
fn places() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).filter(|place| place.is_absolute()).collect();
    for (directory, programs) in BY_VERSION {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let mut versions: Vec<(u32, PathBuf)> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                Some((version(&name)?, entry.path().join(programs)))
            })
            .collect();
        versions.sort();
        places.extend(versions.into_iter().rev().map(|(_, place)| place));
    }
    places
}

/// 15 of `15` and of `postgresql@15`.
fn version(name: &str) -> Option<u32> {
    name.strip_prefix("postgresql@").unwrap_or(name).parse().ok()
}

/// 15 of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(said: &str) -> Option<i64> {
    let (_, version) = said.split_once("(PostgreSQL) ")?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15))]
    #[case("postgres (PostgreSQL) 18beta1\n", Some(18))]
    #[case("mysqld 8\n", None)]
    fn the_version_is_read(#[case] said: &str, #[case] expected: Option<i64>) {
        assert_eq!(major(said), expected);
    }

    #[test]
    fn a_directory_without_the_programs_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let owner = Owner::of_this_process().expect("there is a user for it");
        let error = Installation::find(Some(folder.path()), owner).expect_err("there is nothing in it");
        assert!(error.to_string().ends_with("the programs of PostgreSQL 14 or later"), "{error}");
    }
}
