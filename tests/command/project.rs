//! A copy of the project's suite that a test may spoil, and the command run in it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// A folder with the suite, its fixtures and its snapshots.
pub(crate) struct Project {
    folder: TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["specs", "fixtures/accounts", "snapshots"] {
            copy(&root.join(name), &folder.path().join(name));
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the ledgers.
    pub(crate) fn ledgers(&self) -> PathBuf {
        self.path("state/neon-contract/ledgers")
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    /// Replaces a text that must be there.
    pub(crate) fn edit(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} has no `{old}`");
        self.write(name, &text.replacen(old, new, 1));
    }

    /// The command, in the folder, with nothing of the environment that it would heed.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
        command.current_dir(self.folder.path());
        // Ledgers are kept in the user's own state folder.
        command.env("XDG_STATE_HOME", self.path("state"));
        for name in [
            "NEON_API_URL",
            "NEON_API_KEY",
            "NEON_API_KEY_OTHER",
            "NEON_API_KEY_FILE",
            "NEON_API_KEY_COMMAND",
            "NEON_REVOKED_API_KEY",
            "NEON_ORG_ID",
            "NEON_CLIENT_CERT",
            "NEON_CLIENT_KEY",
            "NEON_KNOWN_FAILURES",
            "NEON_LEDGER",
            "NEON_TARGET",
            "NEON_ENDPOINT",
            "CI",
            "INSTA_UPDATE",
        ] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command().args(arguments))
    }

    /// All text files below the folder, with their contents.
    pub(crate) fn all_text(&self) -> Vec<(PathBuf, String)> {
        let mut files = Vec::new();
        collect(self.folder.path(), &mut files);
        files
    }
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("the command starts");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("it prints UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("it prints UTF-8"),
    }
}

/// A `neon-contract mock` that runs until it is dropped.
pub(crate) struct RunningMock {
    child: Child,
    pub(crate) url: String,
    pub(crate) key: String,
}

impl RunningMock {
    pub(crate) fn start(project: &Project, arguments: &[&str]) -> Self {
        Self::start_logging(project, arguments, Stdio::inherit())
    }

    pub(crate) fn start_logging(project: &Project, arguments: &[&str], stderr: Stdio) -> Self {
        let mut child = project
            .command()
            .args(["mock", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the command starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut value = |name: &str| {
            let line = lines.next().expect("the mock prints how to reach it").expect("it prints UTF-8");
            line.strip_prefix(&format!("export {name}=")).expect("it prints the variable").to_owned()
        };
        let url = value("NEON_API_URL");
        let key = value("NEON_API_KEY");
        Self { child, url, key }
    }
}

impl RunningMock {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its exit code, when it has been told to end.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for RunningMock {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_none_or(|ending| ending != "new") {
            fs::copy(&path, &target).expect("the file can be copied");
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).expect("the file can be read")).into_owned();
            files.push((path, text));
        }
    }
}

/// A `neon-contract proxy` that runs until it is stopped.
pub(crate) struct RunningProxy {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl RunningProxy {
    pub(crate) fn start(project: &Project, upstream: &str, arguments: &[&str]) -> Self {
        Self::spawn(project.command().args(["proxy", "--port", "0", "--upstream", upstream]).args(arguments))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it prints UTF-8");
        let url = line.trim().strip_prefix("export NEON_API_URL=").expect("it prints where it is").to_owned();
        Self { child, stdout, url }
    }

    /// What it says next.
    pub(crate) fn line_with(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).is_ok_and(|read| read > 0), "it ended without `{part}`");
            if line.contains(part) {
                return line;
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn stop(mut self) -> Ended {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).expect("it prints UTF-8");
        let mut errors = self.child.stderr.take().expect("it is piped");
        errors.read_to_string(&mut stderr).expect("it prints UTF-8");
        Ended { code: self.child.wait().expect("it ends").code(), stdout, stderr }
    }
}
