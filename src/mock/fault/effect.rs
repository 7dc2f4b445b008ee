//! The point where an operation has been performed: what it did to the account.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::asked::Asked;
use super::data::{Break, Effect, Instead};
use super::faults::Faults;
use super::pointer::each;
use crate::mock::error::ApiError;
use crate::mock::handlers::{Answer, Call};
use crate::mock::model::State;
use crate::mock::router::Route;
use crate::sync::lock;

impl Faults {
    /// Performs an operation, and what the faults make of it.
    pub(in crate::mock) fn perform(
        &self,
        asked: &Asked<'_>,
        route: &Route,
        call: &Call<'_>,
        state: &mut State,
    ) -> Answer {
        if self.is_empty() {
            return route.perform(call, state);
        }
        let effects: Vec<Effect> = self
            .concerning(asked)
            .filter_map(|fault| match fault {
                Break::Effect(effect) => Some(*effect),
                _ => None,
            })
            .collect();
        let takes_back = effects.iter().any(|effect| matches!(effect, Effect::NotDone));
        let of_organization = state.organization(call.caller, call.param("org_id")).map(|(number, _)| number);
        let of_project = state.account_of(call.caller, call.param("project_id"));
        let number = of_organization.or(of_project).unwrap_or(call.caller.account);
        let before = takes_back.then(|| state.account_at(number).clone());
        let mut answer = route.perform(call, state);
        for effect in effects {
            let (now, has_acted) = match effect {
                Effect::NotDone => {
                    let is_done = answer.is_ok();
                    (answer, is_done)
                }
                Effect::DoneAndFails(status) if answer.is_ok() => (Err(failure(status)), true),
                Effect::Forgives(status, instead) if fails_with(&answer, status) => {
                    let again = instead.call(call).map(|call| route.perform(&call, state));
                    let is_done = again.as_ref().is_some_and(Result::is_ok);
                    (again.filter(|_| is_done).unwrap_or(answer), is_done)
                }
                Effect::Also(act) => {
                    let has_acted = act(call, &answer, state).is_some();
                    (answer, has_acted)
                }
                Effect::DoneAndFails(_) | Effect::Forgives(..) => (answer, false),
            };
            answer = now;
            if has_acted {
                self.note();
            }
        }
        if let Some(before) = before.filter(|_| answer.is_ok()) {
            state.put_back(number, before);
        }
        if !asked.method.is_safe()
            && answer.is_ok()
            && let Ok(key) = call.param("key_id").parse()
        {
            lock(&self.memory).revoked.insert(key, (call.now, key == call.caller.key));
        }
        let made = answer.as_ref().ok().filter(|_| asked.operation == "createApiKey");
        if let Some(key) = made.and_then(|made| made.body.as_ref()?["id"].as_i64()) {
            lock(&self.memory).made.insert(key);
        }
        answer
    }
}

impl Instead {
    /// Another call.
    fn call(self, call: &Call<'_>) -> Option<Call<'static>> {
        let with =
            |query, body: Vec<u8>| Call { params: call.params.clone(), query, body: body.into(), ..*call };
        match self {
            Self::Body(body) => Some(with(call.query.clone(), body.as_bytes().to_vec())),
            Self::WithoutQuery => Some(with(HashMap::new(), call.body.to_vec())),
            Self::Text(pointer, other) => {
                let mut body: Value = serde_json::from_slice(&call.body).ok()?;
                let changed = each(&mut body, pointer, &mut |member| {
                    let new = member.get().and_then(Value::as_str).map(other);
                    new.is_some_and(|new| member.set(json!(new)))
                });
                (changed > 0).then(|| with(call.query.clone(), body.to_string().into_bytes()))
            }
        }
    }
}

fn fails_with(answer: &Answer, status: u16) -> bool {
    answer.as_ref().is_err_and(|error| error.status.as_u16() == status)
}

fn failure(status: u16) -> ApiError {
    ApiError {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        ..ApiError::internal()
    }
}
