//! An endpoint that lies about the account of a user: whatever it answers, nothing of the user's is touched, and what a run leaves is said.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, Response, header};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rstest::rstest;
use serde_json::{Value, json};

use crate::between::{Answer, forward};
use crate::project::{Ended, Project, RunningMock, ended};

/// What the endpoint does with a request instead of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    /// None.
    Nothing,
    /// A create makes nothing, and answers 201 with what the user already has.
    FindsWhatIsThere,
    /// A create makes what it should, and answers 201 with the id of what the user already has.
    NamesAnother,
    /// A removal is not done, and answered with this status.
    KeepsAndAnswers(u16),
    /// A removal is done later than it is answered.
    RemovesLate,
    /// A create is answered with 504, and done later.
    CreatesLate,
    /// A create is done, and answered with 201 and this body.
    CreatesAndAnswers(&'static str),
    /// The same, and the lists cannot be read from then on.
    CreatesAndListsNothing,
    /// The connection ends after the act.
    HangsUp,
    /// The connection ends before the act.
    HangsUpBefore,
    /// A create is done under another name, and answered as it is or with this status.
    Renames(Option<u16>),
    /// Every other list lacks its first half.
    CutsLists,
    /// A create is done and answered with 500, and the lists are not there from then on.
    FailsAndLosesLists,
    /// A create is done and answered with 500, and all was made long ago by the clock of the endpoint.
    FailsByAnOldClock,
    /// A create is done and answered with 500, and lists show projects with ids that lead elsewhere.
    FailsByOddIds,
    /// The id of a key that was removed is the user's from then on.
    ReusesIds,
    /// A removal is put off, again and again.
    PutsOff,
    /// A new branch is one that the user has in another project, as if it were in that of the run.
    ShowsTheirBranch,
}

