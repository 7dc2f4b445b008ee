//! What stands beside a reference, which OpenAPI 3.0 passes over (OpenAPI 3.0.3, Reference Object).
//!
//! Some stays all the same: generators write it there and mean it, and each of these only allows more.

use serde_json::Value;

use super::walk;

/// Keywords that a path may have beside its reference (OpenAPI 3.0.3, Path Item Object).
const OF_PATHS: [&str; 9] =
    ["get", "put", "post", "delete", "patch", "head", "options", "trace", "parameters"];

/// Keywords that say nothing of values, so that nobody misses them.
const WORDS: [&str; 7] =
    ["summary", "description", "title", "example", "examples", "deprecated", "externalDocs"];

/// Keywords that are read beside a reference.
const MEANT: [&str; 3] = ["nullable", "readOnly", "writeOnly"];

/// What a warning says of a keyword that stands beside a reference.
pub(super) fn message(keyword: &str) -> String {
    let end = if MEANT.contains(&keyword) { "; here it is read" } else { "" };
    format!("OpenAPI 3.0 ignores `{keyword}` beside `$ref`{end}")
}

/// Takes what stands beside references out of a document of OpenAPI 3.0, extensions aside and what is [meant](MEANT). Returns where
/// something of values stood, and the keyword.
pub(super) fn take_out(document: &mut Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk::each_mut(document, &mut |pointer, members| {
        let is_reference = members.get("$ref").is_some_and(Value::is_string);
        if !is_reference || is_path(pointer) || OF_PATHS.iter().any(|key| members.contains_key(*key)) {
            return;
        }
        members.retain(|key, value| {
            let is_meant = MEANT.contains(&key.as_str());
            let says_nothing = WORDS.contains(&key.as_str()) || (is_meant && *value == Value::Bool(false));
            let stays = key == "$ref" || key.starts_with("x-");
            if !stays && !says_nothing {
                found.push((pointer.to_owned(), key.clone()));
            }
            stays || is_meant
        });
    });
    found
}

/// Whether what stands at `pointer` is all that holds for one path.
fn is_path(pointer: &str) -> bool {
    let tokens: Vec<&str> = pointer.split('/').skip(1).collect();
    matches!(tokens[..], ["paths", _] | [.., "callbacks", _, _])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::a_bound(json!({"$ref": "#/a", "maxLength": 3}), json!({"$ref": "#/a"}), &["maxLength"])]
    #[case::null(json!({"$ref": "#/a", "nullable": true}), json!({"$ref": "#/a", "nullable": true}), &["nullable"])]
    #[case::one_way(json!({"$ref": "#/a", "writeOnly": true}), json!({"$ref": "#/a", "writeOnly": true}), &["writeOnly"])]
    #[case::words(json!({"$ref": "#/a", "description": "a"}), json!({"$ref": "#/a"}), &[])]
    #[case::an_extension(json!({"$ref": "#/a", "x-a": 1}), json!({"$ref": "#/a", "x-a": 1}), &[])]
    #[case::a_path(json!({"$ref": "#/a", "get": {}}), json!({"$ref": "#/a", "get": {}}), &[])]
    #[case::a_member_of_that_name(
        json!({"properties": {"$ref": {"type": "string"}, "a": {}}}),
        json!({"properties": {"$ref": {"type": "string"}, "a": {}}}),
        &[]
    )]
    fn what_stands_beside_a_reference_goes(
        #[case] schema: Value,
        #[case] left: Value,
        #[case] told: &[&str],
    ) {
        let mut document = json!({ "s": schema });
        let found = take_out(&mut document);
        assert_eq!(document["s"], left);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(at, keyword)| (at.as_str(), keyword.as_str())).collect();
        assert_eq!(found, told.iter().map(|keyword| ("/s", *keyword)).collect::<Vec<_>>());
    }
}
