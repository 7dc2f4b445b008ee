//! A user's account on a mock of its own, with things that no run has made.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::lying::{RENAMED, id_of};
use crate::project::{Ended, Project, RunningMock, ended};

/// A user's account on a mock of its own, and what it held before any run.
pub(crate) struct Account {
    pub(crate) project: Project,
    pub(crate) mock: RunningMock,
    pub(crate) before: Value,
}

impl Account {
    pub(crate) async fn new() -> Self {
        let project = Project::new();
        let mock = RunningMock::start(&project, &[]);
        let mut account = Self { project, mock, before: Value::Null };
        let client = reqwest::Client::new();
        for (path, body) in [
            ("projects", json!({"project": {"name": "nc-production"}})),
            ("projects", json!({"project": {"name": "shop"}})),
            ("api_keys", json!({"key_name": "nc-ci"})),
            ("api_keys", json!({"key_name": "deploy"})),
        ] {
            let url = format!("{}/api/v2/{path}", account.mock.url);
            let made = client.post(url).bearer_auth(&account.mock.key).json(&body).send().await;
            assert!(made.expect("the mock answers").status().is_success());
        }
        account.before = account.of_the_user().await;
        account
    }

    /// Everything on the account that no run has named, with all that is within.
    pub(crate) async fn of_the_user(&self) -> Value {
        let theirs = |list: &Value| -> Vec<Value> {
            let items = list.as_array().expect("it is a list").iter();
            let items = items.filter(|item| !is_of_a_run(item["name"].as_str().unwrap_or_default()));
            let items = items.filter(|item| !is_renamed(item));
            let mut items: Vec<Value> = items.cloned().collect();
            for item in &mut items {
                item.as_object_mut()
                    .expect("it is an object")
                    .retain(|name, _| !name.starts_with("last_used"));
            }
            items
        };
        let (projects, keys) = self.lists().await;
        let (projects, keys) = (theirs(&projects["projects"]), theirs(&keys));
        let mut within = Vec::new();
        for project in &projects {
            within.extend(self.within(project["id"].as_str().expect("it has an id")).await);
        }
        json!({"projects": projects, "within": within, "keys": keys})
    }

    /// What a project holds, as the mock tells it.
    async fn within(&self, project: &str) -> Vec<String> {
        let mut told = Vec::new();
        for part in ["", "/endpoints", "/permissions", "/jwks", "/snapshots", "/operations", "/branches"] {
            let text = self.text(&format!("projects/{project}{part}")).await;
            told.push(without_periods(&text));
        }
        let branches: Value =
            told.last().and_then(|text| serde_json::from_str(text).ok()).expect("it is JSON");
        for branch in branches["branches"].as_array().expect("it is a list") {
            let branch = branch["id"].as_str().expect("it has an id");
            for part in ["roles", "databases", "endpoints"] {
                told.push(self.text(&format!("projects/{project}/branches/{branch}/{part}")).await);
            }
        }
        told
    }

    async fn text(&self, path: &str) -> String {
        let url = format!("{}/api/v2/{path}", self.mock.url);
        let answer = reqwest::Client::new().get(url).bearer_auth(&self.mock.key).send().await;
        let answer = answer.expect("the mock answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.expect("it is text")
    }

    /// What runs have left on the account.
    pub(crate) async fn left_overs(&self) -> Vec<LeftOver> {
        let (projects, keys) = self.lists().await;
        let items = projects["projects"].as_array().into_iter().chain(keys.as_array()).flatten();
        let left = items.filter(|item| is_of_a_run(item["name"].as_str().unwrap_or_default()));
        left.map(|item| LeftOver {
            id: id_of(item),
            name: item["name"].as_str().unwrap_or_default().to_owned(),
        })
        .collect()
    }

    /// The ids of what the endpoint has made under other names, by their lists.
    pub(crate) async fn renamed(&self) -> Vec<(&'static str, String)> {
        let (projects, keys) = self.lists().await;
        let ids = |list: &'static str, items: &Value| -> Vec<(&'static str, String)> {
            let items = items.as_array().into_iter().flatten().filter(|item| is_renamed(item));
            items.map(|item| (list, id_of(item))).collect()
        };
        [ids("projects", &projects["projects"]), ids("api_keys", &keys)].concat()
    }

    /// Removes what the endpoint has made under other names, as the user would.
    pub(crate) async fn remove_renamed(&self) {
        for (list, id) in self.renamed().await {
            let url = format!("{}/api/v2/{list}/{id}", self.mock.url);
            let removed = reqwest::Client::new().delete(url).bearer_auth(&self.mock.key).send().await;
            assert!(removed.expect("the mock answers").status().is_success());
        }
    }

    async fn lists(&self) -> (Value, Value) {
        let get =
            async |path: &str| -> Value { serde_json::from_str(&self.text(path).await).expect("it is JSON") };
        (get("projects?limit=400").await, get("api_keys").await)
    }

    pub(crate) async fn run(&self, url: &str, arguments: &[&str]) -> Ended {
        let mut command = self.project.command();
        let grace = if arguments.contains(&"--grace") { &[][..] } else { &["--grace", "2s"] };
        command.args(arguments).args(["--url", url]).args(grace).env("NEON_API_KEY", &self.mock.key);
        tokio::task::spawn_blocking(move || ended(&mut command)).await.expect("it ends")
    }

    pub(crate) fn ledgers(&self) -> Vec<PathBuf> {
        jsonl_in(&self.project.ledgers())
    }
}

/// What is shown, without the month that is billed, which ends by itself.
fn without_periods(text: &str) -> String {
    let period = regex::Regex::new(r#""consumption_period_(start|end)":"[^"]*","#).expect("it is one");
    period.replace_all(text, "").into_owned()
}

/// What a run has left.
#[derive(Debug)]
pub(crate) struct LeftOver {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl LeftOver {
    /// The ledger of its run, among others.
    pub(crate) fn is_in(&self, ledgers: &[PathBuf]) -> bool {
        let run: String = self.name.split('-').take(2).collect::<Vec<_>>().join("-");
        ledgers.iter().any(|path| path.file_stem().is_some_and(|stem| *stem == *run))
    }

    /// Whether a run, or a sweep, has said that it is there.
    pub(crate) fn is_told(&self, told: &str) -> bool {
        told.contains(&self.name) || told.contains(&self.id)
    }
}

/// The ledgers in a folder. A run that was killed before its first line was whole has none.
pub(crate) fn jsonl_in(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect()
}

fn is_renamed(item: &Value) -> bool {
    item["name"].as_str().is_some_and(|name| name.starts_with(RENAMED))
}

fn is_of_a_run(name: &str) -> bool {
    let digits = name.strip_prefix("nc-").and_then(|rest| rest.split_once('-')).map(|(digits, _)| digits);
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
