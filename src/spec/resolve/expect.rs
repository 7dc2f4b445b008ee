//! What a step expects, and what it captures.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Named, Resolver};
use crate::spec::case::{Capture, Expect, Expectation, StatusRange, StatusSet};
use crate::spec::case_file::{CaptureFile, ExpectFile, MatcherFile, StatusFile};
use crate::spec::diagnostic::Diagnostic;
use crate::spec::matcher::Matcher;
use crate::spec::pointer::escape;
use crate::spec::template;

impl Resolver<'_> {
    pub(super) fn expect(&mut self, pointer: &str, file: ExpectFile) -> Expect {
        let schema = file.schema.and_then(|name| {
            let schemas = self.names.schemas?;
            let schema = schemas.named(&name);
            if schema.is_none() {
                self.report_unknown(&format!("{pointer}/schema"), Named::Schema, &name, schemas.names());
            }
            schema
        });
        let document = self.document;
        for (index, path) in file.absent.iter().enumerate() {
            self.json_path(path, || document.at(&format!("{pointer}/absent/{index}")));
        }
        Expect {
            status: file.status.map(|status| statuses(&status)),
            schema,
            headers: self.matchers(&format!("{pointer}/headers"), file.headers, false),
            values: self.matchers(&format!("{pointer}/where"), file.r#where, true),
            absent: file.absent,
        }
    }

    pub(super) fn matchers(
        &mut self,
        pointer: &str,
        files: BTreeMap<String, MatcherFile>,
        are_paths: bool,
    ) -> Arc<[Expectation]> {
        if files.is_empty() {
            return Arc::default();
        }
        let (mapping, source): (Arc<str>, _) = (pointer.into(), self.document.source());
        files
            .into_iter()
            .filter_map(|(subject, MatcherFile(written))| {
                let subject: Arc<str> = subject.into();
                let location = source.at_member(mapping.clone(), subject.clone());
                if are_paths {
                    self.json_path(&subject, || location.clone());
                }
                let has_template = template::is_in(&written);
                let pointer = || format!("{mapping}/{}", escape(&subject));
                if has_template {
                    self.templates(&pointer(), &written);
                }
                match Matcher::read(written) {
                    Ok(matcher) => {
                        let is_template = has_template || template::is_template(&subject);
                        Some(Expectation { subject, matcher, location, is_template })
                    }
                    Err(error) => {
                        let at = source.at(pointer());
                        self.report(Diagnostic::new(at, error));
                        None
                    }
                }
            })
            .collect()
    }

    pub(super) fn captures(
        &mut self,
        pointer: &str,
        files: BTreeMap<String, CaptureFile>,
        all: &mut Vec<(String, String)>,
    ) -> Vec<Capture> {
        let captures: Vec<Capture> = files
            .into_iter()
            .map(|(name, file)| match file {
                CaptureFile::Path(path) => Capture { name, path, secret: false },
                CaptureFile::Full(full) => Capture { name, path: full.path, secret: full.secret },
            })
            .collect();
        let document = self.document;
        for capture in &captures {
            let pointer = format!("{pointer}/{}", escape(&capture.name));
            self.json_path(&capture.path, || document.at(&pointer));
            if capture.name == "run" || self.each_name(&capture.name) {
                let at = self.document.at_key(&pointer);
                self.report(
                    Diagnostic::new(at, format!("the name `{}` is already in use", capture.name))
                        .help("give the capture another name"),
                );
            }
        }
        for capture in &captures {
            self.scope.insert(capture.name.clone());
            all.push((format!("{pointer}/{}", escape(&capture.name)), capture.name.clone()));
        }
        captures
    }

    fn each_name(&self, name: &str) -> bool {
        (name == "operation" && self.each_operation.is_some())
            || (name == "credential" && self.each_credential)
    }
}

pub(super) fn statuses(file: &StatusFile) -> StatusSet {
    StatusSet(match file {
        StatusFile::Code(code) => vec![StatusRange::Code(*code)],
        StatusFile::Class(class) => class[..1].parse().map(StatusRange::Class).into_iter().collect(),
        StatusFile::Any(any) => any.iter().flat_map(|file| statuses(file).0).collect(),
    })
}
