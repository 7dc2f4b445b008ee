//! The `--help` of every command, as it is printed on a terminal of 100 columns: `tests/snapshots/help/COMMAND.snap`.
//!
//! After a change of the command line: `INSTA_UPDATE=always cargo test --test help`, and read the diff.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/help")
}

/// The long help of a command, independent of the environment and of the terminal.
fn help(command: &[String]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    program.args(command).arg("--help").env_clear().env("COLUMNS", "100");
    // Windows programs do not start without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        program.env("SystemRoot", root);
    }
    let output = program.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("help is UTF-8");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The names under `Commands:` in a help text.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.split("\nCommands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let lines = listed.unwrap_or_default().lines();
    // A name stands two columns in; what is deeper continues a description.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
    let names = names.filter_map(|rest| rest.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Every command with its help, the program itself first.
fn commands() -> Vec<(Vec<String>, String)> {
    let mut found = vec![(Vec::new(), help(&[]))];
    let mut next = 0;
    while let Some((command, text)) = found.get(next).cloned() {
        for name in subcommands(&text) {
            let command: Vec<String> = command.iter().cloned().chain([name]).collect();
            let text = help(&command);
            found.push((command, text));
        }
        next += 1;
    }
    found
}

fn snapshot_name(command: &[String]) -> String {
    if command.is_empty() { "neon-contract".to_owned() } else { command.join("-") }
}

#[test]
fn the_help_of_every_command_is_as_reviewed() {
    let commands = commands();
    assert!(commands.len() > 20, "only {} commands were found", commands.len());
    insta::with_settings!({ snapshot_path => folder(), prepend_module_to_snapshot => false, omit_expression => true }, {
        for (command, text) in &commands {
            insta::assert_snapshot!(snapshot_name(command), text);
        }
    });
}

#[test]
fn every_snapshot_belongs_to_a_command() {
    let names: Vec<String> = commands().iter().map(|(command, _)| snapshot_name(command)).collect();
    let files = std::fs::read_dir(folder()).expect("the snapshots can be listed");
    for file in files.map(|file| file.expect("the entry can be read").path()) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_snapshot = file.extension().is_some_and(|extension| extension == "snap");
        assert!(!is_snapshot || names.contains(&name), "no command has the help in {}", file.display());
    }
}

#[test]
fn every_help_text_shows_examples() {
    for (command, text) in commands() {
        let has_subcommands = !subcommands(&text).is_empty();
        assert!(has_subcommands || text.contains("\nExamples:\n"), "{command:?} has no examples");
    }
}
