//! The command, run against a server of a style.

use std::fs;
use std::process::Command;

use crate::serve::Server;
use crate::style::Style;

/// What this server does not do.
const ENDPOINT: &str = "absent: ['tag:Consumption', 'tag:Auth', 'tag:Auth (legacy)', 'tag:DataAPI', 'tag:Buckets', 'tag:Functions']\n";

/// Runs the suite there: it must find nothing.
pub(crate) fn conforms(style: &'static Style, selection: &[&str]) {
    let server = Server::start(style);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let endpoint = folder.path().join("endpoint.yaml");
    fs::write(&endpoint, ENDPOINT).expect("the file can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("NEON_") || name == "CI" || name == "INSTA_UPDATE")
    {
        command.env_remove(name);
    }
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("XDG_STATE_HOME", folder.path())
        .env("NEON_API_KEY", &server.key)
        .env("NEON_API_KEY_OTHER", &server.other_key)
        .env("NEON_REVOKED_API_KEY", &server.revoked_key)
        .args([
            "run",
            "--url",
            &server.url,
            "--allow",
            "destroys",
            "--jobs",
            "48",
            "--grace",
            "1s",
            "--quiet",
            "--endpoint",
        ])
        .arg(&endpoint)
        .args(selection)
        .output()
        .expect("the command starts");
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert_eq!(output.status.code(), Some(0), "on the style {}:\n{said}", style.name);
}
