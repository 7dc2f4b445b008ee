//! What may be asked, read from the contracts: routes, parameters and bodies.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::yaml;

pub(crate) struct Contract {
    routes: Vec<Route>,
}

pub(crate) struct Route {
    method: String,
    path: Vec<String>,
    pub(crate) operation: String,
    parameters: Vec<Parameter>,
    body: Option<Body>,
}

struct Parameter {
    name: String,
    is_query: bool,
    is_required: bool,
    kind: String,
    schema: Validator,
}

struct Body {
    is_required: bool,
    schema: Validator,
}

/// What was asked, as far as the contract allows it.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) path: HashMap<String, String>,
    pub(crate) query: HashMap<String, Value>,
    pub(crate) body: Value,
}

impl Contract {
    pub(crate) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/contract");
        let mut routes = Vec::new();
        for version in ["v1", "v2"] {
            let text =
                fs::read_to_string(folder.join(format!("{version}.yaml"))).expect("the contract is there");
            let document = yaml::read(&text);
            for (path, item) in document["paths"].as_object().expect("it has paths") {
                for (method, operation) in item.as_object().expect("a path has members") {
                    if method == "parameters" {
                        continue;
                    }
                    let parameters = [&item["parameters"], &operation["parameters"]]
                        .into_iter()
                        .filter_map(Value::as_array)
                        .flatten();
                    routes.push(Route {
                        method: method.to_uppercase(),
                        path: format!("api/{version}{path}").split('/').map(str::to_owned).collect(),
                        operation: operation["operationId"].as_str().expect("it has an id").to_owned(),
                        parameters: parameters.map(|parameter| Parameter::new(parameter, &folder)).collect(),
                        body: operation.get("requestBody").map(|body| Body::new(body, &folder)),
                    });
                }
            }
        }
        // `/projects/shared` is not a project.
        routes.sort_by_key(|route| route.path.iter().filter(|part| part.starts_with('{')).count());
        Self { routes }
    }

    /// The routes of a path: those of its plainest form, where there are several.
    pub(crate) fn at(&self, path: &str) -> Vec<&Route> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let found: Vec<&Route> = self.routes.iter().filter(|route| route.fits(&parts)).collect();
        let plainest = found.first().map(|route| route.path.clone());
        found.into_iter().filter(|route| Some(&route.path) == plainest.as_ref()).collect()
    }
}

impl Route {
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    fn fits(&self, parts: &[&str]) -> bool {
        self.path.len() == parts.len()
            && self
                .path
                .iter()
                .zip(parts)
                .all(|(own, part)| (own.starts_with('{') && !part.is_empty()) || own == part)
    }

    /// Reads a request; an error tells what the contract does not allow.
    pub(crate) fn ask(&self, path: &str, query: &str, body: &[u8], knows_all: bool) -> Result<Asked, String> {
        let mut asked = Asked::default();
        for (own, part) in self.path.iter().zip(path.trim_start_matches('/').split('/')) {
            if let Some(name) = own.strip_prefix('{').and_then(|own| own.strip_suffix('}')) {
                let value =
                    percent_decode_str(part).decode_utf8().map_err(|error| error.to_string())?.into_owned();
                if let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == name) {
                    parameter.value(&value)?;
                }
                asked.path.insert(name.to_owned(), value);
            }
        }
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match self.parameters.iter().find(|parameter| parameter.is_query && parameter.name == name) {
                Some(parameter) => {
                    asked.query.insert(name.into_owned(), parameter.value(&value)?);
                }
                None if knows_all => return Err(format!("there is no parameter {name}")),
                None => {}
            }
        }
        if let Some(missing) = self.parameters.iter().find(|parameter| {
            parameter.is_query && parameter.is_required && !asked.query.contains_key(&parameter.name)
        }) {
            return Err(format!("{} is missing", missing.name));
        }
        if let Some(own) = &self.body {
            if body.is_empty() && !own.is_required {
                return Ok(asked);
            }
            asked.body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            own.schema.validate(&asked.body).map_err(|error| error.to_string())?;
        }
        Ok(asked)
    }
}

impl Parameter {
    fn new(parameter: &Value, folder: &Path) -> Self {
        let schema = &parameter["schema"];
        Self {
            name: parameter["name"].as_str().expect("a parameter has a name").to_owned(),
            is_query: parameter["in"] == "query",
            is_required: parameter["required"] == json!(true),
            kind: schema["type"].as_str().unwrap_or("string").to_owned(),
            schema: validator(schema, folder),
        }
    }

    fn value(&self, text: &str) -> Result<Value, String> {
        let wrong = || format!("{} is no {}", self.name, self.kind);
        let value = match self.kind.as_str() {
            "integer" => json!(text.parse::<i64>().map_err(|_| wrong())?),
            "boolean" => json!(text.to_lowercase().parse::<bool>().map_err(|_| wrong())?),
            "array" => text.split(',').map(Value::from).collect(),
            _ => json!(text),
        };
        self.schema.validate(&value).map_err(|error| error.to_string())?;
        Ok(value)
    }
}

impl Body {
    fn new(body: &Value, folder: &Path) -> Self {
        let schema = body["content"]["application/json"].get("schema").cloned().unwrap_or(json!(true));
        Self { is_required: body["required"] == json!(true), schema: validator(&schema, folder) }
    }
}

fn validator(schema: &Value, folder: &Path) -> Validator {
    let whole = inlined(schema, folder);
    jsonschema::options()
        .should_validate_formats(true)
        .build(&whole)
        .expect("the contract's schemas are sound")
}

/// The schema with what it refers to in its place.
fn inlined(schema: &Value, folder: &Path) -> Value {
    match schema {
        Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
            Some(file) => {
                let file: PathBuf = folder.join(file);
                let text =
                    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
                inlined(&schema, file.parent().expect("a file is in a folder"))
            }
            None => Value::Object(
                members.iter().map(|(name, member)| (name.clone(), inlined(member, folder))).collect(),
            ),
        },
        Value::Array(items) => items.iter().map(|item| inlined(item, folder)).collect(),
        simple => simple.clone(),
    }
}
