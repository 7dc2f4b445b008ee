//! One trial on its way: the steps are sent in order, what they capture is handed on, and what they made is undone.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use serde_json_path::JsonPath;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::authorization;
use super::suspicion::suspects;
use crate::exchange::{Authorization, Captured, Exchange, Expectation, Expected, Request, Response, Role};
use crate::json::plain;
use crate::plan::{Trial, needs_of_parameter};
use crate::secret::Secrets;
use crate::spec::annotation::{Mark, annotations};
use crate::spec::case::{Body, Call, StatusRange, StatusSet, Step, Until};
use crate::spec::case_file::Effect;
use crate::spec::contract::{Operation, OperationId, Place, effect_of};
use crate::spec::credential::Credential;
use crate::spec::endpoint::Absent;
use crate::spec::matcher::Matcher;
use crate::spec::template::{self, Scope};
use crate::spec::{Source, Suite};
use crate::spec::{escape, unescape};
use crate::target::{Session, Target};

/// What stands as it is in one segment of a path (RFC 3986 §3.3: unreserved characters).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a trial cannot go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// What it needs could not be had.
    Untested(String),
    /// The endpoint could not be reached, or the run was stopped.
    Errored(String),
    /// A step did not come out as expected, and later ones build on it.
    Unexpected,
}

/// A trial on its way.
pub(super) struct Stage<'a> {
    pub(super) suite: &'a Suite,
    pub(super) target: &'a dyn Target,
    pub(super) trial: &'a Trial,
    pub(super) session: &'a Session,
    pub(super) absent: &'a Absent,
    pub(super) secrets: &'a Secrets,
    pub(super) stop: &'a CancellationToken,
    /// What templates may use.
    pub(super) scope: Scope,
    /// What was sent and received so far.
    pub(super) exchanges: Vec<Exchange>,
    /// Path parameters whose values are known.
    pub(super) known: BTreeMap<String, Value>,
    /// What takes back what was done, the latest last.
    pub(super) undos: Vec<(Step, Scope)>,
    /// A key that was minted and revoked.
    pub(super) revoked: BTreeMap<Credential, SecretString>,
    /// Around a write on what it was looked last.
    pub(super) witnessed: Option<BTreeMap<String, String>>,
}

/// One request that is ready to be sent.
struct Prepared {
    operation: Option<OperationId>,
    credential: Credential,
    params: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    request: Request,
    path: String,
}

