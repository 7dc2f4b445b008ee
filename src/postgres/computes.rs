//! Which data there are, and which servers run: each is started by the first connection that needs it, so many at once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio_util::sync::CancellationToken;

use super::cluster::{Clusters, Running, remove};
use super::directory::{Activity, Directory, Endpoint, Holding, Wanted};
use super::failure::Failure;
use super::reconcile::reconcile;

/// How long a connection waits for another server to become idle.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks at servers that may have become idle.
const LOOK: Duration = Duration::from_millis(50);

/// The data of all branches and snapshots.
#[derive(Debug)]
pub(super) struct Computes {
    clusters: Clusters,
    directory: Weak<dyn Directory>,
    holders: Mutex<HashMap<String, Arc<Holder>>>,
    slots: Arc<Semaphore>,
    most: usize,
    /// Counts data directories: none has the name that another had.
    directories: AtomicU64,
}

/// The data under one name.
#[derive(Debug)]
struct Holder {
    name: String,
    data: AsyncMutex<Data>,
    used: Mutex<Used>,
}

/// By how many sessions it is used, and when that last changed.
#[derive(Debug)]
struct Used {
    sessions: usize,
    last: Instant,
}

#[derive(Debug, Default)]
struct Data {
    /// None, where nothing was needed yet.
    directory: Option<PathBuf>,
    served: Option<Served>,
    /// The name means other data by now, or none.
    is_gone: bool,
}

/// Data that a server has open.
#[derive(Debug)]
struct Served {
    running: Running,
    _slot: OwnedSemaphorePermit,
    /// The endpoints that are up, with what ends their sessions.
    endpoints: HashMap<String, CancellationToken>,
    applied: Option<Wanted>,
}

/// The use of a server for one session.
#[derive(Debug)]
pub(super) struct Lease {
    /// Where the server's socket is.
    pub(super) socket: PathBuf,
    /// The session is to end.
    pub(super) end: CancellationToken,
    holder: Arc<Holder>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.holder.count(|sessions| sessions - 1);
    }
}

impl Holder {
    fn count(&self, change: impl FnOnce(usize) -> usize) {
        let mut used = crate::sync::lock(&self.used);
        *used = Used { sessions: change(used.sessions), last: Instant::now() };
    }

    /// For how long nobody has used it; `None` where somebody does.
    fn idle_for(&self) -> Option<Duration> {
        let used = crate::sync::lock(&self.used);
        (used.sessions == 0).then(|| used.last.elapsed())
    }
}

