//! What is asked of the operating system: the user that Postgres runs as, files given to it, processes.

use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};

/// Who Postgres may run as where the mock runs as root, which Postgres does not.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// The user that Postgres runs as, where that is another one than the mock's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// The user for this process.
    pub(super) fn of_this_process() -> io::Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self(None));
        }
        for name in USERS {
            if let Some(user) = User::from_name(name)? {
                return Ok(Self(Some((user.uid.as_raw(), user.gid.as_raw()))));
            }
        }
        Err(io::Error::other("Postgres does not run as root, and there is no user `postgres` or `nobody`"))
    }

    /// Runs a program as this user.
    pub(super) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Self(Some((user, group))) = self {
            command.uid(user).gid(group);
        }
        command.current_dir("/");
        command
    }

    /// The outermost directory on the way to a path that this user cannot enter.
    pub(super) fn kept_out_by(self, path: &Path) -> Option<PathBuf> {
        let Self(Some((user, group))) = self else { return None };
        let is_closed = |directory: &&Path| {
            directory.metadata().is_ok_and(|metadata| {
                let needed = match (metadata.uid() == user, metadata.gid() == group) {
                    (true, _) => 0o100,
                    (false, true) => 0o010,
                    (false, false) => 0o001,
                };
                metadata.mode() & needed == 0
            })
        };
        path.ancestors().skip(1).filter(is_closed).last().map(Path::to_owned)
    }

    /// Gives a file or directory to this user.
    pub(super) fn give(self, path: &Path) -> io::Result<()> {
        match self {
            Self(Some((user, group))) => chown(path, Some(user), Some(group)),
            Self(None) => Ok(()),
        }
    }
}

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It ends its sessions and writes what it has.
    Fast,
    /// It leaves all as it is.
    Immediate,
    /// It is not asked.
    Kill,
}

/// Ends a server; whether there was one.
pub(super) fn end(process: u32, how: End) -> bool {
    let signal = match how {
        End::Fast => Signal::SIGINT,
        End::Immediate => Signal::SIGQUIT,
        End::Kill => Signal::SIGKILL,
    };
    i32::try_from(process).is_ok_and(|process| kill(Pid::from_raw(process), signal).is_ok())
}

/// Whether there is a process.
pub(super) fn is_alive(process: u32) -> bool {
    i32::try_from(process).is_ok_and(|process| kill(Pid::from_raw(process), None) != Err(Errno::ESRCH))
}

/// When a process was started, in words that are the same as long as it runs; `None` where there is none. Numbers of processes are
/// given again: with this, one is not taken for another.
pub(super) fn started(process: u32) -> Option<String> {
    if let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) {
        // The name of the program, in parentheses, may have anything in it (proc_pid_stat(5)).
        let (_, rest) = stat.rsplit_once(')')?;
        return rest.split_whitespace().nth(19).map(str::to_owned);
    }
    let output = Command::new("ps").args(["-o", "lstart=", "-p", &process.to_string()]).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!said.is_empty()).then_some(said)
}

/// Copies a directory; where the file system can, the files share what they hold until they are written to.
pub(super) fn copy_directory(from: &Path, to: &Path, owner: Owner) -> io::Result<()> {
    std::fs::create_dir(to)?;
    std::fs::set_permissions(to, from.metadata()?.permissions())?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_directory(&entry.path(), &target, owner)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &target)?;
            owner.give(&target)?;
        } else {
            // Data that lies elsewhere would be shared with the original.
            let message = format!("{} is no file or directory: it cannot be copied", entry.path().display());
            return Err(io::Error::other(message));
        }
    }
    owner.give(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_start() {
        let own = std::process::id();
        let started_at = started(own).expect("this process runs");
        assert_eq!(started(own), Some(started_at));
        let mut child = Command::new("true").spawn().expect("there is such a program");
        let number = child.id();
        child.wait().expect("it ends");
        assert_eq!((started(number), is_alive(number)), (None, false));
    }

    #[test]
    fn a_copy_has_what_the_original_has() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        std::fs::create_dir_all(from.join("base/1")).expect("it can be made");
        std::fs::write(from.join("base/1/2"), "rows").expect("it can be written");
        copy_directory(&from, &to, Owner(None)).expect("it can be copied");
        std::fs::write(from.join("base/1/2"), "other").expect("it can be written");
        assert_eq!(std::fs::read_to_string(to.join("base/1/2")).expect("it is there"), "rows");
    }
}