impl Stage<'_> {
    /// Sends all steps of the case.
    pub(super) async fn perform(&mut self) -> Result<(), Halt> {
        for step in &self.trial.case.steps {
            self.step(step, Role::Step).await?;
        }
        Ok(())
    }

    /// Takes back what was done, the latest first, whatever happened. Returns what could not be taken back.
    pub(super) async fn undo_all(&mut self) -> Vec<String> {
        let mut left = Vec::new();
        while let Some((step, scope)) = self.undos.pop() {
            self.scope = scope;
            let Ok(prepared) = self.prepare(&step).await else {
                left.push(step.name.clone());
                continue;
            };
            if self.is_done_already(&prepared) {
                continue;
            }
            let Ok(response) = self.target.send(&prepared.request).await else {
                left.push(format!("{} {}", prepared.request.method, prepared.path));
                continue;
            };
            if !response.is_success() && response.status != 404 {
                left.push(format!(
                    "{} {} answered {}",
                    prepared.request.method, prepared.path, response.status
                ));
            }
            self.record(&step, Role::Undo, prepared, response, None);
        }
        left
    }

    /// Whether the trial itself has already sent this request with success.
    fn is_done_already(&self, prepared: &Prepared) -> bool {
        let is_removal = prepared.request.method == "DELETE";
        is_removal
            && self.exchanges.iter().any(|exchange| {
                exchange.operation == prepared.operation
                    && exchange.params == prepared.params
                    && exchange.response.is_success()
            })
    }

    async fn step(&mut self, step: &Step, role: Role) -> Result<(), Halt> {
        let prepared = self.prepare(step).await?;
        let is_refused_write = role == Role::Step
            && prepared.credential.is_refused()
            && effect_of(&prepared.request.method) > Effect::Reads;
        // What was seen after the last refused write is seen before this one.
        let is_seen = self.exchanges.last().is_some_and(|last| last.role == Role::WitnessAfter)
            && self.witnessed.as_ref() == Some(&prepared.params);
        if is_refused_write && !is_seen {
            self.witness(Role::WitnessBefore, &prepared.params).await?;
        }
        let params = prepared.params.clone();
        match (&step.until, &step.pages) {
            (Some(until), _) => self.poll(step, role, prepared, until).await?,
            (None, Some(_)) => self.follow(step, role, prepared).await?,
            (None, None) => self.once(step, role, prepared).await?,
        }
        if is_refused_write {
            self.witness(Role::WitnessAfter, &params).await?;
            self.witnessed = Some(params);
        }
        Ok(())
    }

    async fn once(&mut self, step: &Step, role: Role, prepared: Prepared) -> Result<(), Halt> {
        let response = self.send(&prepared.request).await?;
        let expected = self.expected(step, &prepared)?;
        self.conclude(step, role, prepared, response, expected)
    }

    /// Repeats a request until its answer is as wanted, or time is up.
    async fn poll(&mut self, step: &Step, role: Role, prepared: Prepared, until: &Until) -> Result<(), Halt> {
        let wanted = self.expectations(step, "until/where", &until.values)?;
        let started = Instant::now();
        loop {
            let response = self.send(&prepared.request).await?;
            let reached = until.status.as_ref().is_none_or(|status| status.contains(response.status))
                && wanted.iter().all(|expectation| holds_everywhere(expectation, &response));
            let mut expected = self.expected(step, &prepared)?;
            if let (true, None, Some(status)) = (reached, &step.expect.status, &until.status) {
                expected.status = status.clone();
            }
            if reached {
                return self.conclude(step, role, prepared, response, expected);
            }
            if started.elapsed() + until.every > until.limit {
                // Time is up: what was waited for is now expected, and will be found missing.
                expected.values.extend(wanted);
                if let Some(status) = &until.status {
                    expected.status = status.clone();
                    expected.status_at = step.at("until/status");
                }
                return self.conclude(step, role, prepared, response, expected);
            }
            self.record(step, Role::Poll, prepared.again(), response, None);
            tokio::select! {
                () = tokio::time::sleep(until.every) => {}
                () = self.stop.cancelled() => return Err(Halt::Errored("the run was stopped".to_owned())),
            }
        }
    }

    /// Sends a request again with each answer's cursor, until there is no more.
    async fn follow(&mut self, step: &Step, role: Role, mut prepared: Prepared) -> Result<(), Halt> {
        let Some(pages) = &step.pages else { return Ok(()) };
        for _ in 0..pages.at_most {
            let response = self.send(&prepared.request).await?;
            let expected = self.expected(step, &prepared)?;
            let body = response.json().unwrap_or(&Value::Null);
            let cursor = find(&pages.cursor, body).into_iter().next();
            let is_last = find(&pages.items, body).is_empty();
            let next = match cursor.as_ref().map(plain) {
                Some(cursor) if !is_last => Some(prepared.with_query(&pages.parameter, cursor)),
                _ => None,
            };
            self.conclude(step, role, prepared, response, expected)?;
            match next {
                Some(next) => prepared = next,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Sends those of the suite's witnesses that look closest: whose path parameters are known, and of these the ones with most.
    async fn witness(&mut self, role: Role, params: &BTreeMap<String, String>) -> Result<(), Halt> {
        let needs = |witness: &Step| -> Option<usize> {
            let Call::Operation(id) = &witness.call else { return None };
            if self.absent.contains_key(id) {
                return None;
            }
            let mut names = self.suite.operation(id).path_parameters();
            let known = |name: &str| params.contains_key(name) || witness.params.contains_key(name);
            names.all(known).then(|| self.suite.operation(id).path_parameters().count())
        };
        let closest = self.suite.supply.witnesses.iter().filter_map(needs).max();
        for witness in self
            .suite
            .supply
            .witnesses
            .iter()
            .filter(|witness| closest.is_some() && needs(witness) == closest)
        {
            let mut witness = witness.clone();
            for (name, value) in params {
                witness.params.entry(name.clone()).or_insert_with(|| Value::String(value.clone()));
            }
            let prepared = self.prepare(&witness).await?;
            self.once(&witness, role, prepared).await?;
        }
        Ok(())
    }

    // --- making a request ---

    async fn prepare(&mut self, step: &Step) -> Result<Prepared, Halt> {
        let credential = self.trial.variant.credential_of(step);
        let (operation, method, path, params) = match (self.trial.variant.operation_of(step), &step.call) {
            (Some(id), _) => {
                let params = self.path_parameters(step, id).await?;
                let operation = self.suite.operation(id);
                (Some(id.clone()), operation.method.clone(), fill_path(&operation.path, &params), params)
            }
            (None, Call::Raw { method, path }) => {
                let path = self.text(path)?;
                let known = self.suite.operation_at(method, &path);
                let (id, params) = known.map(|(operation, params)| (operation.id.clone(), params)).unzip();
                (id, method.clone(), path, params.unwrap_or_default())
            }
            (None, _) => return Err(Halt::Untested("the step has no operation".to_owned())),
        };
        // A header that the step spells out is sent as it is, in place of the credential's.
        let spelled_out = step.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization"));
        let authorization = if spelled_out { None } else { self.authorization(step, credential).await? };
        let mut query = BTreeMap::new();
        for (name, value) in &step.query {
            query.insert(name.clone(), plain(&self.value(value)?));
        }
        if let (Some(id), Call::Operation(_) | Call::EachOperation) = (&operation, &step.call) {
            for name in self.suite.operation(id).required_query() {
                if !query.contains_key(name) && self.suite.supply.params.contains_key(name) {
                    query.insert(name.to_owned(), plain(&self.supply(name).await?));
                }
            }
        }
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        let body = self.body(step, operation.as_ref(), credential)?;
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        for (name, value) in &step.headers {
            let (name, value) = (name.to_ascii_lowercase(), self.text(value)?);
            if name == "authorization" {
                self.secrets.suspect(value.rsplit(' ').next().unwrap_or(&value));
            }
            headers.retain(|(header, _)| *header != name);
            headers.push((name, value));
        }
        let request = Request { method, target: target(&path, &query), headers, authorization, body };
        if let Some((_, spelled_out)) = path.split_once('?') {
            query.extend(url::form_urlencoded::parse(spelled_out.as_bytes()).into_owned());
        }
        Ok(Prepared { operation, credential, params, query, request, path })
    }

    /// The values of an operation's path parameters: the step's, or the suite's.
    async fn path_parameters(
        &mut self,
        step: &Step,
        id: &OperationId,
    ) -> Result<BTreeMap<String, String>, Halt> {
        let mut params = BTreeMap::new();
        for name in self.suite.operation(id).path_parameters() {
            let value = match step.params.get(name) {
                Some(value) => self.value(value)?,
                // What must be refused must be so whether what it asks for is there or not.
                None if self.trial.variant.credential_of(step).is_refused() && !self.can_supply(name) => {
                    self.nothing(self.suite.operation(id), name)
                }
                None => self.supply(name).await?,
            };
            params.insert(name.to_owned(), plain(&value));
        }
        Ok(params)
    }

    /// Whether nothing is lost by asking for what is there, in place of something made for it: the trial only reads, or it must
    /// be refused throughout and has an account of its own.
    fn may_take_what_is_there(&self) -> bool {
        let is_refused =
            |step: &Step| self.trial.variant.credential_of(step).is_refused() && step.key.is_none();
        self.trial.effect == Effect::Reads
            || (self.session.exclusive && self.trial.case.steps.iter().all(is_refused))
    }

    /// Whether the suite says how a parameter is come by, and the endpoint has what it takes.
    fn can_supply(&self, name: &str) -> bool {
        self.suite.supply.params.contains_key(name)
            && needs_of_parameter(self.suite, name).iter().all(|id| !self.absent.contains_key(id))
    }

    /// A value for a parameter that has its form, and names nothing.
    fn nothing(&self, operation: &Operation, name: &str) -> Value {
        let schema = operation.parameter(name, Place::Path).and_then(|parameter| parameter.schema.as_ref());
        let schema = schema.and_then(|schema| self.suite.schemas.get(schema));
        let keyword = |keyword: &str| schema.and_then(|schema| schema[keyword].as_str()).unwrap_or_default();
        match (keyword("type"), keyword("format")) {
            ("integer" | "number", _) => i32::MAX.into(),
            (_, "uuid") => uuid::Uuid::nil().to_string().into(),
            _ => format!("no-such-{}", name.replace('_', "-")).into(),
        }
    }

    /// The value of a path parameter that no step names.
    async fn supply(&mut self, name: &str) -> Result<Value, Halt> {
        if let Some(value) = self.known.get(name) {
            return Ok(value.clone());
        }
        let Some(source) = self.suite.supply.params.get(name) else {
            return Err(Halt::Untested(format!("nothing supplies the path parameter `{name}`")));
        };
        let step = match &source.source {
            Source::Value(value) => return Ok(value.clone()),
            Source::Steps { find: Some(find), .. } if self.may_take_what_is_there() => find,
            Source::Steps { make, .. } => make,
        };
        let value = self
            .supporting(std::slice::from_ref(step), name, &format!("`{name}` could not be supplied"))
            .await?;
        self.known.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// Sends steps that are not the case's own, in a scope of their own, and returns what they capture as `export`.
    /// If they fail, the case could not be tested.
    async fn supporting(&mut self, steps: &[Step], export: &str, otherwise: &str) -> Result<Value, Halt> {
        let run = self.scope.get("run").cloned().unwrap_or_default();
        let scope_of_case = std::mem::replace(&mut self.scope, Scope::from_iter([("run".to_owned(), run)]));
        let outcome = self.supporting_steps(steps, otherwise).await;
        let scope = std::mem::replace(&mut self.scope, scope_of_case);
        outcome?;
        scope
            .get(export)
            .cloned()
            .ok_or_else(|| Halt::Untested(format!("{otherwise}: `{export}` was not captured")))
    }

    async fn supporting_steps(&mut self, steps: &[Step], otherwise: &str) -> Result<(), Halt> {
        for step in steps {
            match Box::pin(self.step(step, Role::Supply)).await {
                Err(Halt::Unexpected) => {
                    let status = self.exchanges.last().map_or(0, |exchange| exchange.response.status);
                    return Err(Halt::Untested(format!("{otherwise}: `{}` answered {status}", step.name)));
                }
                other => other?,
            }
        }
        Ok(())
    }

    async fn authorization(
        &mut self,
        step: &Step,
        credential: Credential,
    ) -> Result<Option<Authorization>, Halt> {
        if let Some(key) = &step.key {
            let filled = SecretString::from(self.text(key)?);
            self.secrets.suspect(filled.expose_secret());
            let variable = key.trim_matches(['{', '}', ' ']).to_owned();
            return Ok(Some(authorization::bearer(&filled, &variable)));
        }
        Ok(match credential {
            Credential::Valid => Some(authorization::bearer(&self.session.key, "NEON_API_KEY")),
            Credential::Missing => None,
            Credential::Malformed(shape) => Some(authorization::malformed(shape, &self.session.key)),
            Credential::Invalid => Some(authorization::never_issued(&self.session.key, &self.trial.name)),
            Credential::OtherUser => match &self.session.other_user {
                Some(key) => Some(authorization::bearer(key, "NEON_API_KEY_OTHER")),
                None => {
                    return Err(Halt::Untested(
                        "there is no key of another user: set NEON_API_KEY_OTHER".to_owned(),
                    ));
                }
            },
            Credential::Altered(change) => {
                let header = authorization::altered(change, &self.session.key);
                let header = header
                    .ok_or_else(|| Halt::Untested(format!("the key has nothing to be {credential} in")))?;
                // All but one character of a key is a key to whoever tries the rest.
                self.secrets.suspect(header.value.expose_secret().rsplit(' ').next().unwrap_or_default());
                Some(header)
            }
            Credential::Revoked | Credential::SelfRevoked => {
                Some(authorization::bearer(&self.revoked_key(credential).await?, "token"))
            }
        })
    }

    /// A key that was minted, seen to work, and revoked: never a made-up one.
    async fn revoked_key(&mut self, kind: Credential) -> Result<SecretString, Halt> {
        if let Some(key) = self.revoked.get(&kind) {
            return Ok(key.clone());
        }
        let Some(steps) = self.suite.supply.revoked_keys.get(&kind) else {
            return Err(Halt::Untested("the suite does not say how a revoked key comes to be".to_owned()));
        };
        let missing = steps.iter().find_map(|step| self.absent.get(self.trial.variant.operation_of(step)?));
        if let Some(reason) = missing {
            return Err(Halt::Untested(format!("no key can be minted and revoked: {reason}")));
        }
        let token = self.supporting(steps, "token", "no key could be minted and revoked").await?;
        let key = SecretString::from(plain(&token));
        self.revoked.insert(kind, key.clone());
        Ok(key)
    }

    fn body(
        &self,
        step: &Step,
        operation: Option<&OperationId>,
        credential: Credential,
    ) -> Result<Option<Vec<u8>>, Halt> {
        Ok(match &step.body {
            Body::Json(body) => Some(self.value(body)?.to_string().into_bytes()),
            Body::Raw(raw) if raw.is_empty() => None,
            Body::Raw(raw) => Some(self.text(raw)?.into_bytes()),
            Body::Default => match operation {
                Some(id) if self.suite.operation(id).body_required => {
                    match self.suite.supply.bodies.get(id) {
                        Some(body) => Some(self.value(body)?.to_string().into_bytes()),
                        // What must be refused whatever it says may as well say nothing.
                        None if credential.is_refused() => Some(b"{}".to_vec()),
                        None => return Err(Halt::Untested(format!("nothing supplies a body for `{id}`"))),
                    }
                }
                _ => None,
            },
        })
    }

    async fn send(&self, request: &Request) -> Result<Response, Halt> {
        let stopped = || Err(Halt::Errored("the run was stopped".to_owned()));
        if self.stop.is_cancelled() {
            return stopped();
        }
        let sent = self.target.send(request);
        let answer = if effect_of(&request.method) > Effect::Reads {
            // What a write has made is known only from its answer, and could not be undone without.
            sent.await
        } else {
            tokio::select! {
                answer = sent => answer,
                () = self.stop.cancelled() => return stopped(),
            }
        };
        answer.map_err(|error| Halt::Errored(error.to_string()))
    }

    // --- after an answer ---

    /// Records the exchange; halts where the answer is unexpected and later steps build on it.
    fn conclude(
        &mut self,
        step: &Step,
        role: Role,
        prepared: Prepared,
        response: Response,
        expected: Expected,
    ) -> Result<(), Halt> {
        let is_expected = expected.status.contains(response.status) && response.fault.is_none();
        let is_broken = response.fault.is_some();
        // What an unexpected success has made must be undone as well.
        let is_told = is_expected || (response.is_success() && !is_broken);
        let captured = if is_told { self.capture(step, &response)? } else { Vec::new() };
        let is_complete = captured.len() == step.captures.len();
        if role != Role::Undo
            && response.is_success()
            && let Some(undo) = &step.undo
        {
            self.undos.push((Step::clone(undo), self.scope.clone()));
        }
        self.record(step, role, prepared, response, Some(expected));
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.captured = captured;
        }
        if is_broken || !is_complete || (role == Role::Supply && !is_expected) {
            Err(Halt::Unexpected)
        } else {
            Ok(())
        }
    }

    fn capture(&mut self, step: &Step, response: &Response) -> Result<Vec<Captured>, Halt> {
        let mut captured = Vec::new();
        for capture in &step.captures {
            let path = self.text(&capture.path)?;
            let Some(value) = response.json().and_then(|body| find(&path, body).into_iter().next()) else {
                continue;
            };
            if capture.secret {
                self.secrets.add(&plain(&value));
            }
            self.scope.insert(capture.name.clone(), value.clone());
            let path = response.json().map_or(path.clone(), |body| plain_path(&path, body));
            captured.push(Captured { name: capture.name.clone(), path, value });
        }
        Ok(captured)
    }

    fn record(
        &mut self,
        step: &Step,
        role: Role,
        prepared: Prepared,
        response: Response,
        expected: Option<Expected>,
    ) {
        self.learn_secrets(&prepared, &response);
        self.exchanges.push(Exchange {
            role,
            step: self.text(&step.name).unwrap_or_else(|_| step.name.clone()),
            location: step.at(""),
            operation: prepared.operation,
            credential: prepared.credential,
            other_key: step.key.is_some()
                || step.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization")),
            params: prepared.params,
            query: prepared.query,
            request: prepared.request,
            response,
            expected,
            captured: Vec::new(),
        });
    }

    /// Takes note of the secrets in an answer, by what its schema says, and of what looks like one.
    fn learn_secrets(&self, prepared: &Prepared, response: &Response) {
        let names = self.suite.schemas.secret_names();
        for text in suspects(response, self.session.key.expose_secret(), names) {
            self.secrets.suspect(&text);
        }
        let (Some(id), Some(body)) = (&prepared.operation, response.json()) else { return };
        let schema = self
            .suite
            .operation(id)
            .response(response.status)
            .and_then(crate::spec::contract::Response::annotated);
        let Some(schema) = schema else { return };
        for annotation in annotations(&self.suite.schemas, schema, body) {
            if annotation.mark == Mark::Secret
                && let Some(value) = body.pointer(&annotation.pointer)
            {
                self.secrets.add(&plain(value));
            }
        }
    }

    // --- templates ---

    fn expected(&self, step: &Step, prepared: &Prepared) -> Result<Expected, Halt> {
        let expect = &step.expect;
        let status = expect.status.clone().unwrap_or_else(|| {
            let successes = prepared
                .operation
                .as_ref()
                .map(|id| self.suite.operation(id).successes())
                .unwrap_or_default();
            StatusSet(if prepared.credential.is_refused() {
                vec![StatusRange::Code(401)]
            } else if successes.is_empty() {
                vec![StatusRange::Class(2)]
            } else {
                successes.into_iter().map(StatusRange::Code).collect()
            })
        });
        let absent = expect
            .absent
            .iter()
            .enumerate()
            .map(|(index, path)| Ok((self.text(path)?, step.at(&format!("expect/absent/{index}")))))
            .collect::<Result<_, Halt>>()?;
        Ok(Expected {
            status,
            status_at: if expect.status.is_some() { step.at("expect/status") } else { step.at("") },
            schema: expect.schema.clone(),
            headers: self.expectations(step, "expect/headers", &expect.headers)?,
            values: self.expectations(step, "expect/where", &expect.values)?,
            absent,
        })
    }

    fn expectations(
        &self,
        step: &Step,
        part: &str,
        written: &[(String, Matcher)],
    ) -> Result<Vec<Expectation>, Halt> {
        written
            .iter()
            .map(|(subject, matcher)| {
                Ok(Expectation {
                    subject: self.text(subject)?,
                    matcher: matcher.map(&mut |value| self.value(value))?,
                    location: step.document.at_key(&format!("{}/{part}/{}", step.pointer, escape(subject))),
                })
            })
            .collect()
    }

    fn text(&self, source: &str) -> Result<String, Halt> {
        template::fill(source, &self.scope).map_err(Halt::Untested)
    }

    fn value(&self, source: &Value) -> Result<Value, Halt> {
        template::fill_value(source, &self.scope).map_err(Halt::Untested)
    }
}

impl Prepared {
    fn again(&self) -> Self {
        Self {
            operation: self.operation.clone(),
            credential: self.credential,
            params: self.params.clone(),
            query: self.query.clone(),
            request: self.request.clone(),
            path: self.path.clone(),
        }
    }

    fn with_query(&self, name: &str, value: String) -> Self {
        let mut next = self.again();
        next.query.insert(name.to_owned(), value);
        let path = next.path.split('?').next().unwrap_or_default();
        next.request.target = target(path, &next.query);
        next
    }
}

/// A path template with its parameters filled in, each as one segment.
fn fill_path(template: &str, params: &BTreeMap<String, String>) -> String {
    params.iter().fold(template.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), &utf8_percent_encode(value, SEGMENT).to_string())
    })
}