impl Computes {
    /// With the data that an earlier run has kept.
    pub(super) fn new(
        clusters: Clusters,
        directory: Weak<dyn Directory>,
        most: usize,
    ) -> std::io::Result<Self> {
        let mut kept: HashMap<String, (u64, PathBuf)> = HashMap::new();
        let mut last = 0;
        for entry in std::fs::read_dir(clusters.folder.data("branches"))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let number = name.rsplit_once('.').and_then(|(name, number)| Some((name, number.parse().ok()?)));
            let Some((name, number)) = number else {
                // A copy that was not finished.
                remove(&path)?;
                continue;
            };
            last = last.max(number);
            let older = match kept.get(name) {
                Some((other, _)) if *other > number => Some(path),
                _ => kept.insert(name.to_owned(), (number, path)).map(|(_, path)| path),
            };
            older.map_or(Ok(()), |path| remove(&path))?;
        }
        let holders = kept.into_iter().map(|(name, (_, path))| (name.clone(), holder(name, Some(path))));
        Ok(Self {
            holders: Mutex::new(holders.collect()),
            clusters,
            directory,
            slots: Arc::new(Semaphore::new(most)),
            most,
            directories: AtomicU64::new(last + 1),
        })
    }

    fn directory(&self) -> Result<Arc<dyn Directory>, Failure> {
        self.directory.upgrade().ok_or_else(Failure::stopping)
    }

    fn holder(&self, name: &str) -> Arc<Holder> {
        let mut holders = crate::sync::lock(&self.holders);
        holders.entry(name.to_owned()).or_insert_with(|| holder(name.to_owned(), None)).clone()
    }

    fn known(&self, name: &str) -> Option<Arc<Holder>> {
        crate::sync::lock(&self.holders).get(name).cloned()
    }

    fn all(&self) -> Vec<Arc<Holder>> {
        crate::sync::lock(&self.holders).values().cloned().collect()
    }

    /// Where data of this name will be.
    fn new_directory(&self, name: &str) -> Result<PathBuf, Failure> {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if name.is_empty() || !name.bytes().all(is_safe) {
            return Err(Failure::internal("the branch has an id that no directory can have"));
        }
        let number = self.directories.fetch_add(1, Ordering::SeqCst);
        Ok(self.clusters.folder.data("branches").join(format!("{name}.{number}")))
    }

    // --- sessions ---

    /// Lets a session use the server of an endpoint, which is started where it is down.
    pub(super) async fn open(&self, endpoint: &Endpoint) -> Result<Lease, Failure> {
        loop {
            let holder = self.holder(&endpoint.branch);
            let mut data = holder.data.lock().await;
            if data.is_gone {
                continue;
            }
            // What it was may have changed while others had the data.
            let now = self.directory()?.endpoint(&endpoint.id);
            let endpoint =
                now.filter(|now| now.branch == endpoint.branch).ok_or_else(Failure::no_endpoint)?;
            if endpoint.is_disabled {
                return Err(Failure::disabled(&endpoint.id));
            }
            self.bring_up(&holder, &mut data).await?;
            let served = data.served.as_mut().ok_or_else(Failure::stopping)?;
            if !served.endpoints.contains_key(&endpoint.id) {
                self.directory()?.note(&endpoint.id, Activity::Active);
            }
            let token = served.endpoints.entry(endpoint.id).or_default();
            holder.count(|sessions| sessions + 1);
            let (socket, end) = (served.running.socket.clone(), token.child_token());
            return Ok(Lease { socket, end, holder: holder.clone() });
        }
    }

    /// The statements that make the schema of a database, which needs no endpoint.
    pub(super) async fn schema(&self, branch: &str, database: &str) -> Result<String, Failure> {
        let holder = self.holder(branch);
        let mut data = holder.data.lock().await;
        if data.is_gone {
            return Err(Failure::no_endpoint());
        }
        self.bring_up(&holder, &mut data).await?;
        let served = data.served.as_ref().ok_or_else(Failure::stopping)?;
        let dumped = self.clusters.schema(&served.running, database).await;
        dumped.map_err(|error| Failure::internal(&error))
    }

    /// The sockets of all servers that run.
    pub(super) async fn sockets(&self) -> Vec<PathBuf> {
        let mut sockets = Vec::new();
        for holder in self.all() {
            let data = holder.data.lock().await;
            sockets.extend(data.served.as_ref().map(|served| served.running.socket.clone()));
        }
        sockets
    }

    async fn bring_up(&self, holder: &Holder, data: &mut Data) -> Result<(), Failure> {
        self.look_after(holder, data).await;
        if data.served.is_some() {
            return Ok(());
        }
        let directory = self.directory()?;
        let names = [holder.name.clone()];
        let Some(Holding::Branch(wanted)) = directory.holdings(&names).remove(&holder.name) else {
            return Err(Failure::no_endpoint());
        };
        let slot = self.slot().await?;
        let path = if let Some(path) = &data.directory {
            path.clone()
        } else {
            let path = self.new_directory(&holder.name)?;
            let part = path.with_extension("part");
            self.clusters.create(&part).await.map_err(|error| Failure::internal(&error))?;
            std::fs::rename(part, &path).map_err(|error| Failure::internal(&error))?;
            data.directory.insert(path).clone()
        };
        let running = self.clusters.start(&path).await.map_err(|error| Failure::internal(&error))?;
        let applied = match reconcile(&self.clusters, &running.socket, &wanted).await {
            Ok(()) => Some(wanted),
            Err(reason) => {
                directory.tell(&format!("{}: {reason}", holder.name));
                None
            }
        };
        data.served = Some(Served { running, _slot: slot, endpoints: HashMap::new(), applied });
        Ok(())
    }

    /// A place for one more server; one that nobody uses makes room.
    async fn slot(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let asked = Instant::now();
        loop {
            match self.slots.clone().try_acquire_owned() {
                Ok(slot) => return Ok(slot),
                Err(TryAcquireError::Closed) => return Err(Failure::stopping()),
                Err(TryAcquireError::NoPermits) => {}
            }
            if !self.stop_the_idlest().await {
                if asked.elapsed() > PATIENCE {
                    return Err(Failure::busy(self.most));
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    async fn stop_the_idlest(&self) -> bool {
        let mut idle: Vec<(Duration, Arc<Holder>)> =
            self.all().into_iter().filter_map(|holder| Some((holder.idle_for()?, holder))).collect();
        idle.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        for (_, holder) in idle {
            // Who is about to use it has it locked.
            let Ok(mut data) = holder.data.try_lock() else { continue };
            if data.served.is_some() && holder.idle_for().is_some() {
                self.stop(&mut data, true).await;
                return true;
            }
        }
        false
    }

    // --- servers ---

    /// Stops the server, where one runs; its endpoints are idle then.
    async fn stop(&self, data: &mut Data, is_wanted: bool) {
        let Some(Served { running, endpoints, .. }) = data.served.take() else { return };
        running.stop(is_wanted).await;
        for (endpoint, end) in endpoints {
            end.cancel();
            if let Ok(directory) = self.directory() {
                directory.note(&endpoint, Activity::Idle);
            }
        }
    }

    /// Takes an endpoint down; with the last one, the server of the branch.
    async fn take_down(&self, data: &mut Data, endpoint: &str) {
        let Some(served) = &mut data.served else { return };
        let is_last = served.endpoints.keys().all(|other| other == endpoint);
        if is_last {
            self.stop(data, true).await;
        } else if let Some(end) = served.endpoints.remove(endpoint) {
            end.cancel();
            if let Ok(directory) = self.directory() {
                directory.note(endpoint, Activity::Idle);
            }
        }
    }

    /// Takes note of a server that has ended by itself.
    async fn look_after(&self, holder: &Holder, data: &mut Data) {
        if data.served.as_mut().is_some_and(|served| served.running.has_ended()) {
            if let Ok(directory) = self.directory() {
                directory.tell(&format!(
                    "{}: the server has ended by itself; the next connection starts it",
                    holder.name
                ));
            }
            self.stop(data, true).await;
        }
    }

    /// Takes an endpoint down.
    pub(super) async fn suspend(&self, endpoint: &str) {
        for holder in self.all() {
            let mut data = holder.data.lock().await;
            if data.served.as_ref().is_some_and(|served| served.endpoints.contains_key(endpoint)) {
                self.take_down(&mut data, endpoint).await;
            }
        }
    }

    /// Takes down what nobody has used for as long as its endpoint allows, and takes note of what has ended.
    pub(super) async fn suspend_idle(&self) {
        for holder in self.all() {
            let Ok(mut data) = holder.data.try_lock() else { continue };
            self.look_after(&holder, &mut data).await;
            let (Some(served), Some(idle), Ok(directory)) =
                (&data.served, holder.idle_for(), self.directory())
            else {
                continue;
            };
            let is_due = |id: &String| {
                let after = directory.endpoint(id).and_then(|endpoint| endpoint.suspend_after);
                after.is_some_and(|after| idle >= after)
            };
            if idle >= Duration::from_secs(1) && served.endpoints.keys().all(is_due) {
                self.stop(&mut data, true).await;
            }
        }
    }

    // --- data ---

    /// Puts a copy of one's data in the place of another's. Where the one has none yet, the other has none either.
    pub(super) async fn copy(&self, from: &str, to: &str) -> Result<(), Failure> {
        let path = self.new_directory(to)?;
        let part = path.with_extension("part");
        let is_made = match self.known(from) {
            Some(holder) => {
                let mut data = holder.data.lock().await;
                self.look_after(&holder, &mut data).await;
                match (&data.served, &data.directory) {
                    (Some(served), _) => self.clusters.back_up(&served.running, &part).await.map(|()| true),
                    (None, Some(directory)) => self.clusters.copy(directory, &part).await.map(|()| true),
                    (None, None) => Ok(false),
                }
            }
            None => Ok(false),
        };
        let is_made =
            is_made.map_err(|error| Failure::internal(&format!("the data cannot be copied: {error}")))?;
        if !is_made && self.known(to).is_none() {
            return Ok(());
        }
        let target = self.holder(to);
        let mut data = target.data.lock().await;
        self.stop(&mut data, false).await;
        if is_made {
            std::fs::rename(&part, &path).map_err(|error| Failure::internal(&error))?;
        }
        let old = std::mem::replace(&mut data.directory, is_made.then_some(path));
        self.discard(old).await;
        Ok(())
    }

    /// Removes data that nobody can reach any more.
    async fn discard(&self, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        // What cannot be removed goes with the folder, or at the next start.
        let _ = tokio::task::spawn_blocking(move || remove(&path)).await;
    }

    async fn drop_data(&self, holder: &Holder) {
        let mut data = holder.data.lock().await;
        data.is_gone = true;
        self.stop(&mut data, false).await;
        let path = data.directory.take();
        self.discard(path).await;
    }

    /// Makes all that there is what it is to be. Returns the first failure.
    pub(super) async fn settle(&self) -> Result<(), Failure> {
        let holders = self.all();
        if holders.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = holders.iter().map(|holder| holder.name.clone()).collect();
        let mut holdings = self.directory()?.holdings(&names);
        let mut outcome = Ok(());
        for holder in holders {
            match holdings.remove(&holder.name) {
                None => {
                    crate::sync::lock(&self.holders).remove(&holder.name);
                    self.drop_data(&holder).await;
                }
                Some(Holding::Kept) => {
                    let mut data = holder.data.lock().await;
                    self.stop(&mut data, true).await;
                }
                Some(Holding::Branch(wanted)) => {
                    let settled = self.settle_branch(&holder, wanted).await;
                    outcome = outcome.and(settled);
                }
            }
        }
        outcome
    }

    async fn settle_branch(&self, holder: &Holder, wanted: Wanted) -> Result<(), Failure> {
        let mut data = holder.data.lock().await;
        let Some(served) = &data.served else { return Ok(()) };
        let directory = self.directory()?;
        let is_down = |id: &&String| {
            let endpoint = directory.endpoint(id);
            endpoint.is_none_or(|endpoint| endpoint.is_disabled || endpoint.branch != holder.name)
        };
        let down: Vec<String> = served.endpoints.keys().filter(is_down).cloned().collect();
        for endpoint in down {
            self.take_down(&mut data, &endpoint).await;
        }
        let Some(served) = &mut data.served else { return Ok(()) };
        if served.applied.as_ref() == Some(&wanted) {
            return Ok(());
        }
        served.applied = None;
        let done = reconcile(&self.clusters, &served.running.socket, &wanted).await;
        done.map_err(|reason| Failure::of_the_request(&reason))?;
        served.applied = Some(wanted);
        Ok(())
    }

    /// Nothing is there any more.
    pub(super) fn forget(self: Arc<Self>) -> impl Future<Output = ()> + Send {
        // At once: names may mean something else from now on.
        let holders = std::mem::take(&mut *crate::sync::lock(&self.holders));
        async move {
            for holder in holders.into_values() {
                self.drop_data(&holder).await;
            }
        }
    }

    /// Stops all servers.
    pub(super) async fn shut_down(&self) {
        self.slots.close();
        let is_wanted = !self.clusters.folder.is_temporary();
        let stopped = self.all().into_iter().map(|holder| async move {
            let mut data = holder.data.lock().await;
            self.stop(&mut data, is_wanted).await;
        });
        futures::future::join_all(stopped).await;
    }
}

fn holder(name: String, directory: Option<PathBuf>) -> Arc<Holder> {
    let data = AsyncMutex::new(Data { directory, ..Data::default() });
    Arc::new(Holder { name, data, used: Mutex::new(Used { sessions: 0, last: Instant::now() }) })
}
