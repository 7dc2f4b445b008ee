//! Strings that say something: paths, templates and headers.

use serde_json::Value;

use super::Resolver;
use crate::json_path;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::pointer::escape;
use crate::spec::source::Location;
use crate::spec::template;

/// What every template may use.
const ALWAYS_IN_SCOPE: [&str; 1] = ["run.prefix"];

impl Resolver<'_> {
    /// A JSONPath, which may be a template.
    pub(super) fn json_path(&mut self, path: &str, at: impl Fn() -> Location) {
        let checked = if template::is_template(path) {
            // What stands for an expression may be a number or a word. Where the path goes wrong, it is another one.
            json_path::check(&template::with_placeholders(path, "1"))
                .or_else(|_| json_path::check(&template::with_placeholders(path, "x")))
                .map_err(|mistake| (None, mistake))
        } else {
            json_path::check(path).map_err(|mistake| (Some(mistake.column(path)), mistake))
        };
        if let Err((column, mistake)) = checked {
            let place = column.map_or(String::new(), |column| format!(" at its character {column}"));
            let at = if column.is_some() { at().within(path, mistake.at) } else { at() };
            let message = format!("`{path}` is not a JSONPath{place}: {}", mistake.message);
            self.report(Diagnostic::new(at, message).help(mistake.help));
        }
        self.template_at(at, path);
    }

    pub(super) fn templates(&mut self, pointer: &str, value: &Value) {
        match value {
            Value::String(source) => self.template(pointer, source),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.templates(&format!("{pointer}/{index}"), item);
                }
            }
            Value::Object(members) => {
                for (key, member) in members {
                    self.templates(&format!("{pointer}/{}", escape(key)), member);
                }
            }
            _ => {}
        }
    }

    /// A header that can be sent (RFC 9110 §5.1, §5.5).
    pub(super) fn header(&mut self, pointer: &str, name: &str, value: &str) {
        if name.parse::<axum::http::HeaderName>().is_err() {
            let at = self.document.at_key(pointer);
            self.report(
                Diagnostic::new(at, format!("`{name}` is not a header name"))
                    .help("header names consist of letters, digits and `-`"),
            );
        }
        if value.parse::<axum::http::HeaderValue>().is_err() {
            let at = self.document.at(pointer);
            self.report(Diagnostic::new(at, "this is not a valid header value").help("remove line breaks"));
        }
        self.template(pointer, value);
    }

    pub(super) fn template(&mut self, pointer: &str, source: &str) {
        let document = self.document;
        self.template_at(|| document.at(pointer), source);
    }

    fn template_at(&mut self, at: impl Fn() -> Location, source: &str) {
        let names = match template::names(source) {
            Ok(names) => names,
            Err(error) => {
                let diagnostic = Diagnostic::new(at(), error).help("an expression is written `{{ name }}`");
                return self.report(diagnostic);
            }
        };
        for name in names {
            let root = name.split('.').next().unwrap_or(&name).to_owned();
            if self.scope.contains(&root) {
                self.used.insert(root);
            } else if !ALWAYS_IN_SCOPE.contains(&name.as_str()) {
                let known: Vec<&str> = self.scope.iter().map(String::as_str).chain(ALWAYS_IN_SCOPE).collect();
                let what = if root == "run" { "a run has no" } else { "no step before this one captures" };
                self.diagnostics
                    .push(Diagnostic::new(at(), format!("{what} `{name}`")).suggest(&name, known));
            }
        }
    }
}
