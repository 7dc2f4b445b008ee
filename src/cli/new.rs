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
Path parameters are left out of the case: a run finds or makes what they name. Keys are left out as well.

Examples:
  neon-contract new curl 'curl -H \"Authorization: Bearer $NEON_API_KEY\" https://console.neon.tech/api/v2/projects?limit=2'
  pbpaste | neon-contract new curl --title 'A page has as many projects as were asked for' --requirement PAGE-LIMIT
  neon-contract new har session.har                 names the requests in it
  neon-contract new har session.har --entry 3
  neon-contract new operation createProject --print")]
pub(super) struct NewArgs {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// From a curl command
    Curl {
        /// The command, between single quotes; read from standard input, where it is left out
        command: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// From what a HAR file has recorded
    Har {
        /// The HAR file
        file: PathBuf,
        /// The request in it, by its number; without this they are named
        #[arg(long, value_name = "N")]
        entry: Option<usize>,
        #[command(flatten)]
        how: How,
    },
    /// From an operation of the contract
    Operation {
        /// Its id, such as listProjects
        id: String,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
struct How {
    /// The rule that the case proves, in one sentence
    #[arg(long, value_name = "SENTENCE")]
    title: Option<String>,
    /// A requirement that it proves [default: the one of the same operation that is most alike] (may be repeated)
    #[arg(long = "requirement", value_name = "ID")]
    requirements: Vec<String>,
    /// Its name, and its file below `specs/cases/`: `projects/names_are_kept`
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Print it, and write no file
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
                        "there is no request {number}: the file has {} to the API",
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
            return Err(usage("give a curl command between single quotes, or pipe one in".to_owned()));
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
        DraftError::Case(mistakes) => complain_of(&mistakes),
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
        complain(&format!("{} is there already: give the case another name with --name", path.display()));
        return ExitCode::Usage;
    }
    if let Err(error) = report::write(&path, &draft.text, secrets) {
        complain(&error.to_string());
        return ExitCode::Usage;
    }
    tell(&format!("{}\n", path.display()));
    log(&format!(
        "a case of {}; say in its title what it proves, then: neon-contract run {}",
        draft.calls, draft.name
    ));
    if !draft.to_fill_in.is_empty() {
        log(&format!("fill in what its query asks for: {}", draft.to_fill_in.join(", ")));
    }
    if !draft.headers_left_out.is_empty() {
        log(&format!(
            "left out, as a case sends the key of its run (`credential:`): the header {}",
            draft.headers_left_out.join(", ")
        ));
    }
    if !draft.left_out.is_empty() {
        log(&format!("{} left out: a run finds or makes what it needs", draft.left_out.join(", ")));
    }
    ExitCode::Conformant
}
