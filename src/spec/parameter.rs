//! Parameters of operations, bodies of requests and headers of answers, and how their values are written.

use std::collections::BTreeMap;

use serde_json::Value;

use super::media_type::media_type;
use super::pointer::escape;
use super::schema_ref::SchemaRef;

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Its schema, where it has one.
    pub schema: Option<SchemaRef>,
    /// Whether a request needs it.
    pub required: bool,
    /// The value taken where none is sent.
    pub default: Option<Value>,
    /// How its value is written.
    pub(crate) writing: Writing,
}

/// Where a parameter stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header, which cases set by name.
    Header,
    /// In a cookie.
    Cookie,
}

impl Place {
    /// What `style` is where it is left out (OpenAPI 3.0.3, Style Values).
    fn default_style(self) -> &'static str {
        match self {
            Self::Path | Self::Header => "simple",
            Self::Query | Self::Cookie => "form",
        }
    }
}

/// How a value becomes text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Writing {
    /// By a style (`style`, `explode`), defaults filled in. `is_reserved`: with characters that delimit parts of a URL as they are
    /// (`allowReserved`).
    Style { style: String, explode: bool, is_reserved: bool },
    /// As a body of a media type (`content`), which may have a schema.
    Content { media: String, schema: Option<SchemaRef> },
}

/// A header of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// Its name, as it is written.
    pub(crate) name: String,
    pub(crate) schema: Option<SchemaRef>,
    /// Whether every answer has it.
    pub(crate) required: bool,
    pub(crate) writing: Writing,
}

/// Headers that are described elsewhere; parameters of these names are passed over (OpenAPI 3.0.3, Parameter Object).
const DESCRIBED_ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// A parameter that stands at `pointer` of a file.
pub(super) fn parameter(value: &Value, file: &str, pointer: &str) -> Option<Parameter> {
    let name = value["name"].as_str()?.to_owned();
    let place = match value["in"].as_str()? {
        "path" => Place::Path,
        "query" => Place::Query,
        "header" if DESCRIBED_ELSEWHERE.contains(&name.to_ascii_lowercase().as_str()) => return None,
        "header" => Place::Header,
        "cookie" => Place::Cookie,
        _ => return None,
    };
    let schema = value.get("schema");
    Some(Parameter {
        name,
        place,
        schema: schema.map(|_| SchemaRef::new(file, format!("{pointer}/schema"))),
        required: value["required"].as_bool().unwrap_or(false),
        default: schema.and_then(|schema| schema.get("default")).cloned(),
        writing: writing(value, place, file, pointer),
    })
}

/// A header of an answer that stands at `pointer` of a file; none for the media type, which `content` tells (OpenAPI 3.0.3, Response
/// Object).
pub(super) fn header(name: &str, value: &Value, file: &str, pointer: &str) -> Option<Header> {
    (!name.eq_ignore_ascii_case("content-type")).then(|| Header {
        name: name.to_owned(),
        schema: value.get("schema").map(|_| SchemaRef::new(file, format!("{pointer}/schema"))),
        required: value["required"].as_bool().unwrap_or(false),
        writing: writing(value, Place::Header, file, pointer),
    })
}

fn writing(value: &Value, place: Place, file: &str, pointer: &str) -> Writing {
    let content = value["content"].as_object().and_then(|content| content.iter().next());
    if let Some((media, described)) = content {
        let place = format!("{pointer}/content/{}/schema", escape(media));
        let schema = described.get("schema").map(|_| SchemaRef::new(file, place));
        return Writing::Content { media: media_type(media), schema };
    }
    styled(value, place)
}

fn styled(value: &Value, place: Place) -> Writing {
    let style = value["style"].as_str().unwrap_or(place.default_style());
    let explode = value["explode"].as_bool().unwrap_or(style == "form");
    let is_reserved = place == Place::Query && value["allowReserved"] == true;
    Writing::Style { style: style.to_owned(), explode, is_reserved }
}

/// A body of one media type.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) schema: Option<SchemaRef>,
    /// How members are written, where that is said (OpenAPI 3.0.3, Encoding Object).
    pub(crate) encoding: BTreeMap<String, Encoding>,
}

/// How a member of a form is written.
#[derive(Debug, Clone)]
pub(crate) struct Encoding {
    pub(crate) media: Option<String>,
    /// Where a style is given, it decides.
    pub(crate) style: Option<Writing>,
}

/// The bodies that a request may have, by media type; `body` stands at `pointer` of a file.
pub(super) fn contents(body: &Value, file: &str, pointer: &str) -> BTreeMap<String, Content> {
    let encoding = |value: &Value| Encoding {
        media: value["contentType"].as_str().map(str::to_owned),
        style: ["style", "explode", "allowReserved"]
            .iter()
            .any(|keyword| value.get(keyword).is_some())
            .then(|| styled(value, Place::Query)),
    };
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let content = |(media, described): (String, Value)| {
        let place = format!("{pointer}/content/{}/schema", escape(&media));
        let schema = described.get("schema").map(|_| SchemaRef::new(file, place));
        let encodings = members(&described["encoding"]).into_iter();
        let encoding = encodings.map(|(name, value)| (name, encoding(&value))).collect();
        (media_type(&media), Content { schema, encoding })
    };
    members(&body["content"]).into_iter().map(content).collect()
}
