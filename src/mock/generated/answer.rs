//! The answer of an operation, as its contract has it.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode};
use rand::SeedableRng as _;
use rand_chacha::ChaCha12Rng;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Generated;
use super::echo::echo;
use super::page::only_page;
use super::request::first_error;
use super::value::Generator;
use crate::exchange::Response as Sent;
use crate::mock::handlers::Reply;
use crate::spec::contract::{Operation, Response, ResponseStatus};
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;

/// An answer is made so often, until it is valid.
const TRIES: u8 = 16;

const JSON: &str = "application/json";

/// Where all that is left to chance comes from.
pub(super) type Chance = [u8; 32];

/// What an answer depends on.
pub(super) struct Asked<'a> {
    pub(super) params: &'a BTreeMap<String, String>,
    pub(super) query: &'a str,
    pub(super) chance: Chance,
}

/// The chance of a request: the same for the same one.
pub(super) fn chance(seed: u64, asked: &[&[u8]]) -> Chance {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in asked {
        // With its length, so that what moves from one part to the next makes a difference.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

impl Generated {
    /// The answer to the plainest request, or why there is none.
    pub(super) fn plain_answer(&self, operation: &Operation) -> Result<Reply, String> {
        let plain = Asked { params: &BTreeMap::new(), query: "", chance: Chance::default() };
        self.made(operation, &plain)
    }

    /// The first success of an operation that can be made, or why none can.
    pub(super) fn made(&self, operation: &Operation, asked: &Asked<'_>) -> Result<Reply, String> {
        let mut why = None;
        for (status, response) in successes(operation) {
            match self.reply(operation, (status, response), asked) {
                Ok(reply) => return Ok(reply),
                Err(reason) => _ = why.get_or_insert(reason),
            }
        }
        Err(why.unwrap_or_else(|| "the contract documents no success".to_owned()))
    }

    fn reply(
        &self,
        operation: &Operation,
        (status, response): (StatusCode, &Response),
        asked: &Asked<'_>,
    ) -> Result<Reply, String> {
        if response.is_unchecked {
            return Err(format!("the response {} refers to nothing", status.as_u16()));
        }
        let has_no_body = response.content.is_empty() || Sent::has_no_content(status.as_u16());
        if has_no_body {
            return Ok(Reply::of(status, None));
        }
        let (media, schema) = content(response)?;
        let is_text = !media.contains("json");
        let body = match schema {
            Some(schema) => self.body(operation, schema, asked)?,
            None if is_text => json!(""),
            None => json!({}),
        };
        if is_text && !body.is_string() {
            return Err(format!("the response {} is no JSON, but {media}", status.as_u16()));
        }
        let reply = Reply::of(status, Some(body));
        if media == JSON {
            return Ok(reply);
        }
        let media = HeaderValue::from_str(&media).map_err(|_| format!("{media} is no media type"))?;
        Ok(Reply { media: Some(media), ..reply })
    }

    /// A body that is valid by its schema.
    fn body(&self, operation: &Operation, schema: &SchemaRef, asked: &Asked<'_>) -> Result<Value, String> {
        let schemas = &self.contract.schemas;
        let validator = schemas.validator(schema, Way::Answer)?;
        let last = operation.path.rsplit('/').next();
        let last = last.and_then(|last| last.strip_prefix('{')?.strip_suffix('}'));
        let mut why = String::new();
        for turn in 0..TRIES {
            let mut chance = asked.chance;
            chance[0] ^= turn;
            let mut generator = Generator::new(schemas, ChaCha12Rng::from_seed(chance));
            generator.with_write_only = turn % 2 == 1;
            match generator.value(&vec![schema.clone()]) {
                Ok(value) if validator.is_valid(&value) => {
                    let stays = |value: &Value| validator.is_valid(value);
                    let value = only_page(value, operation, asked.query, stays);
                    return Ok(echo(value, asked.params, last, stays));
                }
                Ok(value) => {
                    let (place, detail) = first_error(&validator, &value).unwrap_or_default();
                    why = format!("no value is made that {schema} allows: {place} {detail}");
                }
                Err(reason) => why = reason,
            }
        }
        Err(why)
    }
}

/// The successes that an operation documents, in the order of the document; `default` where there is no other.
fn successes(operation: &Operation) -> impl Iterator<Item = (StatusCode, &Response)> {
    let exact = operation.responses.iter().filter_map(|response| match response.status {
        ResponseStatus::Exact(status) if (200..300).contains(&status) => Some((status, response)),
        _ => None,
    });
    let class = operation.responses.iter().filter_map(|response| match response.status {
        ResponseStatus::Class(2) => Some((200, response)),
        _ => None,
    });
    let any = operation.response(200).map(|response| (200, response));
    let mut found: Vec<(u16, &Response)> = exact.chain(class).collect();
    if found.is_empty() {
        found.extend(any);
    }
    found.into_iter().filter_map(|(status, response)| Some((StatusCode::from_u16(status).ok()?, response)))
}

/// What an answer is made of: JSON where it may be, else the first media type that is one.
fn content(response: &Response) -> Result<(String, Option<&SchemaRef>), String> {
    if let Some(schema) = response.content_for(JSON) {
        return Ok((JSON.to_owned(), schema.as_ref()));
    }
    let like_json = response.content.iter().find(|(media, _)| media.contains("json"));
    let others = || response.content.iter().find(|(media, _)| !media.contains('*'));
    let (media, schema) = like_json.or_else(others).ok_or("the contract names no media type")?;
    Ok((media.clone(), schema.as_ref()))
}
