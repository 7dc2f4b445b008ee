//! The operations of an OpenAPI document.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::is_openapi;
use super::server_prefix;
use super::{Operation, OperationId, Response, ResponseStatus};
use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::document::Document;
use crate::spec::media_type::{JSON, media_type, ranges};
use crate::spec::parameter::{self, Parameter, Place, Writing};
use crate::spec::pointer::escape;
use crate::spec::schema_ref::SchemaRef;

/// References that lead to each other are followed no further.
const MOST_REFERENCES: usize = 16;

struct Reader<'a> {
    file: &'a str,
    document: &'a Document,
    prefix: String,
    contract: &'a str,
}

/// An operation as the document has it.
struct Written<'a> {
    path: &'a str,
    method: &'a str,
    /// What stands under the path.
    item: &'a Value,
    operation: &'a Value,
    /// Where it stands.
    pointer: &'a str,
}

impl Reader<'_> {
    fn operation(&self, written: &Written<'_>, diagnostics: &mut Diagnostics) -> Operation {
        let Written { path, method, item, operation, pointer } = *written;
        let described = format!("{} {path}", method.to_uppercase());
        let id = operation["operationId"].as_str().unwrap_or_else(|| {
            let diagnostic =
                Diagnostic::new(self.document.at_key(pointer), format!("{described} has no `operationId`"));
            diagnostics.push(diagnostic.help("cases refer to operations by `operationId`"));
            &described
        });
        let item_pointer = pointer.rsplit_once('/').map_or("", |(item, _)| item).to_owned();
        let mut parameters = self.parameters(&operation["parameters"], &format!("{pointer}/parameters"));
        for shared in self.parameters(&item["parameters"], &format!("{item_pointer}/parameters")) {
            if !parameters.iter().any(|own| own.name == shared.name && own.place == shared.place) {
                parameters.push(shared);
            }
        }
        let responses = self.responses(&operation["responses"], &format!("{pointer}/responses"));
        if responses.is_empty() {
            diagnostics.push(Diagnostic::new(
                self.document.at_key(pointer),
                format!("`{id}` documents no response"),
            ));
        }
        let (body, body_pointer) = self.follow(&operation["requestBody"], &format!("{pointer}/requestBody"));
        let mut operation = Operation {
            id: OperationId(id.to_owned()),
            contract: self.contract.to_owned(),
            method: method.to_uppercase(),
            path: format!("{}{path}", self.prefix),
            tags: strings(&operation["tags"]),
            parameters,
            body_required: body["required"].as_bool().unwrap_or(false),
            body: json_key(&body["content"]).filter(|key| body["content"][*key].get("schema").is_some()).map(
                |key| SchemaRef::new(self.file, format!("{body_pointer}/content/{}/schema", escape(key))),
            ),
            contents: parameter::contents(body, self.file, &body_pointer),
            mirrors: operation["x-neon-mirrors"].as_str().map(|id| OperationId(id.to_owned())),
            responses,
            own_responses: Vec::new(),
            pointer: pointer.to_owned(),
            is_deprecated: operation["deprecated"] == true,
            is_foreign: false,
        };
        let names: Vec<String> = operation.path_parameters().map(str::to_owned).collect();
        for name in names {
            if operation.parameter(&name, Place::Path).is_none() {
                diagnostics.push(
                    Diagnostic::new(
                        self.document.at_key(&item_pointer),
                        format!("the path parameter `{name}` of `{id}` is not declared"),
                    )
                    .help("add it to `parameters` with `in: path`"),
                );
                let place = Place::Path;
                operation.parameters.push(Parameter {
                    name,
                    place,
                    schema: None,
                    required: true,
                    default: None,
                    writing: Writing::Style {
                        style: "simple".to_owned(),
                        explode: false,
                        is_reserved: false,
                    },
                });
            }
        }
        operation
    }

    /// The value, or what it refers to within the document, with its pointer.
    fn follow<'v>(&'v self, value: &'v Value, pointer: &str) -> (&'v Value, String) {
        let (mut value, mut pointer) = (value, pointer.to_owned());
        for _ in 0..MOST_REFERENCES {
            let Some(target) = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'))
            else {
                return (value, pointer);
            };
            pointer = percent_decode_str(target).decode_utf8_lossy().into_owned();
            value = self.document.value().pointer(&pointer).unwrap_or(&Value::Null);
        }
        (&Value::Null, pointer)
    }

    /// What is said of a path, with its pointer: where it stands, and where that refers to within the document.
    fn items<'v>(&'v self, path: &str, item: &'v Value) -> Vec<(&'v Value, String)> {
        let pointer = format!("/paths/{}", escape(path));
        let (shared, target) = self.follow(item, &pointer);
        let own = (item, pointer);
        if target == own.1 { vec![own] } else { vec![own, (shared, target)] }
    }

    fn parameters(&self, list: &Value, pointer: &str) -> Vec<Parameter> {
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let read = |(index, value)| {
            let (value, pointer) = self.follow(value, &format!("{pointer}/{index}"));
            parameter::parameter(value, self.file, &pointer)
        };
        list.iter().enumerate().filter_map(read).collect()
    }

    fn responses(&self, responses: &Value, pointer: &str) -> Vec<Response> {
        members(responses)
            .filter_map(|(key, response)| {
                let status = match key.as_str() {
                    "default" => ResponseStatus::Default,
                    status => match status.strip_suffix("XX").or_else(|| status.strip_suffix("xx")) {
                        Some(class) => ResponseStatus::Class(class.parse().ok()?),
                        None => ResponseStatus::Exact(status.parse().ok()?),
                    },
                };
                let (response, pointer) = self.follow(response, &format!("{pointer}/{}", escape(key)));
                let content = members(&response["content"])
                    .map(|(media, content)| {
                        let schema = content.get("schema").map(|_| {
                            SchemaRef::new(self.file, format!("{pointer}/content/{}/schema", escape(media)))
                        });
                        (media_type(media), schema)
                    })
                    .collect();
                let headers = members(&response["headers"]).filter_map(|(name, header)| {
                    let (header, pointer) =
                        self.follow(header, &format!("{pointer}/headers/{}", escape(name)));
                    parameter::header(name, header, self.file, &pointer)
                });
                let headers = headers.collect();
                Some(Response { status, content, headers, is_unchecked: response.is_null() })
            })
            .collect()
    }
}

