//! What a step expects, with its templates filled in.

use super::prepare::Prepared;
use super::{Halt, Stage};
use crate::exchange::{Expectation, Expected};
use crate::spec::case::{StatusRange, StatusSet, Step};
use crate::spec::escape;
use crate::spec::matcher::Matcher;

impl Stage<'_> {
    pub(super) fn expected(&self, step: &Step, prepared: &Prepared) -> Result<Expected, Halt> {
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

    pub(super) fn expectations(
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
                    location: step.source.at_key(format!("{}/{part}/{}", step.pointer, escape(subject))),
                })
            })
            .collect()
    }
}
