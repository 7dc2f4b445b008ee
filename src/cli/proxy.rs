//! `neon-contract proxy`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use neon_contract::exit_code::ExitCode;
use neon_contract::result::{Context, RunResult};
use neon_contract::runner::Watch;
use neon_contract::secret::Secrets;
use neon_contract::target::checked_origin;
use neon_contract::traffic::{Passed, Proxy, Recorder};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::account::IdentityArgs;
use super::interrupt::Interrupts;
use super::judge::{Party, VerdictArgs, tell_of};
use super::{SpecsArgs, block_on, complain, log, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Point a client at the proxy instead of the API. The proxy forwards the key of the client, and neither prints nor stores it. \
Findings are printed as they occur. Ctrl-C or SIGTERM stops the proxy and prints the verdict on all traffic; the exit codes \
are those of `run`. With `--judge client`, the verdict is on the client: what it sends, repeats and leaves behind.

Examples:
  neon-contract proxy --upstream https://console.neon.tech --port 8090
  neon projects list --api-host http://127.0.0.1:8090/api/v2    (in another terminal)
  neon-contract proxy --upstream http://127.0.0.1:8080 --record client.har
  neon-contract proxy --upstream https://console.neon.tech --judge client --report html=client.html")]
pub(super) struct ProxyArgs {
    #[command(flatten)]
    specs: SpecsArgs,
    /// Endpoint to forward requests to
    #[arg(long, value_name = "URL")]
    upstream: String,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Party to judge
    #[arg(long, value_enum, value_name = "PARTY", default_value_t = Party::Endpoint)]
    judge: Party,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Port to listen on; 0 lets the system choose
    #[arg(long, value_name = "PORT", default_value_t = 8090)]
    port: u16,
    /// Record all traffic to this HAR file, with secrets replaced by placeholders
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Only print exchanges with findings
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    verdict: VerdictArgs,
}

pub(super) fn proxy(args: ProxyArgs) -> ExitCode {
    block_on(async {
        let suite = match args.specs.load().await {
            Ok(suite) => suite,
            Err(code) => return code,
        };
        let verdict = match args.verdict.read(&suite) {
            Ok(verdict) => verdict,
            Err(code) => return code,
        };
        let upstream = match checked_origin(&args.upstream) {
            Ok(upstream) => upstream,
            Err(error) => {
                complain(&error.to_string());
                return ExitCode::Usage;
            }
        };
        let identity = match args.identity.read() {
            Ok(identity) => identity,
            Err(error) => {
                complain(&error.to_string());
                return ExitCode::Usage;
            }
        };
        let (seen, mut passed) = mpsc::unbounded_channel::<Passed>();
        let proxy = match Proxy::bind(&upstream, identity, args.host, args.port, seen).await {
            Ok(proxy) => proxy,
            Err(error) => {
                complain(&error.to_string());
                return ExitCode::Usage;
            }
        };
        let recorder = match args.record.as_deref().map(|path| Recorder::begin(path, &upstream)).transpose() {
            Ok(recorder) => recorder,
            Err(error) => {
                complain(&error.to_string());
                return ExitCode::Usage;
            }
        };
        let stop = CancellationToken::new();
        let mut interrupts = Interrupts::listen();
        tell(&format!("export NEON_API_URL={}\n", proxy.origin()));
        let (secrets, began) = (Secrets::default(), Timestamp::now());
        let watch = Watch::new(&suite, &secrets, &upstream, recorder);
        let mut watch = watch.of(args.judge.subject()).accepting(&verdict.known);
        let serving = tokio::spawn(proxy.serve(stop.clone()));
        let cut_off = serving.abort_handle();
        tokio::spawn(async move {
            interrupts.next().await;
            stop.cancel();
            // Whoever asks twice does not want to wait for answers under way.
            interrupts.next().await;
            cut_off.abort();
        });
        // It ends when the proxy has, and nothing is on its way any more.
        while let Some(passed) = passed.recv().await {
            let Some(trial) = watch.see(passed) else { continue };
            tell_of(trial, args.quiet);
        }
        let _ = serving.await;
        if args.record.is_some() {
            match watch.write_record() {
                Ok(exchanges) => log(&format!("recorded {exchanges} exchanges")),
                Err(error) => {
                    complain(&error.to_string());
                    return ExitCode::Usage;
                }
            }
        }
        let context = Context { target: args.judge.named(&upstream), began, shard: None };
        let result = RunResult::new(watch.end(), &suite, context);
        verdict.tell(result, args.judge, &secrets)
    })
}
