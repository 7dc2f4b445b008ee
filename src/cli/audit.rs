//! `neon-contract audit`.

use std::str::FromStr;

use clap::Args;
use neon_contract::audit::{self, Audit, Options, Share};
use neon_contract::exit_code::ExitCode;
use neon_contract::mock::{Fault, Severity};
use neon_contract::plan::{Generation, Selection};
use neon_contract::report;
use neon_contract::spec::closest;
use neon_contract::target::Embedded;

use super::progress::progress;
use super::{SpecsArgs, block_on, complain, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
The mock can break one rule at a time (see `list --of faults`). An audit runs the suite against the mock once per fault. \
A fault is killed if a trial fails; it survives if every trial passes, and then no case guards the rule it breaks. \
Snapshots are ignored. A trial that sends no request that a fault affects is not run with it.

Exit codes:
  0  All --require conditions are met
  1  A --require condition is not met
  2  The audit cannot start, or the suite does not pass without faults

Examples:
  neon-contract audit
  neon-contract audit --fast --require 95% --require critical=100% --require major=100%
  neon-contract audit --require needed
  neon-contract audit revoked-key page-
  neon-contract audit --json | jq '.faults[] | select(.killed | not).fault'")]
pub(super) struct AuditArgs {
    /// Audit faults whose name contains this text; repeat to audit more [default: all faults]
    #[arg(value_name = "FAULT")]
    faults: Vec<String>,
    #[command(flatten)]
    specs: SpecsArgs,
    /// Stop running a case against a fault once it has detected it
    #[arg(long)]
    fast: bool,
    /// Require a share of detected faults (95%, critical=100%), or that each case and, without --fast, each check is needed to detect one (`needed`); may be repeated
    #[arg(long, value_name = "[SEVERITY=]PERCENT|needed")]
    require: Vec<Demand>,
    /// Add up to N trials with generated requests that violate the contract
    #[arg(long, value_name = "N", default_value_t = Generation::DEFAULT)]
    generate: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Only print surviving faults and the score
    #[arg(long, short)]
    quiet: bool,
}

/// What an audit must show.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Demand {
    /// So much must be noticed, of all faults or of those of one severity.
    Noticed { severity: Option<Severity>, percent: f64 },
    /// Something would be missed without each case and check, or it says why it is there.
    Needed,
}

impl FromStr for Demand {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "needed" {
            return Ok(Self::Needed);
        }
        let (severity, percent) = match text.split_once('=') {
            Some((word, percent)) => {
                let known = [Severity::Critical, Severity::Major, Severity::Minor];
                let severity = known.into_iter().find(|severity| severity.word() == word);
                let severity = severity
                    .ok_or_else(|| format!("`{word}` is not a severity; use critical, major or minor"))?;
                (Some(severity), percent)
            }
            None => (None, text),
        };
        let number = percent
            .strip_suffix('%')
            .unwrap_or(percent)
            .parse()
            .ok()
            .filter(|number| (0.0..=100.0).contains(number));
        let percent = number.ok_or_else(|| {
            format!("`{text}` is neither `needed` nor a percentage from 0 to 100, such as 95%")
        })?;
        Ok(Self::Noticed { severity, percent })
    }
}

impl Demand {
    /// Why these faults cannot show whether it is met; `None` where they can.
    fn out_of_reach(self, faults: &[Fault]) -> Option<String> {
        match self {
            Self::Noticed { severity: Some(severity), .. }
                if faults.iter().all(|fault| fault.severity() != severity) =>
            {
                Some(format!("no {} fault is selected", severity.word()))
            }
            Self::Needed if faults.len() < Fault::all().count() => {
                Some("--require needed requires all faults; remove the fault names".to_owned())
            }
            _ => None,
        }
    }

    /// Why it is not met; `None` where it is.
    fn unmet(self, audit: &Audit) -> Option<String> {
        match self {
            Self::Noticed { severity, percent } => too_little(audit, severity, percent),
            Self::Needed => spare(audit),
        }
    }
}

fn spare(audit: &Audit) -> Option<String> {
    let score = audit.score();
    // Some trials of a case do not show all checks that would notice.
    let checks = score.checks.iter().filter(|check| !audit.is_fast && check.is_spare());
    let cases = score.cases.iter().filter(|case| case.is_spare());
    let checks = checks.map(|check| format!("the check {}", check.id));
    let spare: Vec<String> = checks.chain(cases.map(|case| case.name.clone())).collect();
    (!spare.is_empty()).then(|| {
        let names = spare.join(", ");
        format!("not needed to detect any fault: {names}; a case can state why it is kept (`kept_because`)")
    })
}

