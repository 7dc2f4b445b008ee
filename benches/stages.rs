//! How long each stage takes on its own: load, plan, judge, normalise, compare, and the mock's answer.
//!
//! `cargo bench --bench stages`; figures are of the machine that they were taken on, and no test depends on them.

use std::path::Path;
use std::sync::LazyLock;

use divan::Bencher;
use neon_contract::exchange::{Exchange, Response};
use neon_contract::judge::{Record, judge};
use neon_contract::mock::{AccountFixture, Mock};
use neon_contract::plan::{Selection, Trial, plan};
use neon_contract::secret::Secrets;
use neon_contract::snapshot::{Mode, Store, render};
use neon_contract::spec::contract::OperationId;
use neon_contract::spec::{Location, Suite};
use secrecy::ExposeSecret;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::load(Path::new("specs")).expect("the suite is right"));
static TRIALS: LazyLock<Vec<Trial>> = LazyLock::new(|| plan(&SUITE, &Selection::default()));
static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::default);

/// What lists this many projects, whose members are as they must be, or not.
fn record(projects: usize, is_sound: bool) -> Record<'static> {
    let version = if is_sound { "17" } else { "\"17\"" };
    let project = |number: usize| {
        format!(
            r#"{{"data_storage_bytes_hour": 0, "data_transfer_bytes": 0, "written_data_bytes": 0, "compute_time_seconds": 0,
            "active_time_seconds": 0, "cpu_used_sec": 0, "id": "calm-sea-{number:06}", "platform_id": "aws", "region_id": "aws-us-east-2",
            "name": "shop", "provisioner": "k8s-neonvm", "pg_version": {version}, "proxy_host": "us-east-2.aws.neon.tech",
            "branch_logical_size_limit": 512, "branch_logical_size_limit_bytes": 536870912, "store_passwords": true,
            "creation_source": "console", "history_retention_seconds": 86400, "created_at": "2025-01-01T00:00:00Z",
            "updated_at": "2025-01-02T00:00:00Z", "consumption_period_start": "2025-01-01T00:00:00Z",
            "consumption_period_end": "2025-02-01T00:00:00Z", "owner_id": "00000000-0000-4000-8000-000000000002", "active_time": 0,
            "synthetic_storage_size": 0, "quota_reset_at": "2025-02-01T00:00:00Z", "compute_last_active_at": "2025-01-01T00:00:00Z",
            "org_id": "org-calm-sea-12345678"}}"#
        )
    };
    let projects: Vec<String> = (0..projects).map(project).collect();
    let projects = projects.join(",");
    listing(
        "listProjects",
        format!(
            r#"{{"projects": [{projects}], "pagination": {{"cursor": "c"}}, "applications": {{}}, "integrations": {{}}}}"#
        ),
    )
}

/// What lists this many keys.
fn keys(count: usize) -> Record<'static> {
    let key = |number: usize| {
        format!(
            r#"{{"id": {number}, "name": "ci", "created_at": "2025-01-01T00:00:00Z", "last_used_at": null, "last_used_from_addr": "",
            "created_by": {{"id": "00000000-0000-4000-8000-000000000002", "name": "A", "image": ""}}}}"#
        )
    };
    let keys: Vec<String> = (0..count).map(key).collect();
    listing("listApiKeys", format!("[{}]", keys.join(",")))
}

/// A record of one answer.
fn listing(operation: &str, body: String) -> Record<'static> {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let operation = SUITE.operation(&OperationId(operation.to_owned()));
    let location = Location::of_file(Path::new("case.yaml"), "");
    let mut exchange = Exchange::plain(operation, location, Response::new(200, headers, body.into_bytes()));
    exchange.query.insert("limit".to_owned(), "50000".to_owned());
    Record::new(&SUITE, &TRIALS[0], vec![exchange], &SECRETS).of_run("nc-1".to_owned(), false)
}

#[divan::bench]
fn load() -> Suite {
    Suite::load(Path::new("specs")).expect("the suite is right")
}

#[divan::bench]
fn plan_all() -> Vec<Trial> {
    plan(&SUITE, &Selection::default())
}

#[divan::bench(args = [1, 10, 100, 2_500, 10_000, 40_000], max_time = 5)]
fn judge_a_list(bencher: Bencher<'_, '_>, projects: usize) {
    bencher.with_inputs(|| record(projects, true)).bench_values(|record| judge(&record));
}

#[divan::bench(args = [2_500, 10_000, 40_000], max_time = 5)]
fn judge_a_list_of_what_is_wrong(bencher: Bencher<'_, '_>, projects: usize) {
    bencher.with_inputs(|| record(projects, false)).bench_values(|record| judge(&record));
}

#[divan::bench(args = [2_500, 10_000, 40_000], max_time = 5)]
fn judge_a_list_of_keys(bencher: Bencher<'_, '_>, count: usize) {
    bencher.with_inputs(|| keys(count)).bench_values(|record| judge(&record));
}

#[divan::bench(args = [1, 10, 100, 2_500, 10_000, 40_000], max_time = 5)]
fn normalise_a_list(bencher: Bencher<'_, '_>, projects: usize) {
    bencher.with_inputs(|| record(projects, true)).bench_values(|record| render(&record));
}

#[divan::bench]
fn compare_a_snapshot(bencher: Bencher<'_, '_>) {
    let store = Store::new(Some("snapshots".into()), false);
    let is_kept = |trial: &&Trial| store.path(trial).exists();
    let trial = TRIALS.iter().find(is_kept).expect("there are snapshots");
    bencher.bench(|| {
        store.compare(trial, "another text", Mode::Tell, &SECRETS).map_err(|error| error.to_string())
    });
}

#[divan::bench]
fn mock_lists_projects(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Runtime::new().expect("there is a runtime");
    let mock = runtime.block_on(Mock::builder().start()).expect("it starts");
    let account = mock.create_account(&AccountFixture::default());
    let url = format!("{}/api/v2/projects", mock.origin());
    let client = reqwest::Client::new();
    let ask = || async {
        let answer =
            client.get(&url).bearer_auth(account.key.expose_secret()).send().await.expect("it answers");
        answer.bytes().await.expect("it answers in full").len()
    };
    bencher.bench(|| runtime.block_on(ask()));
}

fn main() {
    // The paths of a suite are those of the checkout.
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).expect("it is there");
    divan::main();
}