impl Lie {
    /// How the endpoint shows what is there.
    fn shown(self, body: &str) -> String {
        let (pattern, shown) = match self {
            Self::FailsByAnOldClock => (r#""created_at":"20\d\d"#, r#""created_at":"1970"#),
            Self::FailsByOddIds => (r#""id":"([a-z]+-[a-z]+-\d+)""#, r#""id":"x/../$1""#),
            _ => return body.to_owned(),
        };
        regex::Regex::new(pattern).expect("it is one").replace_all(body, shown).into_owned()
    }
}

/// The liar, in front of a mock whose account holds things of the user's.
struct Liar {
    behind: String,
    client: reqwest::Client,
    lies: Mutex<Box<dyn FnMut() -> Lie + Send>>,
    has_created: AtomicBool,
    told: AtomicUsize,
    /// What the endpoint takes for something else in the targets of requests: an id that was given again, or a branch in another project.
    reused: Mutex<Option<(String, String)>>,
}

impl Liar {
    async fn start(behind: &str, lies: impl FnMut() -> Lie + Send + 'static) -> (String, Arc<Self>) {
        let liar = Arc::new(Self {
            behind: behind.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().expect("there is a client"),
            lies: Mutex::new(Box::new(lies)),
            has_created: AtomicBool::new(false),
            told: AtomicUsize::new(0),
            reused: Mutex::new(None),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let app = Router::new().fallback(Self::answer).with_state(liar.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url, liar)
    }

    async fn answer(State(liar): State<Arc<Self>>, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the request has an end");
        let mut target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let reused = liar.reused.lock().expect("no liar panics").clone();
        if let Some((id, theirs)) = &reused {
            target = target.replace(id, theirs);
        }
        let mut headers = parts.headers.clone();
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let lie = (liar.lies.lock().expect("no liar panics"))();
        let body = match lie {
            Lie::Renames(_) => renamed(&body).into(),
            _ => body,
        };
        let sent = liar.client.request(parts.method.clone(), format!("{}{target}", liar.behind));
        let sent = sent.headers(headers.clone()).body(body);
        let path = parts.uri.path();
        let collection =
            ["/api/v2/projects", "/api/v2/api_keys"].into_iter().find(|start| path.starts_with(start));
        let rest = collection.map(|start| &path[start.len()..]);
        let answer = match (&parts.method, collection, rest, lie) {
            (&Method::POST, Some(list), Some(""), lie) => liar.create(sent, &headers, list, lie).await,
            (&Method::POST, Some("/api/v2/projects"), Some(id), Lie::ShowsTheirBranch)
                if headers.contains_key(header::AUTHORIZATION) && id.ends_with("/branches") =>
            {
                let project = id.trim_matches('/').trim_end_matches("/branches");
                Some(liar.their_branch(sent, &headers, project).await)
            }
            (&Method::DELETE, Some("/api/v2/api_keys"), Some(id), Lie::ReusesIds) if reused.is_none() => {
                let answer = forward(sent).await;
                if answer.status == 200 {
                    let theirs = liar.of_the_user(&headers, "/api/v2/api_keys").await["id"].to_string();
                    let id = id.trim_start_matches('/').to_owned();
                    *liar.reused.lock().expect("no liar panics") = Some((id, theirs));
                }
                Some(answer)
            }
            (&Method::DELETE, Some(_), Some(id), lie) if id.matches('/').count() == 1 => {
                liar.remove(sent, lie).await
            }
            (&Method::GET, Some(_), Some(""), Lie::FailsAndLosesLists)
                if liar.has_created.load(Ordering::SeqCst) =>
            {
                Some(Answer::json(404, r#"{"message":"no list","request_id":"a-lie","code":""}"#))
            }
            (
                &Method::GET,
                Some(_),
                Some(_),
                Lie::FailsByAnOldClock | Lie::FailsByOddIds | Lie::ReusesIds,
            ) => {
                let mut answer = forward(sent).await;
                let mut text = lie.shown(&String::from_utf8_lossy(&answer.body));
                if let Some((id, theirs)) = &reused {
                    text = text.replace(&format!("\"id\":{theirs}"), &format!("\"id\":{id}"));
                }
                answer.body = text.into_bytes();
                Some(answer)
            }
            (&Method::GET, Some(_), Some(""), Lie::CreatesAndListsNothing)
                if liar.has_created.load(Ordering::SeqCst) =>
            {
                Some(Answer::json(200, "<html>"))
            }
            (&Method::GET, Some("/api/v2/projects"), Some(""), Lie::CutsLists) => {
                let mut answer = forward(sent).await;
                if let Ok(mut list) = serde_json::from_slice::<Value>(&answer.body)
                    && let Some(items) = list["projects"].as_array_mut()
                {
                    items.drain(..items.len() / 2);
                    answer.body = list.to_string().into_bytes();
                }
                Some(answer)
            }
            (_, _, _, Lie::ShowsTheirBranch) => {
                let mut answer = forward(sent).await;
                if let Some((shown, theirs)) = &reused {
                    let project = |place: &str| place.split('/').next().unwrap_or_default().to_owned();
                    let text = String::from_utf8_lossy(&answer.body).into_owned();
                    answer.body = text.replace(&project(theirs), &project(shown)).into_bytes();
                }
                Some(answer)
            }
            _ => Some(forward(sent).await),
        };
        let Some(answer) = answer else {
            // An error in the body ends the connection without a whole answer.
            let broken = futures::stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("a lie")) });
            return Response::new(Body::from_stream(broken));
        };
        let mut response = Response::builder().status(answer.status);
        for (name, value) in answer.headers {
            response = response.header(name, value);
        }
        response.body(Body::from(answer.body)).expect("it is an answer")
    }

    /// What the user already has, as a create would answer with it.
    async fn of_the_user(&self, headers: &header::HeaderMap, list: &str) -> Value {
        let mut headers = headers.clone();
        headers.remove(header::CONTENT_TYPE);
        let listed = forward(self.client.get(format!("{}{list}", self.behind)).headers(headers)).await;
        let listed: Value = serde_json::from_slice(&listed.body).expect("it is JSON");
        let is_theirs = |item: &&Value| !item["name"].as_str().is_some_and(|name| name.starts_with("nc-"));
        let items = listed["projects"].as_array().or(listed.as_array()).expect("it is a list");
        items.iter().find(is_theirs).cloned().expect("the user has something")
    }

    /// A new branch, of which is shown what the user has in another project, as if it were in this one.
    async fn their_branch(
        &self,
        sent: reqwest::RequestBuilder,
        headers: &header::HeaderMap,
        project: &str,
    ) -> Answer {
        let mut answer = forward(sent).await;
        let mut body: Value = serde_json::from_slice(&answer.body).expect("it is JSON");
        let Some(made) = body["branch"]["id"].as_str().map(str::to_owned) else { return answer };
        let theirs = self.of_the_user(headers, "/api/v2/projects").await["id"].clone();
        let theirs = theirs.as_str().expect("it is text");
        let mut bare = headers.clone();
        bare.remove(header::CONTENT_TYPE);
        let url = format!("{}/api/v2/projects/{theirs}/branches", self.behind);
        let listed = forward(self.client.get(url).headers(bare)).await;
        let listed: Value = serde_json::from_slice(&listed.body).expect("it is JSON");
        body["branch"] = listed["branches"][0].clone();
        let id = body["branch"]["id"].as_str().expect("it is text").to_owned();
        let place = |project: &str| format!("{project}/branches/{id}");
        *self.reused.lock().expect("no liar panics") = Some((place(project), place(theirs)));
        answer.body = body.to_string().replace(&made, &id).replace(theirs, project).into_bytes();
        answer
    }

    async fn create(
        &self,
        sent: reqwest::RequestBuilder,
        headers: &header::HeaderMap,
        list: &str,
        lie: Lie,
    ) -> Option<Answer> {
        self.has_created.store(true, Ordering::SeqCst);
        let is_let_in = headers.contains_key(header::AUTHORIZATION);
        if !is_let_in || lie == Lie::Nothing {
            return Some(forward(sent).await);
        }
        self.told.fetch_add(1, Ordering::SeqCst);
        match lie {
            Lie::FindsWhatIsThere | Lie::NamesAnother => {
                let mut answer = forward(sent.try_clone().expect("it can be sent twice")).await;
                if answer.status != 201 && answer.status != 200 {
                    return Some(answer);
                }
                let mut body: Value = serde_json::from_slice(&answer.body).expect("it is JSON");
                let object = if list.ends_with("projects") { &mut body["project"] } else { &mut body };
                let made = object["id"].clone();
                let theirs = self.of_the_user(headers, list).await;
                object["id"] = theirs["id"].clone();
                if lie == Lie::FindsWhatIsThere {
                    object["name"] = theirs["name"].clone();
                    let made = made.as_str().map_or_else(|| made.to_string(), str::to_owned);
                    let mut bare = headers.clone();
                    bare.remove(header::CONTENT_TYPE);
                    forward(self.client.delete(format!("{}{list}/{made}", self.behind)).headers(bare)).await;
                }
                answer.body = body.to_string().into_bytes();
                answer.headers.retain(|(name, _)| name != header::CONTENT_LENGTH);
                Some(answer)
            }
            Lie::CreatesLate => {
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(700)).await;
                    forward(sent).await
                });
                Some(Answer::json(504, r#"{"message":"time-out","request_id":"a-lie","code":""}"#))
            }
            Lie::CreatesAndAnswers(body) => {
                let answer = forward(sent).await;
                Some(if answer.status < 300 { Answer::json(201, body) } else { answer })
            }
            Lie::HangsUp => {
                forward(sent).await;
                None
            }
            Lie::HangsUpBefore => None,
            Lie::FailsAndLosesLists | Lie::FailsByAnOldClock | Lie::FailsByOddIds => {
                forward(sent).await;
                Some(Answer::json(500, r#"{"message":"failed","request_id":"a-lie","code":""}"#))
            }
            Lie::Renames(Some(status)) => {
                let answer = forward(sent).await;
                let refused = json!({"message": "refused", "request_id": "a-lie", "code": ""}).to_string();
                Some(if answer.status < 300 { Answer::json(status, &refused) } else { answer })
            }
            _ => Some(forward(sent).await),
        }
    }

    async fn remove(&self, sent: reqwest::RequestBuilder, lie: Lie) -> Option<Answer> {
        match lie {
            Lie::KeepsAndAnswers(status) => {
                self.told.fetch_add(1, Ordering::SeqCst);
                Some(Answer::json(status, r#"{"message":"gone","request_id":"a-lie","code":""}"#))
            }
            Lie::PutsOff => {
                self.told.fetch_add(1, Ordering::SeqCst);
                let mut answer = Answer::json(503, r#"{"message":"later","request_id":"a-lie","code":""}"#);
                answer.headers.push((header::RETRY_AFTER, header::HeaderValue::from_static("100")));
                Some(answer)
            }
            Lie::RemovesLate => {
                self.told.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    forward(sent).await
                });
                Some(Answer::json(200, "{}"))
            }
            _ => Some(forward(sent).await),
        }
    }
}

/// How a name begins that the endpoint has given instead of a run's.
const RENAMED: &str = "renamed ";

/// A body in which the names of a run are others.
fn renamed(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace("\"nc-", &format!("\"{RENAMED}nc-"))
}

/// What is done late is done after this.
const LATEST: Duration = Duration::from_millis(800);

/// A user's account on a mock of its own, and what it held before any run.
struct Account {
    project: Project,
    mock: RunningMock,
    before: Value,
}

impl Account {
    async fn new() -> Self {
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

    /// Everything on the account that no run has named.
    async fn of_the_user(&self) -> Value {
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
        json!({"projects": theirs(&projects["projects"]), "keys": theirs(&keys)})
    }

    /// What runs have left on the account.
    async fn left_overs(&self) -> Vec<String> {
        let (projects, keys) = self.lists().await;
        let items = projects["projects"].as_array().into_iter().chain(keys.as_array()).flatten();
        let names = items.filter_map(|item| item["name"].as_str());
        names.filter(|name| is_of_a_run(name)).map(str::to_owned).collect()
    }

    /// The ids of what the endpoint has made under other names, by their lists.
    async fn renamed(&self) -> Vec<(&'static str, String)> {
        let (projects, keys) = self.lists().await;
        let ids = |list: &'static str, items: &Value| -> Vec<(&'static str, String)> {
            let items = items.as_array().into_iter().flatten().filter(|item| is_renamed(item));
            items.map(|item| (list, item["id"].to_string().trim_matches('"').to_owned())).collect()
        };
        [ids("projects", &projects["projects"]), ids("api_keys", &keys)].concat()
    }

    /// Removes what the endpoint has made under other names, as the user would.
    async fn remove_renamed(&self) {
        for (list, id) in self.renamed().await {
            let url = format!("{}/api/v2/{list}/{id}", self.mock.url);
            let removed = reqwest::Client::new().delete(url).bearer_auth(&self.mock.key).send().await;
            assert!(removed.expect("the mock answers").status().is_success());
        }
    }

    async fn lists(&self) -> (Value, Value) {
        let get = async |path: &str| -> Value {
            let url = format!("{}/api/v2/{path}", self.mock.url);
            let answer = reqwest::Client::new().get(url).bearer_auth(&self.mock.key).send().await;
            answer.expect("the mock answers").json().await.expect("it is JSON")
        };
        (get("projects?limit=400").await, get("api_keys").await)
    }

    async fn run(&self, url: &str, arguments: &[&str]) -> Ended {
        let mut command = self.project.command();
        command.args(arguments).args(["--url", url, "--grace", "2s"]).env("NEON_API_KEY", &self.mock.key);
        tokio::task::spawn_blocking(move || ended(&mut command)).await.expect("it ends")
    }

    fn ledgers(&self) -> usize {
        let files = std::fs::read_dir(self.project.ledgers()).into_iter().flatten().flatten();
        // One that was killed before its first line was whole has none.
        files.filter(|file| file.path().extension().is_some_and(|ending| ending == "jsonl")).count()
    }
}

fn is_renamed(item: &Value) -> bool {
    item["name"].as_str().is_some_and(|name| name.starts_with(RENAMED))
}

fn is_of_a_run(name: &str) -> bool {
    let digits = name.strip_prefix("nc-").and_then(|rest| rest.split_once('-')).map(|(digits, _)| digits);
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Trials that make, change and remove projects and keys.
const TRIALS: [&str; 5] = [
    "run",
    "projects/life_of_a_project",
    "api-keys/",
    "authentication/revoked_key_is_refused[deleteProject",
    "--quiet",
];

/// How a run and a sweep after it must end.
enum Ends {
    /// Nothing is left.
    Clean,
    /// What is left is said, and is in the ledger.
    Left,
    /// Nothing is left, but what looks like it is said.
    Told,
}

#[rstest]
#[case::what_is_there(Lie::FindsWhatIsThere, Ends::Clean, "existed before the run")]
#[case::another_id(Lie::NamesAnother, Ends::Clean, "existed before the run")]
#[case::removal_404(Lie::KeepsAndAnswers(404), Ends::Left, "is still listed")]
#[case::removal_200(Lie::KeepsAndAnswers(200), Ends::Left, "is still listed")]
#[case::removal_late(Lie::RemovesLate, Ends::Clean, "")]
#[case::create_late(Lie::CreatesLate, Ends::Clean, "")]
#[case::an_empty_object(Lie::CreatesAndAnswers("{}"), Ends::Clean, "")]
#[case::a_page(Lie::CreatesAndAnswers("<html></html>"), Ends::Clean, "")]
#[case::no_lists(Lie::CreatesAndListsNothing, Ends::Left, "cannot be listed")]
#[case::no_answer(Lie::HangsUp, Ends::Clean, "")]
#[case::no_request(Lie::HangsUpBefore, Ends::Clean, "")]
#[case::half_a_list(Lie::CutsLists, Ends::Clean, "")]
#[case::lists_that_go(Lie::FailsAndLosesLists, Ends::Left, "is not there any more")]
#[case::an_old_clock(Lie::FailsByAnOldClock, Ends::Left, "long before the run")]
#[case::odd_ids(Lie::FailsByOddIds, Ends::Left, "has an id that may lead elsewhere")]
#[case::an_id_that_is_used_again(Lie::ReusesIds, Ends::Told, "which is not a name of the run")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_users_is_touched(#[case] lie: Lie, #[case] ends: Ends, #[case] said: &str) {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, move || lie).await;
    let run = account.run(&url, &[&TRIALS[..], &["--allow", "destroys"]].concat()).await;
    assert_eq!(account.of_the_user().await, account.before, "{lie:?}: {run:?}");
    assert!(liar.has_created.load(Ordering::SeqCst), "{lie:?}: nothing was asked for: {run:?}");
    assert!(run.stdout.contains(said), "{lie:?}: {}", run.stdout);
    let left = account.left_overs().await;
    match ends {
        Ends::Clean => {
            assert_eq!((left.len(), account.ledgers()), (0, 0), "{lie:?}: {left:?} {run:?}");
            assert_ne!(run.code, Some(3), "{run:?}");
        }
        Ends::Told => assert_eq!((run.code, left.len()), (Some(3), 0), "{run:?}"),
        Ends::Left => {
            assert!(!left.is_empty() && account.ledgers() == 1, "{lie:?}: {run:?}");
            assert_eq!(run.code, Some(3), "{run:?}");
            // An honest endpoint has it removed.
            let origin = std::fs::read_dir(account.project.ledgers()).expect("it is there").flatten().next();
            let path = origin.expect("there is one").path();
            let ledger = std::fs::read_to_string(&path).expect("it can be read");
            std::fs::write(&path, ledger.replace(&url, &account.mock.url)).expect("it can be written");
            let swept = account.run(&account.mock.url, &["sweep"]).await;
            assert_eq!(swept.code, Some(0), "{swept:?}");
            assert_eq!((account.left_overs().await.len(), account.ledgers()), (0, 0), "{swept:?}");
        }
    }
    assert_eq!(account.of_the_user().await, account.before, "{lie:?}");
}

#[rstest]
#[case::answered_so(None)]
#[case::refused(Some(422))]
#[case::failed(Some(500))]
#[case::unauthorized(Some(401))]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_under_another_name_is_told(#[case] status: Option<u16>) {
    let account = Account::new().await;
    let (url, _) = Liar::start(&account.mock.url, move || Lie::Renames(status)).await;
    let run = account.run(&url, &[&TRIALS[..], &["--allow", "destroys"]].concat()).await;
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
    let renamed = account.renamed().await;
    assert!(!renamed.is_empty(), "{run:?}");
    for (_, id) in renamed {
        assert!(run.stdout.contains(&id), "{id} is not told: {}", run.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_of_another_project_is_not_touched() {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, || Lie::ShowsTheirBranch).await;
    let branches = async || -> Value {
        let get = async |path: &str| -> Value {
            let url = format!("{}/api/v2/{path}", account.mock.url);
            let answer = reqwest::Client::new().get(url).bearer_auth(&account.mock.key).send().await;
            answer.expect("the mock answers").json().await.expect("it is JSON")
        };
        let projects = get("projects?limit=400").await;
        let mut all = Vec::new();
        for project in projects["projects"].as_array().expect("it is a list") {
            let id = project["id"].as_str().expect("it is text");
            all.push(get(&format!("projects/{id}/branches")).await);
        }
        all.into()
    };
    let before = branches().await;
    let run = account.run(&url, &["run", "branches/life_of_a_branch", "--allow", "writes"]).await;
    assert!(liar.reused.lock().expect("no liar panics").is_some(), "it never lied: {run:?}");
    assert_eq!(branches().await, before, "{run:?}");
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_is_put_off_ends_with_the_time_of_the_run() {
    let account = Account::new().await;
    let (url, _) = Liar::start(&account.mock.url, || Lie::PutsOff).await;
    let began = std::time::Instant::now();
    let few =
        ["run", "projects/life_of_a_project", "api-keys/", "--allow", "destroys", "--time-budget", "2s"];
    let run = account.run(&url, &few).await;
    assert!(began.elapsed() < Duration::from_secs(60), "{run:?}");
    assert_eq!((run.code, account.ledgers()), (Some(3), 1), "{run:?}");
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
}

/// Lies at random, most of the time none; the same ones for the same seed.
fn at_random(seed: u64) -> impl FnMut() -> Lie + Send + 'static {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let lies = [
        Lie::FindsWhatIsThere,
        Lie::NamesAnother,
        Lie::KeepsAndAnswers(404),
        Lie::KeepsAndAnswers(200),
        Lie::RemovesLate,
        Lie::CreatesLate,
        Lie::CreatesAndAnswers("{}"),
        Lie::CreatesAndAnswers("\u{feff}<html></html>"),
        Lie::CreatesAndListsNothing,
        Lie::HangsUp,
        Lie::HangsUpBefore,
        Lie::Renames(None),
        Lie::Renames(Some(422)),
        Lie::Renames(Some(500)),
        Lie::CutsLists,
    ];
    move || if random.random_bool(0.4) { lies[random.random_range(0..lies.len())] } else { Lie::Nothing }
}

/// How many random runs: a few, unless the environment asks for more.
fn random_runs() -> u64 {
    std::env::var("RANDOM_RUNS").ok().and_then(|many| many.parse().ok()).unwrap_or(8)
}

/// Random runs under way at once: most of their time they wait.
const LANES: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_users_is_touched_by_random_runs() {
    let given = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let first: u64 = given.unwrap_or_else(rand::random);
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..LANES.min(random_runs()) {
        lanes.spawn(async move {
            let account = Account::new().await;
            for number in (lane..random_runs()).step_by(usize::try_from(LANES).expect("they are few")) {
                a_random_run(&account, first.wrapping_add(number)).await;
            }
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.expect("no random run has failed");
    }
}

/// A run that may be killed, a sweep while the endpoint still lies, and one when it is honest again.
async fn a_random_run(account: &Account, seed: u64) {
    let (url, liar) = Liar::start(&account.mock.url, at_random(seed)).await;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut command = account.project.command();
    command
        .args(TRIALS)
        .args(["--allow", "destroys", "--url", &url, "--grace", "1s"])
        .env("NEON_API_KEY", &account.mock.key)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut run = command.spawn().expect("it starts");
    // Half of the runs are killed on their way; the others are given the time they need.
    let is_killed = random.random_bool(0.5);
    if is_killed {
        tokio::time::sleep(Duration::from_millis(random.random_range(100..1500))).await;
        let _ = run.kill();
    }
    let ended = tokio::task::spawn_blocking(move || run.wait_with_output()).await.expect("it is waited for");
    let ended = ended.expect("it ends");
    let (code, told) = (ended.status.code(), String::from_utf8_lossy(&ended.stdout).into_owned());
    // What the endpoint does late is done by now.
    tokio::time::sleep(LATEST).await;
    let label = format!("SEED={seed} (killed: {is_killed}, ended with {code:?})");
    assert_eq!(account.of_the_user().await, account.before, "{label}");
    let left = account.left_overs().await;
    assert!(left.is_empty() || account.ledgers() > 0, "{label}: {left:?} is in no ledger");
    assert!(left.is_empty() || is_killed || code == Some(3), "{label}: {left:?} is not told");
    let renamed = account.renamed().await;
    let swept = account.run(&url, &["sweep"]).await;
    for (list, id) in renamed {
        let is_told = told.contains(&id) || swept.stderr.contains(&id);
        // Whether it is there is not known where the lists cannot be read: that is told.
        let is_unknown = told.contains("cannot be listed") || swept.stderr.contains("cannot be listed");
        assert!(is_told || is_unknown, "{label}: {list}/{id} is not told: {told} {swept:?}");
    }
    tokio::time::sleep(LATEST).await;
    assert_eq!(account.of_the_user().await, account.before, "{label}: {swept:?}");
    let left = account.left_overs().await;
    assert!(left.is_empty() || account.ledgers() > 0, "{label}: {left:?} is in no ledger: {swept:?}");
    *liar.lies.lock().expect("no liar panics") = Box::new(|| Lie::Nothing);
    account.remove_renamed().await;
    let swept = account.run(&url, &["sweep"]).await;
    assert!(account.left_overs().await.is_empty(), "{label}: {swept:?}");
    // Where a list was cut before the first write, an answer may have put a thing of the user's into the ledger: it is said, and left.
    if swept.code == Some(3) && swept.stderr.contains("which is not a name of the run") {
        std::fs::remove_dir_all(account.project.ledgers()).expect("it is there");
    } else {
        assert_eq!((swept.code, account.ledgers()), (Some(0), 0), "{label}: {swept:?}");
    }
    assert_eq!(account.of_the_user().await, account.before, "{label}: {swept:?}");
}
