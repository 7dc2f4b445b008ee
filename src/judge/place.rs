//! Where in an answer something is.

/// A place in an answer with `*` for every index: `body /projects/3/id` becomes `body /projects/*/id`.
pub(crate) fn anywhere(subject: &str) -> String {
    let is_index = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let slashed: Vec<&str> = subject.split('/').map(|step| if is_index(step) { "*" } else { step }).collect();
    let mut out = String::new();
    for (number, part) in slashed.join("/").split('[').enumerate() {
        match part.split_once(']') {
            Some((index, rest)) if number > 0 && is_index(index) => out.push_str(&format!("[*]{rest}")),
            _ if number > 0 => out.push_str(&format!("[{part}")),
            _ => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::anywhere;

    #[rstest]
    #[case("body /projects/3/id", "body /projects/*/id")]
    #[case("$.branches[0].id", "$.branches[*].id")]
    #[case("$['a'][12][x]", "$['a'][*][x]")]
    #[case("status", "status")]
    fn a_place_is_the_same_in_every_item(#[case] subject: &str, #[case] expected: &str) {
        assert_eq!(anywhere(subject), expected);
    }
}
