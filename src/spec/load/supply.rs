//! What a suite supplies to steps that leave something out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Loader;
use crate::spec::case_file::StepFile;
use crate::spec::contract::OperationId;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::document::Document;
use crate::spec::pointer::escape;
use crate::spec::resolve::{Named, Names, Resolver};
use crate::spec::suite::{OrganizationSupply, ParameterSupply, Source, Supply};
use crate::spec::suite_file::{OrganizationSupplyFile, SuiteFile};

impl Loader<'_> {
    pub(super) fn supply(&mut self, names: &Names<'_>, document: &Arc<Document>, file: SuiteFile) -> Supply {
        let mut supply = Supply::default();
        let numbered = |key: &str, steps: Vec<_>| {
            steps
                .into_iter()
                .enumerate()
                .map(|(index, step)| (format!("/{key}/{index}"), step))
                .collect::<Vec<_>>()
        };
        for (kind, key, steps) in file.revoked_keys() {
            let mut resolver = Resolver::new(names, document, &mut self.diagnostics);
            supply.revoked_keys.insert(kind, resolver.steps(numbered(key, steps.clone()), &["token"]));
        }
        for (name, source) in file.supply.params {
            let pointer = format!("/supply/params/{}", escape(&name));
            let account = source.account.clone();
            if let Some(account) = &account
                && !names.accounts.contains(account)
                && !names.unsure.contains(&Named::Account)
            {
                let known = names.accounts.iter().map(String::as_str);
                let at = document.at(&format!("{pointer}/account"));
                self.diagnostics.push(
                    Diagnostic::new(at, format!("there is no account `{account}`")).suggest(account, known),
                );
            }
            let mut one = |part: &str, step| {
                let mut resolver = Resolver::new(names, document, &mut self.diagnostics);
                resolver.steps(vec![(format!("{pointer}/{part}"), step)], &[&name]).pop().map(Box::new)
            };
            let find = source.find.and_then(|step| one("find", step));
            let make = source.make.map(|step| one("make", step));
            let source = match (make, source.value) {
                (Some(Some(make)), None) => Source::Steps { find, make },
                (None, Some(value)) if find.is_none() => Source::Value(value),
                // What is wrong with the step has been told.
                (Some(None), None) => continue,
                _ => {
                    let message = format!("ambiguous supply of `{name}`");
                    let help = "use `make` (with an optional `find`), or only `value`";
                    self.diagnostics.push(Diagnostic::new(document.at_key(&pointer), message).help(help));
                    continue;
                }
            };
            supply.params.insert(name, ParameterSupply { account, source });
        }
        let mut operation = |part: &str, id: String| {
            let pointer = format!("/supply/{part}/{}", escape(&id));
            let id = OperationId(id);
            if !names.operations.contains_key(&id) && !names.unsure.contains(&Named::Operation) {
                let known = names.operations.keys().map(|id| id.0.as_str());
                self.diagnostics.push(
                    Diagnostic::new(document.at_key(&pointer), format!("there is no operation `{id}`"))
                        .suggest(&id.0, known),
                );
            }
            id
        };
        for (id, body) in file.supply.bodies {
            supply.bodies.insert(operation("bodies", id), body);
        }
        supply.organization = file.supply.organization.map(|organization| {
            let OrganizationSupplyFile { param, query, bodies } = organization;
            let mut places = |part: &str, places: BTreeMap<String, String>| {
                places.into_iter().map(|(id, place)| (operation(part, id), place)).collect()
            };
            OrganizationSupply {
                param,
                query: places("organization/query", query),
                bodies: places("organization/bodies", bodies),
            }
        });
        let mut one = |key: &str, step: Option<StepFile>| {
            let mut resolver = Resolver::new(names, document, &mut self.diagnostics);
            step.and_then(|step| resolver.steps(vec![(format!("/{key}"), step)], &[]).pop())
        };
        supply.key_check = one("key_check", file.key_check);
        supply.key_kind = one("key_kind", file.key_kind);
        supply.work =
            file.work.map(|work| Resolver::new(names, document, &mut self.diagnostics).work("/work", work));
        supply.witnesses = numbered("witnesses", file.witnesses)
            .into_iter()
            .flat_map(|step| Resolver::new(names, document, &mut self.diagnostics).steps(vec![step], &[]))
            .collect();
        supply
    }
}
