//! Lists that come in pages.

use std::collections::BTreeSet;

use serde_json::Value;

use super::prepare::Prepared;
use super::{Halt, Stage, holds_everywhere};
use crate::exchange::{Expected, Response, Role};
use crate::json::plain;
use crate::json_path::find;
use crate::runner::census::items;
use crate::spec::case::Step;
use crate::spec::pages::CURSOR;

/// No list is followed for more pages than this when a step looks for something on it.
const MOST_PAGES: usize = 50;

impl Stage<'_> {
    /// Sends a request again with each answer's cursor, until there is no more.
    pub(super) async fn follow(
        &mut self,
        step: &Step,
        role: Role,
        mut prepared: Prepared,
    ) -> Result<(), Halt> {
        let Some(pages) = &step.pages else { return Ok(()) };
        for _ in 0..pages.at_most {
            let response = self.send(step, &mut prepared).await?;
            let expected = self.expected(step, &prepared)?;
            let body = response.json().unwrap_or(&Value::Null);
            let cursor = find(&pages.cursor, body).into_iter().next();
            let is_last = find(&pages.items, body).is_empty();
            let next = match cursor.map(plain) {
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

    /// Concludes a step of the case on the page of its list that shows what it expects, or else on the first. The other pages are recorded
    /// beside it: they tell what the list does not have.
    pub(super) async fn conclude_list(
        &mut self,
        step: &Step,
        prepared: Prepared,
        response: Response,
        expected: Expected,
    ) -> Result<(), Halt> {
        let mut pages = vec![(prepared, response)];
        let mut cursors = BTreeSet::new();
        let shows = |page: &Response| expected.values.iter().all(|value| holds_everywhere(value, page));
        let mut found = shows(&pages[0].1).then_some(0);
        while let Some(mut next) = self.next_page(pages.last(), found.is_some(), &mut cursors) {
            let page = self.send(step, &mut next).await?;
            found = found.or_else(|| shows(&page).then_some(pages.len()));
            pages.push((next, page));
        }
        let found = found.unwrap_or(0);
        let mut concluded = Ok(());
        for (index, (prepared, response)) in pages.into_iter().enumerate() {
            if index == found {
                concluded = self.conclude(step, Role::Step, prepared, response, expected.clone());
            } else {
                self.record(step, Role::Page, prepared, response, None);
            }
        }
        concluded
    }

    /// The request for the page after the last one, where there may be more items of the list: a page that is shorter than it may be need
    /// not be the last, and one that is full is followed until the list has shown what is looked for.
    fn next_page(
        &self,
        last: Option<&(Prepared, Response)>,
        is_found: bool,
        cursors: &mut BTreeSet<String>,
    ) -> Option<Prepared> {
        let (prepared, response) = last.filter(|(_, response)| response.is_success())?;
        let operation = self.suite.operation(prepared.operation.as_ref()?);
        let body = response.json()?;
        let count = items(body).filter(|items| !items.is_empty())?.len() as u64;
        let is_short = operation.page_limit(&prepared.query).is_some_and(|limit| count < limit);
        let cursor = operation.next_page(body).filter(|_| is_short || !is_found)?;
        let is_new = cursors.insert(cursor.to_owned()) && cursors.len() < MOST_PAGES;
        is_new.then(|| prepared.with_query(CURSOR, cursor.to_owned()))
    }
}
