//! Who a request comes from: the `Authorization` header and nothing else.

use axum::http::{HeaderMap, header};

use super::model::{Caller, State, hash};

/// Why a request is refused. The answer does not tell which it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no header.
    Missing,
    /// The header is not in the Bearer form.
    Malformed,
    /// The key was never issued.
    Unknown,
    /// The key was revoked.
    Revoked(Caller),
}

/// The caller, or why there is none.
pub(super) fn authenticate(headers: &HeaderMap, state: &State) -> Result<Caller, Refusal> {
    let header = headers.get(header::AUTHORIZATION).ok_or(Refusal::Missing)?;
    let header = header.to_str().map_err(|_| Refusal::Malformed)?;
    let hash = hash(token(header).ok_or(Refusal::Malformed)?);
    state.key(&hash).ok_or_else(|| state.revoked_key(&hash).map_or(Refusal::Unknown, Refusal::Revoked))
}

/// The token of a `Bearer` header (RFC 6750 §2.1). The scheme is compared without regard to case (RFC 9110 §11.1).
fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::token;

    #[rstest]
    #[case("Bearer abc", Some("abc"))]
    #[case("bearer abc", Some("abc"))]
    #[case("Bearer  abc", Some("abc"))]
    #[case("abc", None)]
    #[case("Bearer", None)]
    #[case("Bearer ", None)]
    #[case("Bearer a b", None)]
    #[case("Basic abc", None)]
    #[case("Bearerabc", None)]
    fn only_the_bearer_form_has_a_token(#[case] header: &str, #[case] expected: Option<&str>) {
        assert_eq!(token(header), expected);
    }
}
