//! The expectation of a step, with its templates evaluated.

use std::sync::Arc;

use super::prepare::Prepared;
use super::{Halt, Stage};
use crate::exchange::Expected;
use crate::spec::case::{Expectation, StatusRange, StatusSet, Step};

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
            proves: step.proves.clone(),
            status,
            status_at: if expect.status.is_some() { step.at("expect/status") } else { step.at("") },
            schema: expect.schema.clone(),
            headers: self.expectations(&expect.headers)?,
            values: self.expectations(&expect.values)?,
            absent,
        })
    }

    /// Those of a step are shared, where there is nothing to fill in.
    pub(super) fn expectations(&self, written: &Arc<[Expectation]>) -> Result<Arc<[Expectation]>, Halt> {
        if written.iter().all(|expectation| !expectation.is_template) {
            return Ok(written.clone());
        }
        let filled = written.iter().map(|expectation| {
            Ok(Expectation {
                subject: self.text(&expectation.subject)?.into(),
                matcher: expectation.matcher.map(&mut |value| self.value(value))?,
                location: expectation.location.clone(),
                is_template: false,
            })
        });
        filled.collect()
    }
}