/// Reads the operations of a document in `file`, as those of the contract of this name. What is wrong with one goes to the diagnostics; it is
/// read as far as it can be understood.
pub(crate) fn operations(
    file: &str,
    contract: &str,
    document: &Document,
    diagnostics: &mut Diagnostics,
) -> Vec<Operation> {
    let root = document.value();
    if let Err(mistake) = is_openapi(document) {
        diagnostics.push(mistake);
        return Vec::new();
    }
    let reader = Reader { file, document, prefix: server_prefix(root), contract };
    let mut operations = Vec::new();
    for (path, item) in members(&root["paths"]) {
        for (item, pointer) in reader.items(path, item) {
            for (method, operation) in members(item) {
                if METHODS.contains(&method.as_str()) {
                    let pointer = format!("{pointer}/{method}");
                    let written = Written { path, method, item, operation, pointer: &pointer };
                    operations.push(reader.operation(&written, diagnostics));
                }
            }
        }
    }
    if operations.is_empty() {
        diagnostics.push(Diagnostic::new(document.at("/paths"), "the contract has no operations"));
    }
    operations
}

/// The key in `content` under which JSON is described.
fn json_key(content: &Value) -> Option<&String> {
    let keys = || members(content).map(|(key, _)| key);
    ranges(JSON).iter().find_map(|range| keys().find(|key| media_type(key) == *range))
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];
