//! Templates: `{{ id }}` in the strings of a case.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

/// What templates may use, by name.
pub type Scope = serde_json::Map<String, Value>;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment
});

/// The longest expression: what is nested deeply in one would take all of the stack.
const LONGEST: usize = 1000;

/// The names a template needs, with their members: `run.prefix`, `id`.
///
/// # Errors
/// What is wrong with the template, as one lowercase sentence.
pub fn names(source: &str) -> Result<BTreeSet<String>, String> {
    if !is_template(source) {
        return Ok(BTreeSet::new());
    }
    if source.split("{{").skip(1).any(|rest| rest.split("}}").next().is_some_and(|it| it.len() > LONGEST)) {
        return Err(format!("the template has an expression that is longer than {LONGEST} characters"));
    }
    let template = ENVIRONMENT
        .template_from_str(source)
        .map_err(|error| format!("cannot read the template: {}", detail(&error)))?;
    Ok(template.undeclared_variables(true).into_iter().collect())
}

/// Whether the string has anything to fill in.
#[must_use]
pub fn is_template(source: &str) -> bool {
    source.contains("{{") || source.contains("{%")
}

/// Whether any string of a value has.
#[must_use]
pub fn is_in(value: &Value) -> bool {
    match value {
        Value::String(source) => is_template(source),
        Value::Array(items) => items.iter().any(is_in),
        Value::Object(members) => members.values().any(is_in),
        _ => false,
    }
}

/// The template with every expression replaced by `placeholder`: enough to check what surrounds them.
#[must_use]
pub fn with_placeholders(source: &str, placeholder: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some(start) = rest.find("{{") {
        out.push_str(&rest[..start]);
        out.push_str(placeholder);
        match rest[start..].find("}}") {
            Some(end) => rest = &rest[start + end + 2..],
            None => return out,
        }
    }
    out + rest
}

/// The template filled in, as text.
///
/// # Errors
/// What is wrong, as one lowercase sentence; a value that is not in scope is an error.
pub fn fill(source: &str, scope: &Scope) -> Result<String, String> {
    if !is_template(source) {
        return Ok(source.to_owned());
    }
    ENVIRONMENT
        .render_str(source, Serde(scope))
        .map_err(|error| format!("cannot evaluate `{source}`: {}", detail(&error)))
}

/// The value with all templates in it filled in. A string that is one expression and nothing else
/// takes that expression's type: `"{{ id }}"` is a number where `id` is.
///
/// # Errors
/// See [`fill`].
pub fn fill_value(value: &Value, scope: &Scope) -> Result<Value, String> {
    Ok(match value {
        Value::String(source) => match sole_expression(source) {
            Some(expression) => {
                let value = ENVIRONMENT
                    .compile_expression(expression)
                    .and_then(|expression| expression.eval(Serde(scope)))
                    .map_err(|error| format!("cannot evaluate `{source}`: {}", detail(&error)))?;
                if value.is_undefined() {
                    return Err(format!("cannot evaluate `{source}`: it has no value"));
                }
                serde_json::to_value(&value).map_err(|error| error.to_string())?
            }
            None => Value::String(fill(source, scope)?),
        },
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill_value(item, scope)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, value)| Ok((key.clone(), fill_value(value, scope)?)))
                .collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

fn sole_expression(source: &str) -> Option<&str> {
    let expression = source.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!expression.contains("{{") && !expression.contains("}}")).then(|| expression.trim())
}

fn detail(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn scope() -> Scope {
        let Value::Object(scope) = json!({"id": 7, "name": "a", "run": {"prefix": "nc-1"}}) else {
            unreachable!("a JSON object is an object")
        };
        scope
    }

    #[test]
    fn an_expression_that_would_take_all_of_the_stack_is_refused() {
        let nested = format!("{{{{ {}1 }}}}", "-".repeat(20_000));
        assert!(names(&nested).expect_err("it is too long").contains("longer than 1000"));
        let text = format!("{} {{{{ id }}}}", "x".repeat(20_000));
        assert_eq!(names(&text).map(|names| names.len()), Ok(1), "text around it may be long");
    }

    #[rstest]
    #[case(json!("{{ id }}"), json!(7))]
    #[case(json!("{{ run.prefix }}-key"), json!("nc-1-key"))]
    #[case(json!("{{ id }}{{ id }}"), json!("77"))]
    #[case(json!({"a": ["{{ name }}", 1]}), json!({"a": ["a", 1]}))]
    #[case(json!("{{ name * 3 }}"), json!("aaa"))]
    #[case(json!("plain"), json!("plain"))]
    fn values_are_filled_in(#[case] template: Value, #[case] expected: Value) {
        assert_eq!(fill_value(&template, &scope()), Ok(expected));
    }

    #[rstest]
    #[case("{{ nothing }}")]
    #[case("a {{ nothing }}")]
    #[case("{{ run.nothing }}")]
    fn a_name_out_of_scope_is_an_error(#[case] template: &str) {
        assert!(fill_value(&json!(template), &scope()).is_err());
    }

    #[test]
    fn the_names_a_template_needs_are_known() {
        let names = names("{{ run.prefix }}-{{ id }}").expect("the template is sound");
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["id", "run.prefix"]);
    }

    #[test]
    fn a_template_that_does_not_end_is_an_error() {
        assert!(names("{{ id").is_err());
    }

    #[test]
    fn placeholders_leave_the_rest() {
        assert_eq!(with_placeholders("$.a[?@.id == '{{ id }}']", "x"), "$.a[?@.id == 'x']");
    }
}
