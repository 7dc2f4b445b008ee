//! Makes the roles and databases of a server those that the API says there are.
//!
//! What came from the API is noted down in the data, so that what people make with SQL stays theirs, and a copy of the data knows
//! what it has.

use std::collections::HashMap;
use std::path::Path;

use postgres_protocol::escape::{escape_identifier, escape_literal};
use postgres_protocol::password::scram_sha_256;
use secrecy::ExposeSecret as _;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::cluster::{Clusters, SUPERUSER};
use super::directory::{Database, Role, Wanted};

/// The group of all roles of the API.
const GROUP: &str = "neon_superuser";

const ROLE: &str = "role";
const DATABASE: &str = "database";

/// What the API has made there.
#[derive(Debug, Default)]
struct Applied {
    /// The names of roles, with their versions.
    roles: HashMap<String, String>,
    /// The ids of databases, with their names and owners.
    databases: HashMap<String, (String, String)>,
}

/// A server that is brought to what is wanted.
struct Work<'a> {
    clusters: &'a Clusters,
    socket: &'a Path,
    client: Client,
}

type Done = Result<(), tokio_postgres::Error>;

/// Brings a server to what is wanted. What fails does not keep the rest from being done; the first failure is returned.
pub(super) async fn reconcile(clusters: &Clusters, socket: &Path, wanted: &Wanted) -> Result<(), String> {
    let client = clusters.connect(socket, "postgres").await.map_err(|error| told(&error))?;
    let work = Work { clusters, socket, client };
    let applied = work.applied().await.map_err(|error| told(&error))?;
    let mut failures: Vec<String> = Vec::new();
    let mut note = |what: &str, name: &str, done: Done| {
        if let Err(error) = done {
            failures.push(format!("{what} {name}: {}", told(&error)));
        }
    };
    for role in &wanted.roles {
        if applied.roles.get(&role.name) != Some(&role.version) {
            note(ROLE, &role.name, work.make_role(role).await);
        }
    }
    let ids: Vec<String> = wanted.databases.iter().map(|database| database.id.to_string()).collect();
    for (id, (name, _)) in applied.databases.iter().filter(|(id, _)| !ids.contains(id)) {
        note(DATABASE, name, work.drop_database(id, name).await);
    }
    note(DATABASE, "names", work.rename(wanted, &applied).await);
    for database in &wanted.databases {
        let known = applied.databases.get(&database.id.to_string());
        if known.is_none_or(|(_, owner)| *owner != database.owner) {
            note(DATABASE, &database.name, work.make_database(database).await);
        }
    }
    let heir = wanted.databases.first().map_or(SUPERUSER, |database| database.owner.as_str());
    let gone = |name: &&String| wanted.roles.iter().all(|role| role.name != **name);
    for name in applied.roles.keys().filter(gone) {
        note(ROLE, name, work.drop_role(name, heir).await);
    }
    failures.into_iter().next().map_or(Ok(()), Err)
}

/// The message of an error, without the statement that led to it.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => error.message().to_owned(),
        None => error.to_string(),
    }
}

