//! Where a key comes from: the environment, a file, or whatever a credential manager prints. Never from the command line, which
//! other users of the machine can see.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

/// No key is longer, in bytes; nor is what a credential manager says beside it.
const LONGEST: u64 = 64 * 1024;

/// The maximum time to wait for a key.
const PATIENCE: Duration = Duration::from_secs(30);

/// The source of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// An environment variable of this name.
    Environment(String),
    /// A file that only its owner may read.
    File(PathBuf),
    /// The first line that a shell command prints.
    Command(String),
}

/// A key cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The variable is not there.
    #[error(
        "{0} is not set; set it to a key of the account to test with, or use --key-file or --key-command"
    )]
    NotSet(String),
    /// The file cannot be read.
    #[error("cannot read the key file {path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
    /// Others may read the file.
    #[error("the key file {path} is readable by others (mode {mode:o}); run `chmod 600 {path}`")]
    Open {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The command did not do what it was asked.
    #[error("the key command {0}; run it in a shell to see why")]
    Command(String),
    /// The key was not provided in time.
    #[error("{what} provided no key within {}; {help}", humantime::format_duration(*.within))]
    Late {
        /// The source.
        what: String,
        /// The time waited.
        within: Duration,
        /// The advice.
        help: &'static str,
    },
    /// There is nothing in it.
    #[error("{0} contains no key: it is empty")]
    Empty(String),
}

impl KeySource {
    /// The source that the environment names: `NEON_API_KEY` itself, `NEON_API_KEY_FILE`, or `NEON_API_KEY_COMMAND`.
    #[must_use]
    pub fn from_environment() -> Self {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (get("NEON_API_KEY"), get("NEON_API_KEY_FILE"), get("NEON_API_KEY_COMMAND")) {
            (None, Some(file), _) => Self::File(file.into()),
            (None, None, Some(command)) => Self::Command(command),
            _ => Self::Environment("NEON_API_KEY".to_owned()),
        }
    }

    /// The key.
    ///
    /// # Errors
    /// See [`KeyError`]; none of them holds any of the key.
    pub fn read(&self) -> Result<SecretString, KeyError> {
        self.read_within(PATIENCE)
    }

    fn read_within(&self, within: Duration) -> Result<SecretString, KeyError> {
        let (key, from) = match self {
            Self::Environment(name) => {
                // Whoever writes `--key-env $NEON_API_KEY` names the key itself.
                let is_a_name = !name.bytes().any(|byte| byte.is_ascii_lowercase());
                let shown = if is_a_name { name.as_str() } else { "the variable of --key-env" };
                let key = std::env::var(name).map_err(|_| KeyError::NotSet(shown.to_owned()))?;
                (SecretString::from(key), name.clone())
            }
            Self::File(path) => (read_file(path, within)?, format!("the key file {}", path.display())),
            Self::Command(command) => {
                (first_line_of(command, within)?, "the output of the key command".to_owned())
            }
        };
        let key = SecretString::from(key.expose_secret().trim());
        if key.expose_secret().is_empty() { Err(KeyError::Empty(from)) } else { Ok(key) }
    }
}

/// Does in a thread of its own what may never come to an end; `None` where it has not in time.
fn in_time<T: Send + 'static>(within: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Nobody listens any more where it comes too late.
        let _ = sender.send(work());
    });
    receiver.recv_timeout(within).ok()
}

/// A pipe is waited for, whether it is to be opened or to be read.
fn read_file(path: &Path, within: Duration) -> Result<SecretString, KeyError> {
    let owned = path.to_owned();
    in_time(within, move || read_whole(&owned)).unwrap_or_else(|| {
        Err(KeyError::Late {
            what: format!("the key file {}", path.display()),
            within,
            help: "it is a pipe without a writer, or one that is never closed; name a file, or use --key-command",
        })
    })
}

fn read_whole(path: &Path) -> Result<SecretString, KeyError> {
    let shown = path.display().to_string();
    let unreadable =
        |error: std::io::Error| KeyError::Unreadable { path: shown.clone(), cause: error.to_string() };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    check_permissions(&file.metadata().map_err(unreadable)?, &shown)?;
    let mut text = String::new();
    (&mut file).take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text.into())
}

#[cfg(unix)]
fn check_permissions(metadata: &std::fs::Metadata, path: &str) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    // A pipe, such as a shell's `<(…)`, is nobody else's to read.
    if metadata.is_file() && mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_permissions(_: &std::fs::Metadata, _: &str) -> Result<(), KeyError> {
    Ok(())
}

