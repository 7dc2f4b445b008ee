//! From a credential to the `Authorization` header that stands for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::exchange::Authorization;
use crate::spec::credential::{Altered, Malformed};

/// `Bearer <key>` (RFC 6750 §2.1); `variable` is what a shell would call the key.
pub(super) fn bearer(key: &SecretString, variable: &str) -> Authorization {
    Authorization {
        value: format!("Bearer {}", key.expose_secret()).into(),
        shown: format!("Bearer ${variable}"),
    }
}

/// A header that is not in the Bearer form; where it holds a key, the key is a valid one, so that only the form is wrong.
pub(super) fn malformed(shape: Malformed, key: &SecretString) -> Authorization {
    let key = key.expose_secret();
    let (value, shown) = match shape {
        Malformed::NoScheme => (key.to_owned(), "$NEON_API_KEY"),
        Malformed::Basic => (
            format!("Basic {}", STANDARD.encode(format!("api:{key}"))),
            "Basic $(printf 'api:%s' \"$NEON_API_KEY\" | base64 -w0)",
        ),
        Malformed::EmptyToken => ("Bearer ".to_owned(), "Bearer "),
        Malformed::SchemeOnly => ("Bearer".to_owned(), "Bearer"),
    };
    Authorization { value: value.into(), shown: shown.to_owned() }
}

/// A key with something changed; `None` where the change would change nothing.
pub(super) fn altered(change: Altered, key: &SecretString) -> Option<Authorization> {
    let key = key.expose_secret();
    let (changed, shown) = match change {
        Altered::Longer => (format!("{key}0"), "${NEON_API_KEY}0"),
        Altered::Shorter => (key[..key.len() - 1].to_owned(), "${NEON_API_KEY%?}"),
        Altered::OtherCase => (other_case(key), "$(tr a-zA-Z A-Za-z <<<\"$NEON_API_KEY\")"),
    };
    (changed != key).then(|| Authorization {
        value: format!("Bearer {changed}").into(),
        shown: format!("Bearer {shown}"),
    })
}

fn other_case(text: &str) -> String {
    let other = |character: char| {
        if character.is_ascii_lowercase() {
            character.to_ascii_uppercase()
        } else {
            character.to_ascii_lowercase()
        }
    };
    text.chars().map(other).collect()
}

/// What all keys begin with, as far as that can be told from one: a short word and `_`. It is no secret.
pub(super) fn prefix_of(key: &str) -> &str {
    match key.find('_') {
        Some(underscore) if underscore < 8 => &key[..=underscore],
        _ => "",
    }
}

/// A key of the form of `key` that was never issued: the same prefix and length, other characters of the same kinds.
pub(super) fn never_issued(key: &SecretString, seed: &str) -> Authorization {
    let key = key.expose_secret();
    let prefix = prefix_of(key).len();
    let mut invented = key[..prefix].to_owned();
    let mut digest = Sha256::digest(seed.as_bytes());
    for (index, character) in key[prefix..].chars().enumerate() {
        if index % digest.len() == 0 && index > 0 {
            digest = Sha256::digest(digest);
        }
        let number = digest[index % digest.len()];
        invented.push(match character {
            '0'..='9' => char::from(b'0' + number % 10),
            'A'..='Z' => char::from(b'A' + number % 26),
            'a'..='z' => char::from(b'a' + number % 26),
            other => other,
        });
    }
    if invented == key {
        invented.push('0');
    }
    // Any other key that nobody has does as well, and what is not shown cannot be taken for a real one.
    let shown = format!("Bearer {}$(openssl rand -hex 32)", &key[..prefix]);
    Authorization { shown, value: format!("Bearer {invented}").into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_key_is_taken_for_its_prefix() {
        assert_eq!(prefix_of("napi_abc_def"), "napi_");
        assert_eq!(prefix_of("0123456789abcdef_tail"), "");
        assert_ne!(never_issued(&SecretString::from("napi_"), "seed").value.expose_secret(), "Bearer napi_");
    }

    #[test]
    fn an_altered_key_is_another_one() {
        let value = |change, key: &str| {
            altered(change, &SecretString::from(key)).map(|header| header.value.expose_secret().to_owned())
        };
        assert_eq!(value(Altered::Longer, "napi_aB1").as_deref(), Some("Bearer napi_aB10"));
        assert_eq!(value(Altered::Shorter, "napi_aB1").as_deref(), Some("Bearer napi_aB"));
        assert_eq!(value(Altered::OtherCase, "napi_aB1").as_deref(), Some("Bearer NAPI_Ab1"));
        assert_eq!(value(Altered::OtherCase, "0123"), None);
    }

    #[test]
    fn an_invented_key_has_the_form_of_a_real_one() {
        let real = SecretString::from("napi_abc123XYZ9");
        let invented = never_issued(&real, "seed").value.expose_secret().to_owned();
        let invented = invented.strip_prefix("Bearer napi_").expect("the prefix is kept");
        assert_eq!(invented.len(), 10);
        assert_ne!(invented, "abc123XYZ9");
        assert!(invented[..3].bytes().all(|byte| byte.is_ascii_lowercase()), "{invented}");
        assert!(invented[3..6].bytes().all(|byte| byte.is_ascii_digit()), "{invented}");
    }
}
