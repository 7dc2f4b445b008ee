//! The input of the judge: the exchanges of one trial and the knowledge at that time.

use std::cell::OnceCell;

use super::sighting::Sighting;
use crate::exchange::{Exchange, Role};
use crate::plan::Trial;
use crate::secret::Secrets;
use crate::spec::Suite;
use crate::spec::annotation::{Annotation, annotations};
use crate::spec::contract::Operation;
use crate::spec::credential::Credential;
use crate::spec::schema_ref::SchemaRef;

/// The exchanges of one trial.
pub struct Record<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// The trial.
    pub trial: &'a Trial,
    /// The exchanges, in order.
    pub exchanges: Vec<Exchange>,
    /// The secrets.
    pub secrets: &'a Secrets,
    /// The prefix of the names of all resources that the trial created.
    pub prefix: String,
    /// Nobody else touched the account meanwhile.
    pub exclusive: bool,
    /// What its answers show; worked out when it is first needed.
    pub(super) sightings: OnceCell<Vec<Sighting>>,
    /// Of each exchange.
    annotations: Vec<OnceCell<Vec<Annotation>>>,
}

impl<'a> Record<'a> {
    /// The record of a trial.
    #[must_use]
    pub fn new(suite: &'a Suite, trial: &'a Trial, exchanges: Vec<Exchange>, secrets: &'a Secrets) -> Self {
        let annotations = vec![OnceCell::new(); exchanges.len()];
        Self {
            suite,
            trial,
            exchanges,
            secrets,
            prefix: String::new(),
            exclusive: false,
            sightings: OnceCell::new(),
            annotations,
        }
    }

    /// The same of a run, the names of whose resources begin with `prefix`; `exclusive`, where nobody else touched the account.
    #[must_use]
    pub fn of_run(self, prefix: String, exclusive: bool) -> Self {
        Self { prefix, exclusive, ..self }
    }

    /// The operation an exchange belongs to; none where the request was spelled out.
    #[must_use]
    pub fn operation(&self, exchange: &Exchange) -> Option<&'a Operation> {
        exchange.operation.as_ref().map(|id| self.suite.operation(id))
    }

    /// The schema of an answer: the one the case names, else the contract's for its status.
    #[must_use]
    pub fn schema<'e>(&'e self, exchange: &'e Exchange) -> Option<&'e SchemaRef> {
        if let Some(schema) = named_schema(exchange) {
            return Some(schema);
        }
        let response = self.operation(exchange)?.response(exchange.response.status)?;
        let media_type = exchange.response.media_type();
        let by_type = media_type.and_then(|media_type| response.content_for(&media_type));
        by_type.or_else(|| response.content_for("application/json"))?.as_ref()
    }

    /// What the schema of an answer says about its values; the exchange is one of the record's.
    #[must_use]
    pub fn annotations(&self, exchange: &Exchange) -> &[Annotation] {
        let place = self.exchanges.iter().position(|other| std::ptr::eq(other, exchange));
        let Some(known) = place.and_then(|place| self.annotations.get(place)) else { return &[] };
        known.get_or_init(|| match (self.annotated(exchange), exchange.response.json()) {
            (Some(schema), Some(body)) => annotations(&self.suite.schemas, schema, body),
            _ => Vec::new(),
        })
    }

    /// The schema whose annotations speak of an answer.
    fn annotated<'e>(&'e self, exchange: &'e Exchange) -> Option<&'e SchemaRef> {
        let of_contract = || self.operation(exchange)?.annotated(exchange.response.status);
        named_schema(exchange).or_else(of_contract)
    }

    /// The exchanges in which an answer came, with their places.
    pub fn answered(&self) -> impl Iterator<Item = (usize, &Exchange)> {
        self.exchanges.iter().enumerate().filter(|(_, exchange)| exchange.response.status != 0)
    }

    /// Whether an exchange speaks for what the account holds: sent with the account's own key, and answered. Another key may
    /// reach less.
    pub(super) fn speaks(exchange: &Exchange) -> bool {
        exchange.credential == Credential::Valid
            && !exchange.other_key
            && exchange.response.status != 0
            && exchange.role != Role::Poll
    }
}

/// The schema that the case names for an answer of the status that it expects.
fn named_schema(exchange: &Exchange) -> Option<&SchemaRef> {
    let schema = exchange.expected.as_ref()?.schema.as_ref();
    schema.filter(|_| exchange.has_expected_status())
}
