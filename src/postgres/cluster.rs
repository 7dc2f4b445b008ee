//! One data directory: made, copied, and served by a Postgres of its own on a private socket.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::process::{Child, Command};
use tokio_postgres::{Client, Config, NoTls};

use super::folder::Folder;
use super::installation::Installation;
use super::system::{End, Owner, copy_directory, end};
use super::template::TEMPLATE;

/// The user who may do everything; nobody connects as this one from outside.
pub(super) const SUPERUSER: &str = "cloud_admin";

/// How long a server may take to come up, to go down, and to go down at once.
const START: Duration = Duration::from_secs(60);
const FAST: Duration = Duration::from_secs(15);
const IMMEDIATE: Duration = Duration::from_secs(5);

/// Between two looks at a server that comes up.
const LOOK: Duration = Duration::from_millis(5);

/// The settings of every server. A role cannot change them.
const SETTINGS: [&str; 16] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "password_encryption=scram-sha-256",
    "shared_buffers=16MB",
    "max_connections=112",
    "superuser_reserved_connections=12",
    "wal_level=logical",
    "max_wal_senders=8",
    "max_wal_size=64MB",
    "min_wal_size=5MB",
    "autovacuum_max_workers=1",
    "logging_collector=off",
    // Statements may hold secrets.
    "log_min_error_statement=panic",
    "log_statement=none",
    "timezone=GMT",
    "log_timezone=GMT",
];

/// What makes data directories and serves them.
#[derive(Debug)]
pub(super) struct Clusters {
    pub(super) installation: Installation,
    pub(super) folder: Arc<Folder>,
    owner: Owner,
    password: SecretString,
    /// Counts the runs of servers.
    runs: AtomicU64,
}

/// A server that runs.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    process: u32,
    /// Where its socket is.
    pub(super) socket: PathBuf,
    note: PathBuf,
}

impl Clusters {
    /// Makes the template that all data directories begin as, where there is none.
    pub(super) async fn new(
        installation: Installation,
        folder: Arc<Folder>,
        owner: Owner,
    ) -> io::Result<Self> {
        let password = password(&folder)?;
        let clusters = Self { installation, folder, owner, password, runs: AtomicU64::new(0) };
        if !clusters.template().exists() {
            clusters.make_template().await?;
        }
        clusters.must_be_of_this_version()?;
        Ok(clusters)
    }

    fn template(&self) -> PathBuf {
        self.folder.data("template")
    }