fn too_little(audit: &Audit, severity: Option<Severity>, percent: f64) -> Option<String> {
    let score = audit.score();
    let (what, share) = match severity {
        None => ("faults".to_owned(), score.all),
        Some(severity) => {
            let share = score.severities.get(&std::cmp::Reverse(severity)).copied().unwrap_or_default();
            (format!("{} faults", severity.word()), share)
        }
    };
    let Share { killed, of } = share;
    let is_met = share.percent() >= percent;
    (!is_met).then(|| format!("{killed} of {of} {what} are detected, but {percent}% are required"))
}

pub(super) fn audit(args: AuditArgs) -> ExitCode {
    block_on(conduct(args))
}

/// The faults with any of these in their names; all, where there are none.
fn chosen(filters: &[String]) -> Result<Vec<Fault>, String> {
    if filters.iter().any(String::is_empty) {
        return Err("the name of a fault must not be empty; omit it to audit all faults".to_owned());
    }
    let has = |fault: &Fault, filter: &String| fault.id().contains(filter.as_str());
    if let Some(idle) = filters.iter().find(|filter| !Fault::all().any(|fault| has(&fault, filter))) {
        let known: Vec<&str> = Fault::all().map(Fault::id).collect();
        return Err(match closest(idle, &known) {
            Some(near) => format!("no fault name contains `{idle}`; did you mean `{near}`?"),
            None => {
                format!("no fault name contains `{idle}`; run `neon-contract list --of faults` for a list")
            }
        });
    }
    Ok(Fault::all()
        .filter(|fault| filters.is_empty() || filters.iter().any(|filter| has(fault, filter)))
        .collect())
}

async fn conduct(args: AuditArgs) -> ExitCode {
    let suite = match args.specs.load().await {
        Ok(suite) => std::sync::Arc::new(suite),
        Err(code) => return code,
    };
    let faults = match chosen(&args.faults) {
        Ok(faults) => faults,
        Err(message) => {
            complain(&message);
            return ExitCode::Usage;
        }
    };
    if let Some(reason) = args.require.iter().find_map(|demand| demand.out_of_reach(&faults)) {
        complain(&reason);
        return ExitCode::Usage;
    }
    let absent = Embedded::lacking().into_keys().collect();
    let generation = Generation { at_most: args.generate, absent, ..Generation::default() };
    let options =
        Options { selection: Selection { generation, ..Selection::default() }, is_fast: args.fast, faults };
    let bar = progress(options.faults.len(), "faults");
    let is_told = !(args.json || args.quiet);
    let audited = audit::audit(&suite, &options, |verdict| {
        bar.inc(1);
        if is_told && (bar.is_hidden() || !verdict.is_killed()) {
            bar.suspend(|| tell(&report::verdict_line(verdict)));
        }
    })
    .await;
    bar.finish_and_clear();
    let audited = match audited {
        Ok(audited) => audited,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::Usage;
        }
    };
    if args.json {
        tell(&format!("{:#}\n", report::audit_json(&audited)));
    } else {
        tell(&report::audit(&audited, args.quiet));
    }
    let unmet: Vec<String> = args.require.iter().filter_map(|demand| demand.unmet(&audited)).collect();
    for reason in &unmet {
        complain(reason);
    }
    if unmet.is_empty() { ExitCode::Conformant } else { ExitCode::Findings }
}

#[cfg(test)]
mod tests {
    use neon_contract::mock::Severity;
    use rstest::rstest;

    use super::Demand;

    #[rstest]
    #[case("100%", None, 100.0)]
    #[case("95", None, 95.0)]
    #[case("critical=99.5%", Some(Severity::Critical), 99.5)]
    fn a_demand_is_read(#[case] text: &str, #[case] severity: Option<Severity>, #[case] percent: f64) {
        assert_eq!(text.parse(), Ok(Demand::Noticed { severity, percent }));
    }

    #[test]
    fn so_is_that_nothing_is_spare() {
        assert_eq!("needed".parse(), Ok(Demand::Needed));
    }

    #[rstest]
    #[case("lots", "neither `needed` nor a percentage")]
    #[case("101%", "neither `needed` nor a percentage")]
    #[case("awful=1%", "not a severity")]
    fn what_is_no_demand_is_refused(#[case] text: &str, #[case] told: &str) {
        let refused = text.parse::<Demand>().expect_err("it is none");
        assert!(refused.contains(told), "{refused}");
    }
}