fn target(path: &str, query: &BTreeMap<String, String>) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{encoded}")
}

/// What a JSONPath finds; nothing, where it is none.
fn find(path: &str, body: &Value) -> Vec<Value> {
    JsonPath::parse(path)
        .map(|path| path.query(body).all().into_iter().cloned().collect())
        .unwrap_or_default()
}

/// The path itself where it names a place; where it searches, the first place that it has found.
fn plain_path(path: &str, body: &Value) -> String {
    if !path.contains(['?', '*']) && !path.contains("..") {
        return path.to_owned();
    }
    let Ok(parsed) = JsonPath::parse(path) else { return path.to_owned() };
    let found =
        parsed.query_located(body).all().into_iter().next().map(|node| node.location().to_json_pointer());
    let steps = found.unwrap_or_default();
    let written = steps.split('/').skip(1).map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{}", unescape(step)),
    });
    format!("${}", written.collect::<String>())
}

fn holds_everywhere(expectation: &Expectation, response: &Response) -> bool {
    let found = find(&expectation.subject, response.json().unwrap_or(&Value::Null));
    expectation.matcher.holds_for(&found.iter().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_parameter_stays_one_segment() {
        let params = BTreeMap::from([("id".to_owned(), "odd/name 1".to_owned())]);
        assert_eq!(fill_path("/a/{id}/b", &params), "/a/odd%2Fname%201/b");
    }

    #[test]
    fn a_query_is_encoded() {
        let query = BTreeMap::from([("search".to_owned(), "a&b".to_owned())]);
        assert_eq!(target("/p", &query), "/p?search=a%26b");
        assert_eq!(target("/p?x=1", &query), "/p?x=1&search=a%26b");
    }

    #[test]
    fn a_search_becomes_the_place_it_found() {
        let body = serde_json::json!({"branches": [{"default": false}, {"default": true, "id": "b"}]});
        assert_eq!(plain_path("$.branches[?@.default == true].id", &body), "$.branches[1].id");
        assert_eq!(plain_path("$.branches[0].id", &body), "$.branches[0].id");
    }
}
