//! The options of `neon-contract mock` for a real Postgres.

use std::path::PathBuf;

use clap::Args;
use neon_contract::mock::Mock;
use neon_contract::postgres::{Hosts, PostgresOptions};

use super::log;

const POSTGRES: &str = "Postgres";

#[derive(Debug, Args)]
pub(super) struct PostgresArgs {
    /// Serve a real Postgres at the connection URIs; it must be installed on this machine
    #[arg(long, help_heading = POSTGRES)]
    postgres: bool,
    /// Directory of the PostgreSQL programs [default: found on PATH or where Debian and Homebrew install them]
    #[arg(long, help_heading = POSTGRES, value_name = "DIR", requires = "postgres")]
    postgres_bin: Option<PathBuf>,
    /// Port of all databases on the loopback interface; 0 lets the system choose
    #[arg(long, help_heading = POSTGRES, value_name = "PORT", requires = "postgres", default_value_t = 5432)]
    postgres_port: u16,
    /// Hosts in connection URIs: localhost (the endpoint is in the options), loopback (an address per endpoint, Linux only), or a domain that resolves to this machine, such as {endpoint}.db.example
    #[arg(long, help_heading = POSTGRES, value_name = "localhost|loopback|DOMAIN", requires = "postgres", default_value_t = Hosts::Localhost)]
    postgres_host: Hosts,
    /// Keep the databases in this directory across restarts; use it with --persist
    #[arg(long, help_heading = POSTGRES, value_name = "DIR", requires_all = ["postgres", "persist"])]
    postgres_data: Option<PathBuf>,
    /// Maximum number of branches that are served at once; idle ones are stopped to make room
    #[arg(long, help_heading = POSTGRES, value_name = "N", requires = "postgres", default_value_t = 8, value_parser = computes)]
    postgres_computes: usize,
}

fn computes(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err("write a number from 1 to 1000".to_owned()),
    }
}

impl PostgresArgs {
    /// The options, where Postgres is asked for.
    pub(super) fn options(self) -> Option<PostgresOptions> {
        self.postgres.then_some(PostgresOptions {
            programs: self.postgres_bin,
            port: self.postgres_port,
            hosts: self.postgres_host,
            data: self.postgres_data,
            computes: self.postgres_computes,
        })
    }
}

/// Says where Postgres is.
pub(super) fn announce(mock: &Mock) {
    if let Some(postgres) = mock.postgres() {
        log(&format!(
            "PostgreSQL {} is at {}; verify it with the certificate in {}",
            postgres.major,
            postgres.address,
            postgres.authority.display()
        ));
    }
}
