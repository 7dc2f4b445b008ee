//! A server in front of the mock that answers some requests in its own way.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, Response, header};
use serde_json::{Value, json};

/// What becomes of a request.
pub(crate) enum Act {
    /// The mock answers it.
    Forward,
    /// It gets no answer.
    Hang,
    /// It is answered so.
    Answer(u16, Value),
    /// It is refused, since there were too many, and may come again at once.
    TooMany,
    /// The mock answers it, and what it says is changed.
    Change(fn(&mut Value)),
}

type Decide = dyn Fn(&Method, &str) -> Act + Send + Sync;

/// Starts one in front of the mock at `behind`. `decide` sees the method and the path.
pub(crate) async fn start(
    behind: &str,
    decide: impl Fn(&Method, &str) -> Act + Send + Sync + 'static,
) -> String {
    let client = reqwest::Client::builder().no_proxy().build().expect("there is a client");
    let decide: Arc<Decide> = Arc::new(decide);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it has an address"));
    let app = Router::new().fallback(answer).with_state((client, behind.to_owned(), decide));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

async fn answer(
    State((client, behind, decide)): State<(reqwest::Client, String, Arc<Decide>)>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("the request has an end");
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let sent = client.request(parts.method.clone(), format!("{behind}{target}")).headers(headers).body(body);
    let answer = match decide(&parts.method, parts.uri.path()) {
        Act::Forward => forward(sent).await,
        Act::Hang => std::future::pending().await,
        Act::Answer(status, body) => Answer::json(status, &body.to_string()),
        Act::TooMany => {
            let mut answer =
                Answer::json(429, &json!({"code": "", "message": "too many requests"}).to_string());
            answer.headers.push((header::RETRY_AFTER, header::HeaderValue::from_static("0")));
            answer
        }
        Act::Change(change) => {
            let mut answer = forward(sent).await;
            if let Ok(mut body) = serde_json::from_slice(&answer.body) {
                change(&mut body);
                answer.body = body.to_string().into_bytes();
            }
            answer
        }
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).expect("it is an answer")
}

/// An answer of the mock, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(header::HeaderName, header::HeaderValue)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Changes the items of a list that it holds, where it does.
    pub(crate) fn change_list(&mut self, change: impl FnOnce(&mut Vec<Value>)) {
        let Ok(mut list) = serde_json::from_slice::<Value>(&self.body) else { return };
        let items = if list.is_array() { &mut list } else { &mut list["projects"] };
        if let Some(items) = items.as_array_mut() {
            change(items);
            self.body = list.to_string().into_bytes();
        }
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        let kind = header::HeaderValue::from_static("application/json");
        let id = header::HeaderName::from_static("x-neon-ret-request-id");
        let headers = vec![(header::CONTENT_TYPE, kind), (id, header::HeaderValue::from_static("a-lie"))];
        Self { status, headers, body: body.as_bytes().to_vec() }
    }
}

pub(crate) async fn forward(sent: reqwest::RequestBuilder) -> Answer {
    let answer = sent.send().await.expect("the mock answers");
    let kept = |name: &header::HeaderName| {
        name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING && name != header::CONNECTION
    };
    let headers = answer.headers().iter().filter(|(name, _)| kept(name));
    let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
    Answer {
        status: answer.status().as_u16(),
        headers,
        body: answer.bytes().await.expect("it answers in full").to_vec(),
    }
}
