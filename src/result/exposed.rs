//! What was sent and received, as it may be shown: secrets are masked, and what is long is cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exchange::{Exchange, Role};
use crate::json;
use crate::secret::Secrets;
use crate::text;

/// A body is shown up to so many characters.
const BODY_SHOWN: usize = 4000;

/// An exchange as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exposed {
    /// The step, or why it was sent.
    pub step: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers that were sent; in place of a key stands the name of a variable.
    pub request_headers: Vec<(String, String)>,
    /// The body that was sent.
    #[serde(default)]
    pub request_body: Option<String>,
    /// The status; 0 where no answer came.
    pub status: u16,
    /// The headers that came.
    pub headers: Vec<(String, String)>,
    /// The body that came, as it is read best.
    pub body: String,
    /// The transport error.
    #[serde(default)]
    pub fault: Option<String>,
    /// The response time in milliseconds.
    pub elapsed_ms: u64,
}

impl Exposed {
    pub(crate) fn new(exchange: &Exchange, secrets: &Secrets) -> Self {
        let Exchange { request, response, .. } = exchange;
        let line = |text: &str| text::line(&secrets.mask(text));
        let pairs = |pairs: &[(String, String)]| -> Vec<(String, String)> {
            let shown = |name: &str, value: &str| text::line(&secrets.mask_header(name, value));
            pairs.iter().map(|(name, value)| (line(name), shown(name, value))).collect()
        };
        let mut request_headers = pairs(&request.headers);
        if let Some(authorization) = &request.authorization {
            request_headers.insert(0, ("authorization".to_owned(), line(&authorization.shown)));
        }
        let body = match response.json() {
            Some(json) => json::exact(json, &response.text(), true),
            None => response.text(),
        };
        let cut = |body: &str| text::lines(&cut(&secrets.mask(body)));
        Self {
            step: line(&match exchange.role {
                Role::Step => exchange.step.clone(),
                Role::Page => format!("{} (another page)", exchange.step),
                Role::Poll => format!("{} (not yet)", exchange.step),
                Role::Supply => format!("{} (for the trial)", exchange.step),
                Role::WitnessBefore => "state before".to_owned(),
                Role::WitnessAfter => "state after".to_owned(),
                Role::Undo => "cleanup".to_owned(),
            }),
            method: request.method.clone(),
            target: line(&request.target),
            request_headers,
            request_body: request.body.as_ref().map(|body| cut(&String::from_utf8_lossy(body))),
            status: response.status,
            headers: pairs(&response.headers),
            body: cut(&body),
            fault: response.fault.as_ref().map(|fault| line(&fault.to_string())),
            elapsed_ms: u64::try_from(response.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(BODY_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
