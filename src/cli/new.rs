//! `neon-contract new`.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use neon_contract::draft::{self, Asked, Draft, DraftError, Wishes};
use neon_contract::exit_code::ExitCode;
use neon_contract::report;
use neon_contract::secret::Secrets;
use neon_contract::spec::Suite;
use neon_contract::text;
use neon_contract::traffic;

use super::{SpecsArgs, block_on, complain, complain_of, init, log, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
The case contains no path parameters and no keys: a run finds or creates the resources that it needs, and sends its own key.

Examples:
  neon-contract new curl 'curl -H \"Authorization: Bearer $NEON_API_KEY\" https://console.neon.tech/api/v2/projects?limit=2'
  pbpaste | neon-contract new curl --title 'A page holds at most `limit` projects' --requirement PAGE-LIMIT
  neon-contract new har session.har              List the requests in the recording
  neon-contract new har session.har --entry 3
  neon-contract new operation createProject --print")]
pub(super) struct NewArgs {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// Create a case from a curl command
    #[command(after_help = "\
Examples:
  neon-contract new curl 'curl https://console.neon.tech/api/v2/projects?limit=2'
  pbpaste | neon-contract new curl --name projects/mine")]
    Curl {
        /// curl command between single quotes [default: read from standard input]
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Create a case from a request in a HAR file
    #[command(after_help = "\
Examples:
  neon-contract new har session.har              List the requests in the recording
  neon-contract new har session.har --entry 3")]
    Har {
        /// HAR file
        file: PathBuf,
        /// Number of the request to use [default: list the requests]
        #[arg(long, value_name = "N")]
        entry: Option<usize>,
        #[command(flatten)]
        how: How,
    },
    /// Create a case from an operation of the contract
    #[command(after_help = "\
Examples:
  neon-contract new operation createProject --print")]
    Operation {
        /// ID of the operation, such as listProjects (see `list --of operations`)
        #[arg(value_name = "OPERATION")]
        id: String,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
struct How {
    /// Title of the case: the rule that it proves, in one sentence
    #[arg(long, value_name = "SENTENCE")]
    title: Option<String>,
    /// Requirement that the case proves; may be repeated [default: the most similar one of the same operation]
    #[arg(long = "requirement", value_name = "ID")]
    requirements: Vec<String>,
    /// Name of the case and of its file below `specs/cases/`, such as `projects/names_are_kept`
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Print the case instead of writing a file
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    specs: SpecsArgs,
}

impl How {
    fn wishes(&self) -> Wishes {
        Wishes { name: self.name.clone(), title: self.title.clone(), requirements: self.requirements.clone() }
    }
}

pub(super) fn new(args: NewArgs) -> ExitCode {
    let (From::Curl { how, .. } | From::Har { how, .. } | From::Operation { how, .. }) = &args.from;
    block_on(async {
        let suite = match how.specs.load().await {
            Ok(suite) => suite,
            Err(code) => return code,
        };
        let secrets = Secrets::default();
        let draft = match &args.from {
            From::Curl { command, how } => of_curl(command.as_deref(), &suite, how, &secrets),
            From::Operation { id, how } => draft::of_operation(id, &suite, &how.wishes()).map_err(wrong),
            From::Har { file, entry, how } => {
                let recording = match traffic::read(file, &suite, &secrets) {
                    Ok(recording) => recording,
                    Err(error) => {
                        complain(&error.to_string());
                        return ExitCode::Usage;
                    }
                };
                let asked = Asked::all_of(&recording);
                let Some(number) = entry else {
                    tell(&text::lines(&secrets.mask(&named(&asked, &suite))));
                    return ExitCode::Conformant;
                };
                let Some(asked) = number.checked_sub(1).and_then(|place| asked.get(place)) else {
                    complain(&format!(
                        "there is no request {number}: the file contains {} requests to the API",
                        asked.len()
                    ));
                    return ExitCode::Usage;
                };
                draft::of_request(asked, &suite, &how.wishes(), &secrets).map_err(wrong)
            }
        };
        match draft {
            Ok(draft) => keep(&draft, how, &secrets),
            Err(code) => code,
        }
    })
}

fn of_curl(command: Option<&str>, suite: &Suite, how: &How, secrets: &Secrets) -> Result<Draft, ExitCode> {
    let usage = |message: String| {
        complain(&message);
        ExitCode::Usage
    };
    let line = match command.filter(|command| *command != "-") {
        Some(command) => command.to_owned(),
        None if std::io::stdin().is_terminal() => {
            return Err(usage("pass a curl command between single quotes, or pipe one in".to_owned()));
        }
        None => {
            let mut line = String::new();
            std::io::stdin()
                .read_to_string(&mut line)
                .map_err(|error| usage(format!("standard input: {error}")))?;
            line
        }
    };
    let (asked, own) = draft::curl(&line).map_err(|error| usage(error.to_string()))?;
    // They must not get into the file by another way.
    own.iter().filter(|secret| !secret.contains('$')).for_each(|secret| secrets.add(secret));
    draft::of_request(&asked, suite, &how.wishes(), secrets).map_err(wrong)
}

/// The requests of a recording, by number.
fn named(asked: &[Asked], suite: &Suite) -> String {
    let mut out = String::new();
    for (place, asked) in asked.iter().enumerate() {
        let path = asked.target.split('?').next().unwrap_or_default();
        let operation =
            suite.operation_at(&asked.method, path).map_or("", |(operation, _)| operation.id.0.as_str());
        let status = asked.status.map(|status| status.to_string()).unwrap_or_default();
        let _ =
            writeln!(out, "{:>5}  {status:<3} {:<6} {}  {operation}", place + 1, asked.method, asked.target);
    }
    out
}

fn wrong(error: DraftError) -> ExitCode {
    match error {
        DraftError::Case(mistakes) => complain_of(&mistakes, "the case"),
        error => complain(&error.to_string()),
    }
    ExitCode::Usage
}

/// Writes a case to its file, or prints it.
fn keep(draft: &Draft, how: &How, secrets: &Secrets) -> ExitCode {
    if how.print {
        tell(&secrets.mask(&draft.text));
        return ExitCode::Conformant;
    }
    let home = how.specs.home();
    if home.folder().is_none()
        && let Err(code) = init::suite(home.own_folder())
    {
        return code;
    }
    let path = home.own_folder().join("cases").join(format!("{}.yaml", draft.name));
    if path.exists() {
        complain(&format!("{} already exists; choose another name with --name", path.display()));
        return ExitCode::Usage;
    }
    if let Err(error) = report::write(&path, &draft.text, secrets) {
        complain(&error.to_string());
        return ExitCode::Usage;
    }
    tell(&format!("{}\n", path.display()));
    log(&format!(
        "created a case of {}; state in its title the rule that it proves, then run: neon-contract run {}",
        draft.calls, draft.name
    ));
    if !draft.to_fill_in.is_empty() {
        log(&format!("fill in the query parameters: {}", draft.to_fill_in.join(", ")));
    }
    if !draft.headers_left_out.is_empty() {
        log(&format!(
            "omitted the header {}, because a case sends the key of its run (see `credential:`)",
            draft.headers_left_out.join(", ")
        ));
    }
    if !draft.left_out.is_empty() {
        log(&format!(
            "omitted {}, because a run finds or creates the resources that it needs",
            draft.left_out.join(", ")
        ));
    }
    ExitCode::Conformant
}
