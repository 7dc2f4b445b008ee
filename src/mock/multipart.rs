//! Forms with files (`multipart/form-data`, RFC 7578): their fields by name.

use memchr::memmem;

/// The fields of a form, each with its bytes; `None` where it is none.
pub(super) fn fields(body: &[u8]) -> Option<Vec<(String, &[u8])>> {
    let first = memmem::find(body, b"\r\n")?;
    let boundary = body[..first].strip_prefix(b"--").filter(|boundary| !boundary.is_empty())?;
    let delimiter = [b"\r\n--", boundary].concat();
    let mut rest = &body[first + 2..];
    let mut fields = Vec::new();
    loop {
        let end = memmem::find(rest, &delimiter)?;
        let (part, after) = (&rest[..end], &rest[end + delimiter.len()..]);
        let head = memmem::find(part, b"\r\n\r\n")?;
        fields.push((name(std::str::from_utf8(&part[..head]).ok()?)?, &part[head + 4..]));
        if after.starts_with(b"--") {
            return Some(fields);
        }
        rest = after.strip_prefix(b"\r\n")?;
    }
}

/// The name of a field, in the header that says how it is to be shown.
fn name(head: &str) -> Option<String> {
    let is_it = |line: &&str| line.to_ascii_lowercase().starts_with("content-disposition:");
    let line = head.split("\r\n").find(is_it)?;
    let (_, name) = line.split_once("; name=\"")?;
    Some(name.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::fields;

    #[test]
    fn fields_are_found_by_their_names() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"runtime\"\r\n\r\nnodejs24\r\n\
                    --b\r\ncontent-disposition: form-data; name=\"zip\"; filename=\"a.zip\"\r\n\
                    Content-Type: application/zip\r\n\r\nPK\r\n\r\n\r\n--b--\r\n";
        let found = fields(form.as_bytes()).expect("it is a form");
        let expected: [(String, &[u8]); 2] =
            [("runtime".to_owned(), b"nodejs24"), ("zip".to_owned(), b"PK\r\n\r\n")];
        assert_eq!(found, expected);
    }

    #[rstest]
    #[case("")]
    #[case("{}")]
    #[case("--\r\n\r\n")]
    #[case("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nnever ends")]
    #[case("--b\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--b--")]
    fn what_is_no_form_has_no_fields(#[case] body: &str) {
        assert_eq!(fields(body.as_bytes()), None);
    }
}
