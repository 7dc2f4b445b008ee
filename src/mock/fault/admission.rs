//! The point where it is decided who a request comes from.

use std::collections::BTreeSet;

use axum::http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};

use super::asked::Asked;
use super::data::{Admission, Break, Elsewhere, Look, Near, Refused, Who};
use super::demand::{Demanded, Sight};
use super::faults::Faults;
use crate::mock::auth::Refusal;
use crate::mock::error::ApiError;
use crate::mock::model::{Caller, State, hash};
use crate::mock::router::Params;
use crate::sync::lock;

/// A request that has come to the door.
pub(in crate::mock) struct Attempt<'a> {
    pub(in crate::mock) asked: &'a Asked<'a>,
    pub(in crate::mock) params: &'a Params,
    pub(in crate::mock) state: &'a State,
    pub(in crate::mock) body: &'a [u8],
    pub(in crate::mock) now: Timestamp,
}

/// What comes of it.
pub(in crate::mock) enum Admitted {
    /// It is let in.
    In(Caller),
    /// It is refused, and done all the same.
    Secretly(Caller, ApiError),
}

impl Admission {
    pub(super) fn needs_tokens(self) -> bool {
        matches!(self, Self::Near(Near::Shorter | Near::OtherCase))
    }

    /// Whose refusal it is about; `None` where it is about those who are let in.
    pub(super) fn who(self) -> Option<Who> {
        match self {
            Self::LetsIn(who) | Self::Secretly(who) => Some(who),
            Self::For(_) | Self::Times(_) => Some(Who::Revoked),
            Self::Near(_) => Some(Who::Unknown),
            Self::WearsOut(_) | Self::Made | Self::From(_) | Self::ExactScheme | Self::AsOwner => None,
        }
    }

    /// Whether it shows only where a request spells out how a key is sent.
    pub(super) fn is_about_spelling(self) -> bool {
        matches!(self, Self::From(_) | Self::ExactScheme)
    }
}

impl Refused {
    /// Whose refusal it is about.
    pub(super) fn who(self) -> Who {
        let (Self::Status(who, _) | Self::Says(who, _) | Self::NamesUser(who) | Self::Repeats(who)) = self;
        who
    }
}

impl Who {
    fn is(self, refusal: &Refusal, attempt: &Attempt<'_>, faults: &Faults) -> bool {
        let header = attempt.asked.headers.get(header::AUTHORIZATION).and_then(|header| header.to_str().ok());
        let header = header.unwrap_or_default().trim();
        match self {
            Self::Anyone => true,
            Self::Missing => *refusal == Refusal::Missing,
            Self::Malformed => *refusal == Refusal::Malformed,
            Self::NoScheme => {
                *refusal == Refusal::Malformed
                    && !header.contains(' ')
                    && !header.eq_ignore_ascii_case("bearer")
            }
            Self::Basic => *refusal == Refusal::Malformed && header.starts_with("Basic "),
            Self::Nothing => *refusal == Refusal::Malformed && header.eq_ignore_ascii_case("bearer"),
            Self::Unknown => *refusal == Refusal::Unknown,
            Self::Revoked => matches!(refusal, Refusal::Revoked(_)),
            Self::RevokedItself => match refusal {
                Refusal::Revoked(caller) => {
                    lock(&faults.memory).revoked.get(&caller.key).is_some_and(|(_, by_itself)| *by_itself)
                }
                _ => false,
            },
        }
    }

    /// Whether one of these credentials is meant; where they are not known, it may be.
    pub(super) fn is_among(self, credentials: Option<&BTreeSet<&'static str>>) -> bool {
        let is_meant = |word: &&str| match self {
            Self::Anyone => true,
            Self::Missing => *word == "missing",
            Self::Malformed | Self::NoScheme | Self::Basic | Self::Nothing => word.starts_with("malformed"),
            Self::Unknown => *word == "invalid" || word.starts_with("altered"),
            Self::Revoked | Self::RevokedItself => word.starts_with("revoked"),
        };
        credentials.is_none_or(|known| known.iter().any(is_meant))
    }
}