    /// Data of another version cannot be served.
    fn must_be_of_this_version(&self) -> io::Result<()> {
        let made_with = fs::read_to_string(self.template().join("PG_VERSION"))?;
        let major = self.installation.major;
        if made_with.trim() == major.to_string() {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "the data were made with PostgreSQL {}, and this is {major}; name the programs of that version with --postgres-bin",
            made_with.trim()
        )))
    }

    async fn make_template(&self) -> io::Result<()> {
        let (part, password_file) = (self.folder.data("template.part"), self.folder.data("password"));
        remove(&part)?;
        fs::write(&password_file, self.password.expose_secret())?;
        self.owner.give(&password_file)?;
        // Not every system has the better one.
        let mut made = self.init(&part, &password_file, "C.UTF-8").await?;
        if !made.status.success() {
            remove(&part)?;
            made = self.init(&part, &password_file, "C").await?;
        }
        fs::remove_file(&password_file)?;
        succeeded("initdb", &made)?;
        for (database, statements) in TEMPLATE {
            let mut command = self.installation.command("postgres", self.owner);
            command.args(["--single", "-F", "-j", "-D"]).arg(&part).arg(database);
            let input = self.folder.data("statements");
            fs::write(&input, statements)?;
            command.stdin(File::open(&input)?);
            let output = Command::from(command).output().await?;
            fs::remove_file(&input)?;
            succeeded("postgres --single", &output)?;
        }
        fs::rename(part, self.template())
    }

    async fn init(&self, to: &Path, password_file: &Path, locale: &str) -> io::Result<Output> {
        let mut command = self.installation.command("initdb", self.owner);
        command.arg("--pgdata").arg(to).arg("--pwfile").arg(password_file).args([
            "--username",
            SUPERUSER,
            "--encoding=UTF8",
            "--auth=scram-sha-256",
            "--wal-segsize=1",
            "--no-sync",
            "--no-instructions",
        ]);
        command.arg(format!("--locale={locale}"));
        Command::from(command).output().await
    }

    /// A data directory with nothing in it yet.
    pub(super) async fn create(&self, to: &Path) -> io::Result<()> {
        self.copy(&self.template(), to).await
    }

    /// A copy of data that no server has open.
    pub(super) async fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to, owner) = (from.to_owned(), to.to_owned(), self.owner);
        let copied = tokio::task::spawn_blocking(move || {
            remove(&to)?;
            copy_directory(&from, &to, owner).inspect_err(|_| {
                let _ = remove(&to);
            })
        });
        copied.await.map_err(io::Error::other)?
    }

    /// A copy of what a server has at this moment; its sessions go on.
    pub(super) async fn back_up(&self, running: &Running, to: &Path) -> io::Result<()> {
        remove(to)?;
        let mut command = self.installation.command("pg_basebackup", self.owner);
        command.arg("--pgdata").arg(to).arg("--host").arg(&running.socket).args([
            "--username",
            SUPERUSER,
            "--checkpoint=fast",
            "--wal-method=stream",
            "--no-sync",
            "--no-password",
        ]);
        command.env("PGPASSWORD", self.password.expose_secret());
        let output = Command::from(command).output().await?;
        succeeded("pg_basebackup", &output).inspect_err(|_| {
            let _ = remove(to);
        })
    }

    /// The statements that make the schema of a database.
    pub(super) async fn schema(&self, running: &Running, database: &str) -> io::Result<String> {
        let mut command = self.installation.command("pg_dump", self.owner);
        command.arg("--host").arg(&running.socket).args([
            "--username",
            SUPERUSER,
            "--schema-only",
            "--no-password",
        ]);
        // As an argument, some names would be taken for a connection string.
        command.env("PGDATABASE", database).env("PGPASSWORD", self.password.expose_secret());
        let output = Command::from(command).output().await?;
        succeeded("pg_dump", &output)?;
        let said = String::from_utf8_lossy(&output.stdout);
        // These have a word in them that is another one each time.
        let is_kept = |line: &&str| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ");
        Ok(said.split_inclusive('\n').filter(is_kept).collect())
    }

    /// Serves a data directory.
    pub(super) async fn start(&self, data: &Path) -> io::Result<Running> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst).to_string();
        let socket = self.folder.data("run").join(run);
        remove(&socket)?;
        fs::create_dir(&socket)?;
        self.owner.give(&socket)?;
        let log = socket.join("log");
        let mut command = self.installation.command("postgres", self.owner);
        command.arg("-D").arg(data);
        command.arg("-c").arg(format!("unix_socket_directories={}", socket.display()));
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        if self.folder.is_temporary() {
            // When the machine goes down, the data go with it.
            command.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        // Ctrl-C is for the mock, which ends its servers itself.
        command.process_group(0);
        let mut child = Command::from(command).kill_on_drop(true).spawn()?;
        let process = child.id().ok_or_else(|| io::Error::other("the server has ended at once"))?;
        let note = self.folder.note(process)?;
        let began = Instant::now();
        loop {
            match self.connect(&socket, "postgres").await {
                Ok(_) => return Ok(Running { child, process, socket, note }),
                Err(_) if began.elapsed() < START && child.try_wait()?.is_none() => {
                    tokio::time::sleep(LOOK).await;
                }
                Err(error) => {
                    let _ = child.kill().await;
                    let _ = fs::remove_file(note);
                    let said = fs::read_to_string(&log).unwrap_or_default();
                    let reason = last_of(&said).unwrap_or_else(|| error.to_string());
                    return Err(io::Error::other(format!("the server does not come up: {reason}")));
                }
            }
        }
    }

    /// A session of the superuser.
    pub(super) async fn connect(
        &self,
        socket: &Path,
        database: &str,
    ) -> Result<Client, tokio_postgres::Error> {
        let mut config = Config::new();
        config.host_path(socket).user(SUPERUSER).password(self.password.expose_secret()).dbname(database);
        config.application_name("neon-contract");
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Running {
    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it, with its sessions. What it has is written, where it is still wanted.
    pub(super) async fn stop(mut self, is_wanted: bool) {
        let steps = if is_wanted {
            &[(End::Fast, FAST), (End::Immediate, IMMEDIATE), (End::Kill, IMMEDIATE)][..]
        } else {
            &[(End::Immediate, IMMEDIATE), (End::Kill, IMMEDIATE)][..]
        };
        for (how, patience) in steps {
            end(self.process, *how);
            if tokio::time::timeout(*patience, self.child.wait()).await.is_ok() {
                break;
            }
        }
        let _ = fs::remove_file(&self.note);
        let _ = remove(&self.socket);
    }
}

/// Removes a directory, where there is one.
pub(super) fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The superuser's password: the one that the data in the folder were made with.
fn password(folder: &Folder) -> io::Result<SecretString> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let path = folder.file("password");
    if let Ok(password) = fs::read_to_string(&path) {
        return Ok(password.into());
    }
    let password = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(password.as_bytes())?;
    Ok(password.into())
}

fn succeeded(program: &str, output: &Output) -> io::Result<()> {
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = last_of(&said).unwrap_or_else(|| output.status.to_string());
    Err(io::Error::other(format!("{program} failed: {reason}")))
}

/// The error among what a program said: the last line that is one, or the last.
fn last_of(said: &str) -> Option<String> {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_error =
        |line: &&&str| line.contains("error:") || line.contains("FATAL:") || line.contains("ERROR:");
    lines.iter().rev().find(is_error).or(lines.last()).map(|line| (*line).to_owned())
}
