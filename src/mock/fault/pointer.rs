//! Places in a JSON document: JSON Pointers (RFC 6901) in which `*` stands for every member, and `**` for any way down, of no step as well.

use serde_json::Value;

/// A member of a list or of an object.
pub(super) enum Member<'v> {
    Of(&'v mut serde_json::Map<String, Value>, &'v str),
    At(&'v mut Vec<Value>, usize),
    Root(&'v mut Value),
}

/// Does something with all that a pointer names; how often that was.
pub(super) fn each(root: &mut Value, pointer: &str, act: &mut dyn FnMut(Member<'_>) -> bool) -> usize {
    let steps: Vec<&str> = pointer.split('/').skip(1).collect();
    // On any way down, a member is only found where it is; at one place, it may be added.
    let is_sought = steps.contains(&"**");
    let act = &mut |member: Member<'_>| !(is_sought && member.get().is_none()) && act(member);
    match steps.split_last() {
        None => usize::from(act(Member::Root(root))),
        Some((last, path)) => within(root, path, last, act),
    }
}

fn within(value: &mut Value, path: &[&str], last: &str, act: &mut dyn FnMut(Member<'_>) -> bool) -> usize {
    if let Some(("**", rest)) = path.split_first().map(|(step, rest)| (*step, rest)) {
        let here = within(value, rest, last, act);
        let inner: Vec<&mut Value> = match value {
            Value::Array(items) => items.iter_mut().collect(),
            Value::Object(members) => members.values_mut().collect(),
            _ => Vec::new(),
        };
        return here + inner.into_iter().map(|value| within(value, path, last, act)).sum::<usize>();
    }
    if let Some((step, rest)) = path.split_first() {
        let inner: Vec<&mut Value> = match value {
            Value::Array(items) if *step == "*" => items.iter_mut().collect(),
            Value::Object(members) if *step == "*" => members.values_mut().collect(),
            value => value.pointer_mut(&format!("/{step}")).into_iter().collect(),
        };
        return inner.into_iter().map(|value| within(value, rest, last, act)).sum();
    }
    match value {
        Value::Array(items) if last == "*" => {
            // From the end, so that a member may be removed.
            (0..items.len()).rev().map(|index| usize::from(act(Member::At(items, index)))).sum()
        }
        Value::Array(items) => match last.parse() {
            Ok(index) if index < items.len() => usize::from(act(Member::At(items, index))),
            _ => 0,
        },
        Value::Object(members) if last == "*" => {
            let names: Vec<String> = members.keys().cloned().collect();
            names.iter().map(|name| usize::from(act(Member::Of(members, name)))).sum()
        }
        Value::Object(members) => usize::from(act(Member::Of(members, last))),
        _ => 0,
    }
}

impl Member<'_> {
    pub(super) fn get(&self) -> Option<&Value> {
        match self {
            Self::Of(members, name) => members.get(*name),
            Self::At(items, index) => items.get(*index),
            Self::Root(value) => Some(value),
        }
    }

    /// The `id` beside it, or else the `name`.
    pub(super) fn identity(&self) -> String {
        match self {
            Self::Of(members, _) => {
                let id = members.get("id").or_else(|| members.get("name"));
                id.map(Value::to_string).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// Whether this is another value.
    pub(super) fn set(self, new: Value) -> bool {
        if self.get() == Some(&new) {
            return false;
        }
        match self {
            Self::Of(members, name) => {
                members.insert(name.to_owned(), new);
            }
            Self::At(items, index) => items[index] = new,
            Self::Root(value) => *value = new,
        }
        true
    }

    /// Whether there was something to remove.
    pub(super) fn remove(self) -> bool {
        match self {
            Self::Of(members, name) => members.shift_remove(name).is_some(),
            Self::At(items, index) => {
                items.remove(index);
                true
            }
            Self::Root(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::each;

    #[rstest]
    #[case("/a", json!({"a": 0}), 1)]
    #[case("/list/*/id", json!({"list": [{"id": 0}, {"id": 0}]}), 2)]
    #[case("/list/1/id", json!({"list": [{"id": 1}, {"id": 0}]}), 1)]
    #[case("/*", json!([0, 0]), 2)]
    #[case("", json!(0), 1)]
    #[case("/**/a", json!({"a": 0, "b": [{"a": 0}]}), 2)]
    #[case("/no/such", json!({"a": 1}), 0)]
    fn all_that_a_pointer_names_is_visited(
        #[case] pointer: &str,
        #[case] expected: Value,
        #[case] count: usize,
    ) {
        let mut body = expected.clone();
        let zero = |value: &mut Value| {
            if value == &json!(0) {
                *value = json!(9);
            }
        };
        walk(&mut body, &zero);
        assert_eq!(each(&mut body, pointer, &mut |member| member.set(json!(0))), count);
        assert_eq!(body, expected);
    }

    fn walk(value: &mut Value, act: &dyn Fn(&mut Value)) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, act)),
            Value::Object(members) => members.values_mut().for_each(|member| walk(member, act)),
            value => act(value),
        }
    }
}