impl Attempt<'_> {
    /// Who is taken for the caller where nobody is: whose key it was, whose token it holds, whose project is named, or just anyone.
    fn taken_for(&self, refusal: &Refusal) -> Option<Caller> {
        if let Refusal::Revoked(caller) = refusal {
            return Some(*caller);
        }
        let by_token = || self.state.key(&hash(self.asked.token()?));
        by_token().or_else(|| self.owner()).or_else(|| self.state.any_key())
    }

    /// The user whose project or key is named.
    fn owner(&self) -> Option<Caller> {
        let named = |name: &str| {
            self.params.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
        };
        self.state.owner_of(named("project_id"), named("key_id").and_then(|id| id.parse().ok()))
    }
}

impl Faults {
    /// What is answered where it is looked at before it is known who asks.
    fn look_first(&self, attempt: &Attempt<'_>) -> Option<ApiError> {
        self.concerning(attempt.asked).find_map(|fault| {
            let Break::Looks(look) = fault else { return None };
            let error = match look {
                Look::Project => {
                    let (_, id) = attempt.params.iter().find(|(name, _)| *name == "project_id")?;
                    attempt
                        .state
                        .owner_of(Some(id), None)
                        .is_none()
                        .then(|| ApiError::not_found("project", id))?
                }
                Look::Body => {
                    let is_json = attempt.body.is_empty()
                        || serde_json::from_slice::<serde_json::Value>(attempt.body).is_ok();
                    (!is_json).then(|| ApiError::body("it is no JSON"))?
                }
                Look::AnyQuery => {
                    let (name, _) = url::form_urlencoded::parse(attempt.asked.query.as_bytes()).next()?;
                    ApiError::parameter(&name, "is not known")
                }
                Look::Query => {
                    let mut query = url::form_urlencoded::parse(attempt.asked.query.as_bytes());
                    let is_wrong =
                        query.any(|(name, value)| name == "limit" && value.parse::<u32>().is_err());
                    is_wrong.then(|| ApiError::parameter("limit", "must be an integer"))?
                }
            };
            self.note();
            Some(error)
        })
    }

    /// What is answered where a rule has a request turned away before it is looked at.
    fn turn_away(&self, attempt: &Attempt<'_>, caller: Option<Caller>) -> Option<ApiError> {
        let Attempt { asked, params, state, body, .. } = *attempt;
        let chosen = self.rules.choose(|| Sight { asked, params, body, state, caller })?;
        let chosen = asked.chosen.get_or_init(|| chosen);
        let Demanded { act, status, .. } = chosen.answer();
        (!act).then(|| status.map_or_else(ApiError::internal, ApiError::demanded))
    }

    /// Who is let in, after all.
    pub(in crate::mock) fn admit(
        &self,
        attempt: &Attempt<'_>,
        known: Result<Caller, Refusal>,
    ) -> Result<Admitted, ApiError> {
        if let Some(error) = self.turn_away(attempt, known.as_ref().ok().copied()) {
            return Err(error);
        }
        for fault in self.concerning(attempt.asked) {
            let Break::Admission(admission) = fault else { continue };
            if let Some(admitted) = self.admit_by(*admission, attempt, &known) {
                self.note();
                return admitted;
            }
        }
        match known {
            Ok(caller) => Ok(Admitted::In(caller)),
            Err(refusal) => Err(self.look_first(attempt).unwrap_or_else(|| self.refuse(&refusal, attempt))),
        }
    }

