//! Values of the path that an answer repeats.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

/// Puts the values of path parameters where an answer has a member of the same name, or a member `id` in one that is called as the
/// parameter without `_id`; each only where the answer `stays` valid.
pub(super) fn echo(
    answer: Value,
    params: &BTreeMap<String, String>,
    last: Option<&str>,
    stays: impl Fn(&Value) -> bool,
) -> Value {
    let mut answer = answer;
    for (name, text) in params {
        let number = text.parse::<i64>().ok().map(|number| Value::Number(Number::from(number)));
        for value in [Some(Value::from(text.as_str())), number].into_iter().flatten() {
            let mut changed = answer.clone();
            put(&mut changed, "", name, &value);
            if last == Some(name) {
                put_at_root(&mut changed, name, &value);
            }
            if changed != answer && stays(&changed) {
                answer = changed;
                break;
            }
        }
    }
    answer
}

/// The answer of a path that ends with a parameter is what the parameter names.
fn put_at_root(answer: &mut Value, name: &str, value: &Value) {
    let own = name.rsplit('_').next().unwrap_or(name);
    if let Some(member) = answer.get_mut(own).filter(|member| is_plain(member)) {
        *member = value.clone();
    }
}

/// `called`: the member that holds the value.
fn put(answer: &mut Value, called: &str, name: &str, value: &Value) {
    match answer {
        Value::Object(members) => {
            for (member, below) in members.iter_mut() {
                let is_meant = member == name || (!called.is_empty() && format!("{called}_{member}") == name);
                if is_meant && is_plain(below) {
                    *below = value.clone();
                } else {
                    put(below, member, name, value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, "", name, value)),
        _ => {}
    }
}

fn is_plain(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::of_the_same_name(json!({"thing_id": "x", "other_id": "y"}), json!({"thing_id": "7", "other_id": "y"}))]
    #[case::in_what_it_names(json!({"thing": {"id": "x"}}), json!({"thing": {"id": "7"}}))]
    #[case::in_a_list(json!({"parts": [{"id": "x", "thing_id": "y"}]}), json!({"parts": [{"id": "x", "thing_id": "7"}]}))]
    #[case::as_a_whole(json!({"id": "x"}), json!({"id": "7"}))]
    #[case::nowhere(json!({"part": {"id": "x"}}), json!({"part": {"id": "x"}}))]
    #[case::no_plain_value(json!({"thing_id": {}}), json!({"thing_id": {}}))]
    fn what_the_path_names_is_repeated(#[case] answer: Value, #[case] expected: Value) {
        let params = BTreeMap::from([("thing_id".to_owned(), "7".to_owned())]);
        assert_eq!(echo(answer, &params, Some("thing_id"), |_| true), expected);
    }

    #[test]
    fn a_number_is_repeated_as_one() {
        let params = BTreeMap::from([("id".to_owned(), "7".to_owned())]);
        let stays = |value: &Value| value["id"].is_number();
        assert_eq!(echo(json!({"id": 1}), &params, None, stays), json!({"id": 7}));
    }

    #[test]
    fn what_would_not_be_valid_is_not_repeated() {
        let params = BTreeMap::from([("id".to_owned(), "7".to_owned())]);
        assert_eq!(echo(json!({"id": "x"}), &params, None, |_| false), json!({"id": "x"}));
    }
}