impl Work<'_> {
    async fn applied(&self) -> Result<Applied, tokio_postgres::Error> {
        let rows =
            self.client.query("SELECT kind, id, name, version FROM neon_contract.applied", &[]).await?;
        let mut applied = Applied::default();
        for row in rows {
            let (kind, id): (String, String) = (row.get(0), row.get(1));
            let (name, version): (String, String) = (row.get(2), row.get(3));
            if kind == ROLE {
                applied.roles.insert(id, version);
            } else {
                applied.databases.insert(id, (name, version));
            }
        }
        Ok(applied)
    }

    async fn note(&self, kind: &str, id: &str, name: &str, version: &str) -> Done {
        let statement = "INSERT INTO neon_contract.applied VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind, id) DO UPDATE SET name = EXCLUDED.name, version = EXCLUDED.version";
        self.client.execute(statement, &[&kind, &id, &name, &version]).await.map(drop)
    }

    async fn forget(&self, kind: &str, id: &str) -> Done {
        let statement = "DELETE FROM neon_contract.applied WHERE kind = $1 AND id = $2";
        self.client.execute(statement, &[&kind, &id]).await.map(drop)
    }

    async fn exists(&self, statement: &str, name: &str) -> Result<bool, tokio_postgres::Error> {
        Ok(self.client.query_opt(statement, &[&name]).await?.is_some())
    }

    /// A role with its password, which the server gets as SCRAM keeps it: the password itself is in no statement.
    async fn make_role(&self, role: &Role) -> Done {
        let name = escape_identifier(&role.name);
        let verb = if self.exists("SELECT 1 FROM pg_roles WHERE rolname = $1", &role.name).await? {
            "ALTER"
        } else {
            "CREATE"
        };
        let login = match &role.password {
            Some(password) => {
                let verifier = scram_sha_256(password.expose_secret().as_bytes());
                format!("LOGIN PASSWORD {}", escape_literal(&verifier))
            }
            None => "NOLOGIN".to_owned(),
        };
        let statements =
            format!("{verb} ROLE {name} {login} CREATEDB CREATEROLE BYPASSRLS; GRANT {GROUP} TO {name}");
        self.client.batch_execute(&statements).await?;
        self.note(ROLE, &role.name, &role.name, &role.version).await
    }

    async fn make_database(&self, database: &Database) -> Done {
        let (name, owner) = (escape_identifier(&database.name), escape_identifier(&database.owner));
        let statement = if self.exists("SELECT 1 FROM pg_database WHERE datname = $1", &database.name).await?
        {
            format!("ALTER DATABASE {name} OWNER TO {owner}")
        } else {
            format!("CREATE DATABASE {name} OWNER {owner}")
        };
        self.client.batch_execute(&statement).await?;
        self.note(DATABASE, &database.id.to_string(), &database.name, &database.owner).await
    }

    async fn drop_database(&self, id: &str, name: &str) -> Done {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", escape_identifier(name));
        self.client.batch_execute(&statement).await?;
        self.forget(DATABASE, id).await
    }

    /// Gives databases their new names; two may change places.
    async fn rename(&self, wanted: &Wanted, applied: &Applied) -> Done {
        let renamed: Vec<(&Database, String, &String)> = (wanted.databases.iter())
            .filter_map(|database| {
                let id = database.id.to_string();
                let (name, owner) = applied.databases.get(&id)?;
                (*name != database.name).then(|| (database, name.clone(), owner))
            })
            .collect();
        let place = |database: &Database| format!("neon_contract_{}", database.id);
        for (database, name, _) in &renamed {
            self.move_database(name, &place(database)).await?;
        }
        for (database, _, owner) in &renamed {
            self.move_database(&place(database), &database.name).await?;
            self.note(DATABASE, &database.id.to_string(), &database.name, owner).await?;
        }
        Ok(())
    }

    /// A database has no sessions while it gets a name.
    async fn move_database(&self, from: &str, to: &str) -> Done {
        let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
        self.client.execute(end, &[&from]).await?;
        let (from, to) = (escape_identifier(from), escape_identifier(to));
        self.client.batch_execute(&format!("ALTER DATABASE {from} RENAME TO {to}")).await
    }

    /// A role goes with its sessions; what it owns goes to another one.
    async fn drop_role(&self, name: &str, heir: &str) -> Done {
        if self.exists("SELECT 1 FROM pg_roles WHERE rolname = $1", name).await? {
            let role = escape_identifier(name);
            self.client.batch_execute(&format!("ALTER ROLE {role} NOLOGIN")).await?;
            let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1";
            self.client.execute(end, &[&name]).await?;
            let give =
                format!("REASSIGN OWNED BY {role} TO {}; DROP OWNED BY {role}", escape_identifier(heir));
            let databases = "SELECT datname FROM pg_database WHERE datallowconn";
            for row in self.client.query(databases, &[]).await? {
                let database: String = row.get(0);
                match self.clusters.connect(self.socket, &database).await {
                    Ok(client) => client.batch_execute(&give).await?,
                    // Somebody has dropped it meanwhile.
                    Err(error) if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) => {}
                    Err(error) => return Err(error),
                }
            }
            self.client.batch_execute(&format!("DROP ROLE {role}")).await?;
        }
        self.forget(ROLE, name).await
    }
}
