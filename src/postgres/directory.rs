//! What Postgres asks of those who own the branches, and what they tell it.

use std::collections::HashMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

/// Who knows what endpoints and branches there are.
pub(crate) trait Directory: Send + Sync + fmt::Debug {
    /// An endpoint by its id; `None` where there is none, or more than one.
    fn endpoint(&self, id: &str) -> Option<Endpoint>;

    /// The endpoint that has a loopback address; `None` where there is none, or more than one.
    fn endpoint_at(&self, address: Ipv4Addr) -> Option<Endpoint>;

    /// What is to become of the data under these names; nothing is to be left of those that are not in the answer.
    fn holdings(&self, names: &[String]) -> HashMap<String, Holding>;

    /// An endpoint has come up or gone down.
    fn note(&self, endpoint: &str, activity: Activity);

    /// Something that a person may want to know.
    fn tell(&self, message: &str);
}

/// An endpoint that can be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    /// The name of its data.
    pub(crate) branch: String,
    pub(crate) is_disabled: bool,
    pub(crate) is_read_only: bool,
    /// After how long without a session it goes down; never, where there is none.
    pub(crate) suspend_after: Option<Duration>,
}

/// What an endpoint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Its server runs.
    Active,
    /// It does not.
    Idle,
}

/// What is to become of data.
#[derive(Debug, Clone)]
pub(crate) enum Holding {
    /// A branch, with what the API says is on it.
    Branch(Wanted),
    /// Nobody connects to it, but it may be wanted again.
    Kept,
}

/// The roles and databases that the API says there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    pub(crate) roles: Vec<Role>,
    pub(crate) databases: Vec<Database>,
}

/// A role of the API.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) name: String,
    /// None, where it cannot log in.
    pub(crate) password: Option<SecretString>,
    /// Another one where the password is another one.
    pub(crate) version: String,
}

/// A database of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Database {
    /// Stays when it is renamed.
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) owner: String,
}

/// What the API has done that is not seen from what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Data were copied, in place of what was there.
    Copy { from: String, to: String },
    /// An endpoint is to come up.
    Start(String),
    /// An endpoint is to go down.
    Suspend(String),
}

impl PartialEq for Role {
    fn eq(&self, other: &Self) -> bool {
        let secret = |role: &Self| role.password.as_ref().map(|password| password.expose_secret().to_owned());
        self.name == other.name && self.version == other.version && secret(self) == secret(other)
    }
}

impl Eq for Role {}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role").field("name", &self.name).finish_non_exhaustive()
    }
}
