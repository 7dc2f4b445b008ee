//! A server in front of the mock that lies about the account of a user.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, Response, header};
use serde_json::{Value, json};

use crate::between::{Answer, forward};

/// What the endpoint does with a request instead of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// None.
    Nothing,
    /// A create makes nothing, and answers 201 with what the user already has.
    FindsWhatIsThere,
    /// A create makes what it should, and answers 201 with the id of what the user already has.
    NamesAnother,
    /// A removal is not done, and answered with this status.
    KeepsAndAnswers(u16),
    /// A removal is not done, answered with 200, and the next list lacks what runs have made.
    KeepsAndHidesOnce,
    /// A removal is done later than it is answered.
    RemovesLate,
    /// A create is answered with 504, and done later.
    CreatesLate,
    /// A create is not answered, and done when the client has given up on it.
    CreatesAfterATimeOut,
    /// A create is done, and answered with 201 and this body.
    CreatesAndAnswers(&'static str),
    /// A create is done, and answered with a byte order mark before what it should say.
    CreatesAndMarks,
    /// A create is done, and its answer declared as compressed, which it is not.
    CreatesAndEncodes,
    /// A create is done, and answered with 201 and this body, and the lists cannot be read from then on.
    CreatesAndListsNothing(&'static str),
    /// The connection ends after a create or a removal is done.
    HangsUp,
    /// The connection ends before a create or a removal is done.
    HangsUpBefore,
    /// The connection ends after a removal is done.
    HangsUpOnRemovals,
    /// The connection ends before a removal is done.
    HangsUpBeforeRemovals,
    /// A create is done under another name, and answered as it is or with this status.
    Renames(Option<u16>),
    /// Every list of projects and keys lacks its first half.
    CutsLists,
    /// Every list of projects and keys is empty.
    ListsNothing,
    /// A create is done and answered with 500, and the lists are not there from then on.
    FailsAndLosesLists,
    /// A create is done and answered with 500, and all was made long ago by the clock of the endpoint.
    FailsByAnOldClock,
    /// A create is done and answered with 500, and lists show projects with ids that lead elsewhere.
    FailsByOddIds,
    /// A create is done and answered with 500, and lists show projects without their ids.
    FailsByLackingIds,
    /// The id of a key that was removed is the user's from then on.
    ReusesIds,
    /// A removal is put off, again and again.
    PutsOff,
    /// A create is done, and answered with 503, again and again.
    CreatesAndPutsOff,
    /// A new branch is one that the user has in another project, as if it were in that of the run.
    ShowsTheirBranch,
}

impl Lie {
    /// How the endpoint shows what is there.
    fn shown(self, body: &str) -> String {
        let (pattern, shown) = match self {
            Self::FailsByAnOldClock => (r#""created_at":"20\d\d"#, r#""created_at":"1970"#),
            Self::FailsByOddIds => (r#""id":"([a-z]+-[a-z]+-\d+)""#, r#""id":"x/../$1""#),
            Self::FailsByLackingIds => (r#""id":"[a-z]+-[a-z]+-\d+","#, ""),
            _ => return body.to_owned(),
        };
        regex::Regex::new(pattern).expect("it is one").replace_all(body, shown).into_owned()
    }
}

/// The id of what is listed, as text.
pub(crate) fn id_of(item: &Value) -> String {
    item["id"].to_string().trim_matches('"').to_owned()
}

/// A client that waits no longer than this for an answer meets what is done after a time-out.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);

/// The liar, in front of a mock whose account holds things of the user's.
pub(crate) struct Liar {
    behind: String,
    client: reqwest::Client,
    lies: Mutex<Box<dyn FnMut() -> Lie + Send>>,
    pub(crate) has_created: AtomicBool,
    /// The requests that were not mere reads: `DELETE /api/v2/projects/…`.
    writes: Mutex<Vec<String>>,
    /// What is still to be done late.
    late: AtomicUsize,
    /// The ids of what some list has lacked.
    hidden: Mutex<BTreeSet<String>>,
    /// The lists that will lack what runs have made, the next time.
    hiding: Mutex<BTreeSet<String>>,
    reused: Mutex<Option<Reused>>,
}

/// What the endpoint takes for something else from then on.
#[derive(Debug, Clone)]
enum Reused {
    /// The id of a key that was removed, and the one of the user's that has it.
    Key(String, String),
    /// A branch as it is shown, in a project of a run, and as it is, in one of the user's.
    Branch(String, String),
}

impl Reused {
    /// What a request is for.
    fn meant(&self, target: &str) -> String {
        match self {
            Self::Key(id, theirs) => {
                target.replace(&format!("/api_keys/{id}"), &format!("/api_keys/{theirs}"))
            }
            Self::Branch(shown, theirs) => target.replace(shown, theirs),
        }
    }

    /// How an answer shows it.
    fn shown(&self, text: &str) -> String {
        match self {
            Self::Key(id, theirs) => text.replace(&format!("\"id\":{theirs}"), &format!("\"id\":{id}")),
            Self::Branch(shown, theirs) => {
                let project = |place: &str| place.split('/').next().unwrap_or_default().to_owned();
                text.replace(&project(theirs), &project(shown))
            }
        }
    }

    /// Whether it is shown in the answer to such a request.
    fn is_in(&self, path: &str) -> bool {
        match self {
            Self::Key(..) => path.starts_with("/api/v2/api_keys"),
            // In their own project it is as it was.
            Self::Branch(shown, _) => path.contains(shown),
        }
    }
}

impl Liar {
    pub(crate) async fn start(
        behind: &str,
        lies: impl FnMut() -> Lie + Send + 'static,
    ) -> (String, Arc<Self>) {
        let liar = Arc::new(Self {
            behind: behind.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().expect("there is a client"),
            lies: Mutex::new(Box::new(lies)),
            has_created: AtomicBool::new(false),
            writes: Mutex::default(),
            late: AtomicUsize::new(0),
            hidden: Mutex::default(),
            hiding: Mutex::default(),
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
        if let Some(reused) = &reused {
            target = reused.meant(&target);
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
        if parts.method != Method::GET {
            liar.writes.lock().expect("no liar panics").push(format!("{} {path}", parts.method));
        }
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
                // A key may be about to revoke itself.
                let theirs = liar.of_the_user(&headers, "/api/v2/api_keys").await["id"].to_string();
                let answer = forward(sent).await;
                if answer.status == 200 {
                    let id = id.trim_start_matches('/').to_owned();
                    *liar.reused.lock().expect("no liar panics") = Some(Reused::Key(id, theirs));
                }
                Some(answer)
            }
            (&Method::GET, Some(list), Some(""), Lie::KeepsAndHidesOnce)
                if liar.hiding.lock().expect("no liar panics").remove(list) =>
            {
                let mut answer = forward(sent).await;
                answer.change_list(|items| {
                    items.retain(|item| !item["name"].as_str().unwrap_or_default().starts_with("nc-"));
                });
                Some(answer)
            }
            (&Method::DELETE, Some(list), Some(id), lie) if id.matches('/').count() == 1 => {
                liar.remove(sent, list, lie).await
            }
            (&Method::GET, Some(_), Some(""), Lie::FailsAndLosesLists)
                if liar.has_created.load(Ordering::SeqCst) =>
            {
                Some(Answer::json(404, r#"{"message":"no list","request_id":"a-lie","code":""}"#))
            }
            (&Method::GET, Some(_), Some(""), Lie::CreatesAndListsNothing(_))
                if liar.has_created.load(Ordering::SeqCst) =>
            {
                Some(Answer::json(200, "<html>"))
            }
            // What was given to somebody else is not hidden from then on.
            (&Method::GET, Some(_), Some(""), Lie::CutsLists | Lie::ListsNothing) if reused.is_none() => {
                let mut answer = forward(sent).await;
                answer.change_list(|items| {
                    let lacking = if lie == Lie::ListsNothing { items.len() } else { items.len() / 2 };
                    let hidden = items.drain(..lacking).map(|item| id_of(&item));
                    liar.hidden.lock().expect("no liar panics").extend(hidden);
                });
                Some(answer)
            }
            (method, _, _, lie) => {
                let mut answer = forward(sent).await;
                let mut text = String::from_utf8_lossy(&answer.body).into_owned();
                if *method == Method::GET && collection.is_some() {
                    text = lie.shown(&text);
                }
                if let Some(reused) = reused.filter(|reused| reused.is_in(path)) {
                    text = reused.shown(&text);
                }
                answer.body = text.into_bytes();
                Some(answer)
            }
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
        let is_of_a_run = |name: &str| name.starts_with("nc-") || name.starts_with(RENAMED);
        let is_theirs = |item: &&Value| !item["name"].as_str().is_some_and(is_of_a_run);
        // Whoever is refused sees nothing of it.
        let items = listed["projects"].as_array().or(listed.as_array()).into_iter().flatten();
        items.into_iter().find(is_theirs).cloned().unwrap_or_default()
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
        let reused = Reused::Branch(place(project), place(theirs));
        *self.reused.lock().expect("no liar panics") = Some(reused);
        answer.body = body.to_string().replace(&made, &id).replace(theirs, project).into_bytes();
        answer
    }

    /// Does something after a while, whatever becomes of whoever has asked for it.
    fn do_late(self: &Arc<Self>, sent: reqwest::RequestBuilder, after: Duration) {
        self.late.fetch_add(1, Ordering::SeqCst);
        let liar = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            forward(sent).await;
            liar.late.fetch_sub(1, Ordering::SeqCst);
        });
    }

    /// Waits until all is done that is done late.
    pub(crate) async fn has_done_all(&self) {
        tokio::time::sleep(ON_THE_WAY).await;
        while self.late.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The requests so far that were not mere reads.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.writes.lock().expect("no liar panics").clone()
    }

    /// Whether it has ever taken one thing for another.
    pub(crate) fn has_reused(&self) -> bool {
        self.reused.lock().expect("no liar panics").is_some()
    }

    /// Whether some list has lacked this.
    pub(crate) fn has_hidden(&self, id: &str) -> bool {
        self.hidden.lock().expect("no liar panics").contains(id)
    }

    /// Lies no more.
    pub(crate) fn repent(&self) {
        *self.lies.lock().expect("no liar panics") = Box::new(|| Lie::Nothing);
        *self.reused.lock().expect("no liar panics") = None;
    }

    async fn create(
        self: &Arc<Self>,
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
                self.do_late(sent, Duration::from_millis(700));
                Some(Answer::json(504, r#"{"message":"time-out","request_id":"a-lie","code":""}"#))
            }
            Lie::CreatesAfterATimeOut => {
                self.do_late(sent, TIMEOUT + Duration::from_millis(400));
                std::future::pending().await
            }
            Lie::CreatesAndAnswers(body) | Lie::CreatesAndListsNothing(body) => {
                let answer = forward(sent).await;
                Some(if answer.status < 300 { Answer::json(201, body) } else { answer })
            }
            Lie::CreatesAndMarks => {
                let mut answer = forward(sent).await;
                answer.body.splice(..0, "\u{feff}".bytes());
                Some(answer)
            }
            Lie::CreatesAndEncodes => {
                let mut answer = forward(sent).await;
                let encoding = header::HeaderValue::from_static("deflate");
                answer.headers.push((header::CONTENT_ENCODING, encoding));
                Some(answer)
            }
            Lie::HangsUp => {
                forward(sent).await;
                None
            }
            Lie::HangsUpBefore => None,
            Lie::FailsAndLosesLists
            | Lie::FailsByAnOldClock
            | Lie::FailsByOddIds
            | Lie::FailsByLackingIds => {
                forward(sent).await;
                Some(Answer::json(500, r#"{"message":"failed","request_id":"a-lie","code":""}"#))
            }
            Lie::CreatesAndPutsOff => {
                forward(sent).await;
                let mut answer = Answer::json(503, r#"{"message":"later","request_id":"a-lie","code":""}"#);
                answer.headers.push((header::RETRY_AFTER, header::HeaderValue::from_static("0")));
                Some(answer)
            }
            Lie::Renames(Some(status)) => {
                let answer = forward(sent).await;
                let refused = json!({"message": "refused", "request_id": "a-lie", "code": ""}).to_string();
                Some(if answer.status < 300 { Answer::json(status, &refused) } else { answer })
            }
            _ => Some(forward(sent).await),
        }
    }

    async fn remove(self: &Arc<Self>, sent: reqwest::RequestBuilder, list: &str, lie: Lie) -> Option<Answer> {
        match lie {
            Lie::KeepsAndHidesOnce => {
                self.hiding.lock().expect("no liar panics").insert(list.to_owned());
                Some(Answer::json(200, "{}"))
            }
            Lie::KeepsAndAnswers(status) => {
                Some(Answer::json(status, r#"{"message":"gone","request_id":"a-lie","code":""}"#))
            }
            Lie::PutsOff => {
                let mut answer = Answer::json(503, r#"{"message":"later","request_id":"a-lie","code":""}"#);
                answer.headers.push((header::RETRY_AFTER, header::HeaderValue::from_static("100")));
                Some(answer)
            }
            Lie::RemovesLate => {
                self.do_late(sent, Duration::from_millis(500));
                Some(Answer::json(200, "{}"))
            }
            Lie::HangsUp | Lie::HangsUpOnRemovals => {
                forward(sent).await;
                None
            }
            Lie::HangsUpBefore | Lie::HangsUpBeforeRemovals => None,
            _ => Some(forward(sent).await),
        }
    }
}

/// What has been sent has come by then.
const ON_THE_WAY: Duration = Duration::from_millis(100);

/// How a name begins that the endpoint has given instead of a run's.
pub(crate) const RENAMED: &str = "renamed ";

/// A body in which the names of a run are others.
fn renamed(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace("\"nc-", &format!("\"{RENAMED}nc-"))
}