/// What a command says is said by it: it may ask for a passphrase, and it may complain.
fn first_line_of(command: &str, within: Duration) -> Result<SecretString, KeyError> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let failed = |error: std::io::Error| KeyError::Command(format!("cannot be run: {error}"));
    let mut child = Command::new(shell)
        .args([option, command])
        .stdin(Stdio::inherit())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(failed)?;
    let began = Instant::now();
    let stdout = child.stdout.take();
    let printed = in_time(within, move || {
        let mut printed = Vec::new();
        stdout.map_or(Ok(0), |stdout| stdout.take(LONGEST).read_to_end(&mut printed)).map(|_| printed)
    });
    let printed = printed.transpose().map_err(failed)?;
    if printed.as_ref().is_some_and(|printed| printed.len() as u64 == LONGEST) {
        end(child);
        return Err(KeyError::Command("printed more than a key".to_owned()));
    }
    // What it prints has an end; it itself may have none.
    let mut ended = child.try_wait().map_err(failed)?;
    while printed.is_some() && ended.is_none() && began.elapsed() < within {
        thread::sleep(Duration::from_millis(10));
        ended = child.try_wait().map_err(failed)?;
    }
    let (Some(printed), Some(status)) = (printed, ended) else {
        end(child);
        return Err(KeyError::Late {
            what: "the key command".to_owned(),
            within,
            help: "run it in a shell to find out why",
        });
    };
    if !status.success() {
        return Err(KeyError::Command(format!("failed ({status})")));
    }
    let printed = String::from_utf8(printed)
        .map_err(|_| KeyError::Command("printed output that is not UTF-8".to_owned()))?;
    let printed = SecretString::from(printed);
    Ok(printed.expose_secret().lines().next().unwrap_or_default().into())
}

/// Ends a command that would not end by itself.
fn end(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn file(text: &str, mode: u32) -> tempfile::NamedTempFile {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().expect("a file can be made");
        std::fs::write(file.path(), text).expect("it can be written");
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).expect("it is ours");
        file
    }

    #[rstest]
    #[case::with_a_line_break("napi_in_a_file\n", 0o600, Ok("napi_in_a_file"))]
    #[case::read_only("napi_in_a_file", 0o400, Ok("napi_in_a_file"))]
    #[case::for_the_group("napi_in_a_file", 0o640, Err("(mode 640); run `chmod 600 "))]
    #[case::for_everyone("napi_in_a_file", 0o644, Err("(mode 644); run `chmod 600 "))]
    #[case::empty(" \n", 0o600, Err("contains no key: it is empty"))]
    fn a_file_must_be_its_owners(
        #[case] text: &str,
        #[case] mode: u32,
        #[case] expected: Result<&str, &str>,
    ) {
        let file = file(text, mode);
        match (KeySource::File(file.path().into()).read(), expected) {
            (Ok(key), Ok(expected)) => assert_eq!(key.expose_secret(), expected),
            (Err(error), Err(expected)) => {
                let message = error.to_string();
                assert!(message.contains(expected) && !message.contains("napi_"), "{message}");
            }
            (read, _) => panic!("{read:?}"),
        }
    }

    #[rstest]
    #[case::a_line("echo napi_from_a_command", Ok("napi_from_a_command"))]
    #[case::the_first_of_several("printf 'napi_first\\nuser: me\\n'", Ok("napi_first"))]
    #[case::a_failure("echo napi_half; exit 3", Err("failed (exit status: 3)"))]
    #[case::nothing("true", Err("contains no key: it is empty"))]
    #[case::without_end("yes", Err("printed more than a key"))]
    #[case::no_text("printf '\\377\\376'", Err("printed output that is not UTF-8"))]
    fn a_command_prints_it(#[case] command: &str, #[case] expected: Result<&str, &str>) {
        match (KeySource::Command(command.to_owned()).read(), expected) {
            (Ok(key), Ok(expected)) => assert_eq!(key.expose_secret(), expected),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (read, _) => panic!("{read:?}"),
        }
    }

    #[rstest]
    #[case::a_pipe_that_nobody_opens(None, "name a file")]
    #[case::a_command_that_hangs(Some("exec sleep 60"), "run it in a shell")]
    #[case::a_command_that_has_printed_it(Some("echo napi_1; exec sleep 60 >&-"), "run it in a shell")]
    fn a_key_is_not_waited_for_for_ever(#[case] command: Option<&str>, #[case] expected: &str) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("it is there").success());
        let began = Instant::now();
        let source = command.map_or(KeySource::File(pipe), |command| KeySource::Command(command.to_owned()));
        let error = source.read_within(Duration::from_millis(300)).unwrap_err().to_string();
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert!(error.contains("provided no key within 300ms") && error.contains(expected), "{error}");
    }

    #[test]
    fn a_file_that_is_not_there_is_told() {
        let error = KeySource::File("no/such/file".into()).read().unwrap_err().to_string();
        assert!(error.contains("cannot read the key file no/such/file: No such file"), "{error}");
    }
}
