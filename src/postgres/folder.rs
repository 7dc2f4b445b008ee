//! The folder of one mock: its data, sockets and certificates, and what is left of it when the mock was killed.
//!
//! The folder belongs to the mock's user, and so does the list of processes in it: nobody else can have a process ended. What
//! Postgres writes to is a folder in it. As long as the mock runs, it holds a lock on a file in it, which the system takes away
//! when the mock ends, however it ends.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::unistd::geteuid;

use super::system::{End, Owner, end, is_alive, started};

/// How temporary folders begin.
const PREFIX: &str = "neon-contract-postgres-";

const LOCK: &str = "lock";
const PROCESSES: &str = "processes";
const DATA: &str = "data";

/// How long a server that nobody needs is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The folder of this mock.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    is_temporary: bool,
    /// Locked as long as it is open.
    _lock: File,
}

impl Folder {
    /// A temporary folder, or the one that keeps the data. What mocks that are no more have left is removed.
    pub(super) fn open(kept: Option<&Path>, owner: Owner) -> io::Result<Self> {
        let temporary = std::env::temp_dir();
        remove_leftovers(&temporary);
        let (path, is_temporary) = match kept {
            Some(path) => {
                fs::create_dir_all(path)?;
                (path.canonicalize()?, false)
            }
            None => (tempfile::Builder::new().prefix(PREFIX).tempdir_in(temporary)?.keep(), true),
        };
        if let Some(closed) = owner.kept_out_by(&path) {
            let message = format!(
                "the user that Postgres runs as cannot enter {}; name another directory with {}, or run `chmod o+x` on it",
                closed.display(),
                if is_temporary { "TMPDIR" } else { "--postgres-data" }
            );
            if is_temporary {
                fs::remove_dir(&path)?;
            }
            return Err(io::Error::other(message));
        }
        let lock = lock(&path)?;
        let folder = Self { path, is_temporary, _lock: lock };
        fs::set_permissions(&folder.path, Permissions::from_mode(0o711))?;
        fs::create_dir_all(folder.path.join(PROCESSES))?;
        end_processes(&folder.path);
        for name in ["", "branches", "run"] {
            let path = folder.path.join(DATA).join(name);
            fs::create_dir_all(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(0o700))?;
            owner.give(&path)?;
        }
        Ok(folder)
    }

    /// Whether it goes with the mock.
    pub(super) fn is_temporary(&self) -> bool {
        self.is_temporary
    }

    /// A file of the mock's own.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What Postgres has in it.
    pub(super) fn data(&self, name: &str) -> PathBuf {
        self.path.join(DATA).join(name)
    }

    /// Notes down a process that is to end with the mock; the note, to be removed when it has ended.
    pub(super) fn note(&self, process: u32) -> io::Result<PathBuf> {
        let started = started(process).ok_or_else(|| io::Error::other("the server has ended at once"))?;
        let note = self.path.join(PROCESSES).join(process.to_string());
        fs::write(&note, started)?;
        Ok(note)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        end_processes(&self.path);
        if self.is_temporary {
            // What cannot be removed now is removed at the next start.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Takes a folder for this mock.
fn lock(path: &Path) -> io::Result<File> {
    let (file, new) = (path.join(LOCK), path.join(format!("{LOCK}.{}", std::process::id())));
    if file.exists() {
        let lock = File::open(&file)?;
        lock.try_lock().map_err(|error| {
            io::Error::other(format!("{} is in use by another mock ({error})", path.display()))
        })?;
        return Ok(lock);
    }
    if fs::read_dir(path)?.next().is_some() {
        let message =
            format!("{} is not empty and holds no data of a mock; name another one", path.display());
        return Err(io::Error::other(message));
    }
    // It is locked before it has its name: nobody takes the folder for one that is left.
    let lock = File::create(&new)?;
    lock.try_lock()?;
    fs::rename(new, file)?;
    Ok(lock)
}

/// Removes the temporary folders of mocks of this user that are no more, with the servers that run in them.
fn remove_leftovers(temporary: &Path) {
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let is_named_so = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let is_own =
            entry.metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == geteuid().as_raw());
        if !is_named_so || !is_own {
            continue;
        }
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            end_processes(&entry.path());
            // Another mock may be at it as well.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Ends the servers that are noted down in a folder, and that are still the ones that were.
fn end_processes(folder: &Path) {
    for entry in fs::read_dir(folder.join(PROCESSES)).into_iter().flatten().flatten() {
        let process = entry.file_name().to_string_lossy().parse().ok();
        let noted = fs::read_to_string(entry.path()).ok();
        if let Some(process) = process.filter(|process| noted.is_some() && started(*process) == noted) {
            end(process, End::Immediate);
            let asked = Instant::now();
            while is_alive(process) && started(process) == noted {
                if asked.elapsed() > PATIENCE {
                    end(process, End::Kill);
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let _ = fs::remove_file(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn owner() -> Owner {
        Owner::of_this_process().expect("there is a user for it")
    }

    #[test]
    fn a_folder_is_one_mocks() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let first = Folder::open(Some(place.path()), owner()).expect("it is free");
        let error = Folder::open(Some(place.path()), owner()).expect_err("it is taken");
        assert!(error.to_string().contains("is in use by another mock"), "{error}");
        drop(first);
        Folder::open(Some(place.path()), owner()).expect("it is free again");
    }

    #[test]
    fn a_folder_that_postgres_cannot_enter_is_told() {
        // Only root has Postgres run as another user.
        if !geteuid().is_root() {
            return;
        }
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        fs::set_permissions(place.path(), Permissions::from_mode(0o700)).expect("it is ours");
        let error = Folder::open(Some(&place.path().join("a/b")), owner()).expect_err("it cannot be entered");
        let expected = format!("cannot enter {};", place.path().display());
        assert!(error.to_string().contains(&expected), "{error}");
    }

    #[test]
    fn a_folder_of_others_is_left_alone() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(place.path().join("thesis"), "precious").expect("it can be written");
        let error = Folder::open(Some(place.path()), owner()).expect_err("it is somebody's");
        assert!(error.to_string().contains("holds no data of a mock"), "{error}");
    }

    #[test]
    fn only_what_is_left_over_is_removed() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let make = |name: &str| {
            let path = place.path().join(format!("{PREFIX}{name}"));
            std::fs::create_dir(&path).expect("it can be made");
            path
        };
        let [used, left, of_another_kind] = ["used", "left", "other"].map(make);
        let _used = lock(&used).expect("it is free");
        drop(lock(&left).expect("it is free"));
        std::fs::create_dir(left.join(PROCESSES)).expect("it can be made");
        let mut servers = [1, 2].map(|_| Command::new("sleep").arg("60").spawn().expect("it starts"));
        let [ours, other] = [servers[0].id(), servers[1].id()];
        let started_at = started(ours).expect("it runs");
        std::fs::write(left.join(PROCESSES).join(ours.to_string()), &started_at).expect("it is noted");
        // Its number was that of a server once.
        std::fs::write(left.join(PROCESSES).join(other.to_string()), "before").expect("it is noted");
        let ended = std::thread::spawn(move || {
            let [ours, other] = &mut servers;
            ours.wait().expect("it ends");
            let is_running = other.try_wait().expect("it can be asked").is_none();
            other.kill().and_then(|()| other.wait()).expect("it ends");
            is_running
        });
        remove_leftovers(place.path());
        assert!(ended.join().expect("nobody panics"), "a process of others was ended");
        assert!(used.exists() && of_another_kind.exists() && !left.exists());
    }
}