    fn admit_by(
        &self,
        admission: Admission,
        attempt: &Attempt<'_>,
        known: &Result<Caller, Refusal>,
    ) -> Option<Result<Admitted, ApiError>> {
        let let_in = |caller| Some(Ok(Admitted::In(caller)));
        match (admission, known) {
            (Admission::LetsIn(who), Err(refusal)) if who.is(refusal, attempt, self) => {
                attempt.taken_for(refusal).and_then(let_in)
            }
            (Admission::Secretly(who), Err(refusal)) if who.is(refusal, attempt, self) => {
                let caller = attempt.taken_for(refusal)?;
                Some(Ok(Admitted::Secretly(caller, ApiError::unauthorized())))
            }
            (Admission::For(milliseconds), Err(Refusal::Revoked(caller))) => {
                let (when, _) = *lock(&self.memory).revoked.get(&caller.key)?;
                let is_early = attempt.now.duration_since(when) < SignedDuration::from_millis(milliseconds);
                if is_early { let_in(*caller) } else { None }
            }
            (Admission::Times(times), Err(Refusal::Revoked(caller))) => {
                if self.use_of(*caller) <= times {
                    let_in(*caller)
                } else {
                    None
                }
            }
            (Admission::WearsOut(times), Ok(caller)) => {
                (self.use_of(*caller) > times).then(|| Err(ApiError::unauthorized()))
            }
            (Admission::Made, Ok(caller)) => {
                let is_made = lock(&self.memory).made.contains(&caller.key);
                is_made.then(|| Err(ApiError::unauthorized()))
            }
            (Admission::Near(near), Err(Refusal::Unknown)) => {
                let token = attempt.asked.token()?;
                let caller = match near {
                    Near::Longer => {
                        token.get(..token.len() - 1).and_then(|token| attempt.state.key(&hash(token)))
                    }
                    Near::Shorter => attempt
                        .state
                        .key_like(|known| known.len() == token.len() + 1 && known.starts_with(token)),
                    Near::OtherCase => attempt.state.key_like(|known| known.eq_ignore_ascii_case(token)),
                };
                caller.and_then(let_in)
            }
            (Admission::From(elsewhere), Err(_)) => {
                let headers = attempt.asked.headers;
                let token = match elsewhere {
                    Elsewhere::Query => url::form_urlencoded::parse(attempt.asked.query.as_bytes())
                        .find(|(name, _)| name == "api_key")
                        .map(|(_, value)| value.into_owned())?,
                    Elsewhere::Header => headers.get("x-api-key")?.to_str().ok()?.to_owned(),
                    Elsewhere::Scheme => {
                        let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
                        header.strip_prefix("Token ")?.to_owned()
                    }
                };
                attempt.state.key(&hash(&token)).and_then(let_in)
            }
            (Admission::ExactScheme, Ok(_)) => {
                let header = attempt.asked.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
                (!header.starts_with("Bearer ")).then(|| Err(ApiError::unauthorized()))
            }
            (Admission::AsOwner, Ok(caller)) => {
                let owner = attempt.owner().filter(|owner| owner.account != caller.account)?;
                let reaches = |id: &str| attempt.state.account_of(*caller, id).is_ok();
                let is_reached = attempt.params.iter().any(|(name, id)| *name == "project_id" && reaches(id));
                if is_reached { None } else { let_in(owner) }
            }
            _ => None,
        }
    }

    /// Takes note of another use of a key; how many there have been.
    fn use_of(&self, caller: Caller) -> u32 {
        let mut memory = lock(&self.memory);
        let uses = memory.uses.entry(caller.key).or_default();
        *uses += 1;
        *uses
    }

    /// The refusal, in the words that the faults give it.
    fn refuse(&self, refusal: &Refusal, attempt: &Attempt<'_>) -> ApiError {
        let mut error = ApiError::unauthorized();
        for fault in self.concerning(attempt.asked) {
            let Break::Refused(refused) = fault else { continue };
            if !refused.who().is(refusal, attempt, self) {
                continue;
            }
            match refused {
                Refused::Status(_, status) => {
                    error.status = StatusCode::from_u16(*status).unwrap_or(error.status);
                }
                Refused::Says(_, message) => (*message).clone_into(&mut error.message),
                Refused::NamesUser(_) => match attempt.taken_for(refusal) {
                    Some(caller) => {
                        error.message =
                            format!("this key of {} is no good", attempt.state.account(caller).owner.id());
                    }
                    None => continue,
                },
                Refused::Repeats(_) => match attempt.asked.token() {
                    Some(token) => error.message = format!("no such key: {token}"),
                    None => continue,
                },
            }
            self.note();
        }
        error
    }
}
