//! What must never be shown: tokens and passwords, in any encoding.

use std::ops::Range;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::needles::{Needles, SHORTEST};
use crate::sync::lock;

/// The word that stands for a secret wherever one would be shown.
pub const MASK: &str = "<secret>";

/// The secrets a run has come to know. Shared by all that writes anything.
#[derive(Default)]
pub struct Secrets {
    known: Mutex<Forms>,
    suspected: Mutex<Forms>,
}

/// Secrets in all their forms.
#[derive(Default)]
struct Forms {
    /// Each form with the number of its secret.
    needles: Needles,
    /// How many secrets there are.
    count: usize,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Takes note of a secret: as it is, percent-encoded, and in base64 wherever it may begin.
    pub fn add(&self, secret: &str) {
        let mut known = lock(&self.known);
        if !known.has(secret) {
            known.add_all(secret);
        }
    }

    /// Takes note of what may be a secret, though nothing says so: it is masked, and its presence proves nothing.
    pub fn suspect(&self, text: &str) {
        let mut suspected = lock(&self.suspected);
        if !suspected.has(text) {
            suspected.add_all(text);
        }
    }

    /// The text with every secret in it, known or suspected, replaced by [`MASK`].
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let text = lock(&self.known).mask(text);
        lock(&self.suspected).mask(&text)
    }

    /// The text with every secret in it replaced by a placeholder of its own: `redacted-1` stands for one secret wherever it is, also in a URL.
    #[must_use]
    pub fn replace(&self, text: &str) -> String {
        let text = lock(&self.known).replace(text, |number| format!("redacted-{number}"));
        lock(&self.suspected).replace(&text, |number| format!("redacted-s{number}"))
    }

    /// Whether the text holds a known secret.
    #[must_use]
    pub fn leaks_in(&self, text: &str) -> bool {
        lock(&self.known).first_in(text).is_some()
    }
}

impl Forms {
    fn has(&self, secret: &str) -> bool {
        self.needles.has(secret)
    }

    /// Takes note of a secret in all its forms; it is new.
    fn add_all(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        self.count += 1;
        self.add(secret);
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.add(&encoded);
        let in_json = serde_json::Value::from(secret).to_string();
        self.add(in_json.trim_matches('"'));
        for core in base64_cores(secret) {
            self.add(&core);
        }
    }

    fn add(&mut self, form: &str) {
        self.needles.add(form, self.count);
    }

    /// Where the first secret of a text stands, and its number.
    fn first_in(&self, text: &str) -> Option<(Range<usize>, usize)> {
        self.needles.found_in(text).next()
    }

    /// Where a secret stands of which the text holds only the beginning, because it was cut off there (`…`).
    fn cut_off_in(&self, text: &str) -> Option<Range<usize>> {
        let end = text.find('…')?;
        Some(self.needles.cut_off_at_end_of(&text.as_bytes()[..end])?..end)
    }

    fn mask(&self, text: &str) -> String {
        let mut masked = self.mask_whole(text);
        while let Some(found) = self.cut_off_in(&masked) {
            masked.replace_range(found, MASK);
        }
        masked
    }

    fn mask_whole(&self, text: &str) -> String {
        self.replace(text, |_| MASK.to_owned())
    }

    fn replace(&self, text: &str, placeholder: impl Fn(usize) -> String) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((found, number)) = self.first_in(rest) {
            replaced.push_str(&rest[..found.start]);
            replaced.push_str(&placeholder(number));
            rest = &rest[found.end..];
        }
        replaced + rest
    }
}

/// The part of a secret's base64 form that is the same whatever stands around it, for each of the three places in a
/// group of three bytes where it may begin (RFC 4648 §4).
fn base64_cores(secret: &str) -> Vec<String> {
    (0..3)
        .filter_map(|offset| {
            let mut bytes = vec![0; offset];
            bytes.extend_from_slice(secret.as_bytes());
            let whole_groups = bytes.len() / 3 * 3;
            let encoded = STANDARD_NO_PAD.encode(&bytes[..whole_groups]);
            // The group in which the secret begins mixes with what stands before it.
            let core = encoded.get(if offset == 0 { 0 } else { 4 }..)?;
            (core.len() >= SHORTEST).then(|| core.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rstest::rstest;

    use super::*;

    const KEY: &str = "napi_0123456789abcdefghijklmnopqrstuvwxyz";

    #[rstest]
    #[case::plain(KEY.to_owned())]
    #[case::in_a_sentence(format!("the key {KEY} is wrong"))]
    #[case::basic(STANDARD.encode(format!(":{KEY}")))]
    #[case::basic_with_user(STANDARD.encode(format!("me:{KEY}")))]
    #[case::base64(STANDARD.encode(KEY))]
    fn a_secret_is_masked_in_every_form(#[case] text: String) {
        let secrets = Secrets::default();
        secrets.add(KEY);
        assert!(secrets.leaks_in(&text));
        let masked = secrets.mask(&text);
        assert!(masked.contains(MASK), "{masked}");
        assert!(!secrets.leaks_in(&masked));
    }

    #[test]
    fn a_secret_that_was_cut_off_is_masked() {
        let secrets = Secrets::default();
        secrets.add(KEY);
        assert_eq!(
            secrets.mask(&format!("nothing there in {{\"key\":\"{}…", &KEY[..20])),
            format!("nothing there in {{\"key\":\"{MASK}…")
        );
        assert!(!secrets.leaks_in(&KEY[..20]), "what only begins alike proves nothing");
    }

    #[test]
    fn a_percent_encoded_secret_is_masked() {
        let secrets = Secrets::default();
        secrets.add("p@ss w/rd");
        assert_eq!(secrets.mask("?p=p%40ss+w%2Frd"), format!("?p={MASK}"));
    }

    #[test]
    fn a_placeholder_stands_for_one_secret() {
        let secrets = Secrets::default();
        secrets.add(KEY);
        secrets.add("hunter2\"quoted");
        let text = format!("{KEY} {} {KEY}", STANDARD.encode(KEY));
        let replaced = secrets.replace(&text);
        assert!(
            replaced.starts_with("redacted-1 redacted-1") && replaced.ends_with("redacted-1"),
            "{replaced}"
        );
        assert_eq!(secrets.replace(r#"{"p":"hunter2\"quoted"}"#), r#"{"p":"redacted-2"}"#);
    }

    #[test]
    fn short_values_are_left_alone() {
        let secrets = Secrets::default();
        secrets.add("ab");
        assert_eq!(secrets.mask("able"), "able");
    }
}
