//! What must never be shown: tokens and passwords, in any encoding.

mod forms;
pub(crate) mod headers;
pub(crate) mod likeness;
pub(crate) mod placeholder;
mod views;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::RwLock;

use self::forms::Forms;
pub(crate) use self::headers::is_secret as is_secret_name;
pub(crate) use self::likeness::certain;
pub use self::likeness::mask as mask_alike;
use self::views::{Places, Views};
use crate::sync::{read, write};

/// The word that stands for a secret wherever one would be shown.
pub const MASK: &str = "<secret>";

/// What a placeholder begins with.
const PLACEHOLDER: &str = "redacted";

/// The secrets a run has come to know. Shared by all that writes anything.
///
/// Each is found as it is and in these forms: percent-encoded, with the escapes of JSON, JavaScript, the shell and HTML, each of them
/// also in part and in each other; in base64 (also twice), base32 and hexadecimal digits, whatever stands around it. One of twelve
/// bytes or more is found in any case, and with blanks, line breaks and characters that nobody sees in it.
#[derive(Default)]
pub struct Secrets {
    known: RwLock<Forms>,
    suspected: RwLock<Forms>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// What stands in a text.
#[derive(Debug, Clone, Copy)]
enum Found {
    Known(usize),
    Suspected(usize),
}

impl Secrets {
    /// Takes note of a secret.
    pub fn add(&self, secret: &str) {
        note(&self.known, secret);
    }

    /// Takes note of what may be a secret, though nothing says so: it is masked, and its presence proves nothing.
    pub fn suspect(&self, text: &str) {
        note(&self.suspected, text);
    }

    /// Takes note of what may be a secret in headers, or in parameters: of what authenticates, and of what carries a session.
    pub(crate) fn suspect_headers(&self, headers: &[(String, String)]) {
        for (name, value) in headers {
            headers::tokens(name, value).for_each(|token| self.suspect(&unescaped(token)));
            headers::tokens(name, value).for_each(|token| self.suspect(token));
        }
    }

    /// Takes note of what in a text can hardly be anything but a secret, also where it is encoded.
    pub(crate) fn suspect_alike(&self, text: &str) {
        for text in [unescaped(text), text.into()] {
            for place in likeness::certain(&text) {
                self.suspect(&text[place]);
            }
            for secret in likeness::wrapped(&text) {
                self.suspect(&secret);
            }
        }
    }

    /// The text with every secret in it, known or suspected, replaced by [`MASK`].
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.with(text, |_| MASK.to_owned())
    }

    /// The text with every secret in it replaced by a placeholder of its own: `redacted-1` stands for one secret wherever it is, also in a URL.
    #[must_use]
    pub fn replace(&self, text: &str) -> String {
        self.with(text, |found| match found {
            Found::Known(number) => format!("{PLACEHOLDER}-{number}"),
            Found::Suspected(number) => format!("{PLACEHOLDER}-s{number}"),
        })
    }

    /// A header's value as it may be shown.
    pub(crate) fn mask_header(&self, name: &str, value: &str) -> String {
        self.mask(&headers::hide(name, value, |_| MASK.to_owned()))
    }

    /// The same with a placeholder for each secret that is known, and the same one for all others.
    pub(crate) fn replace_header(&self, name: &str, value: &str) -> String {
        headers::hide(name, value, |part| {
            let replaced = self.replace(part);
            if is_placeholder(&replaced) { replaced } else { PLACEHOLDER.to_owned() }
        })
    }

    /// Whether the text holds a known secret.
    #[must_use]
    pub fn leaks_in(&self, text: &str) -> bool {
        let known = read(&self.known);
        !known.is_empty() && known.is_in(&Views::new(text, Places::Lost))
    }

    /// Whether there is anything in the text that [`mask`](Self::mask) would replace.
    #[must_use]
    pub fn hides_in(&self, text: &str) -> bool {
        let (known, suspected) = (read(&self.known), read(&self.suspected));
        if known.is_empty() && suspected.is_empty() {
            return false;
        }
        let views = Views::new(text, Places::Lost);
        known.shows_in(&views) || suspected.shows_in(&views)
    }

    /// The text with something else in the place of each secret; where two overlap, of both.
    fn with(&self, text: &str, placeholder: impl Fn(Found) -> String) -> String {
        // Most texts hold none, and need not be known place by place.
        if !self.hides_in(text) {
            return text.to_owned();
        }
        let views = Views::new(text, Places::Kept);
        let known = read(&self.known).found_in(&views).into_iter();
        let suspected = read(&self.suspected).found_in(&views).into_iter();
        let mut found: Vec<(Range<usize>, Found)> = known
            .map(|(place, number)| (place, Found::Known(number)))
            .chain(suspected.map(|(place, number)| (place, Found::Suspected(number))))
            .collect();
        found.sort_by_key(|(place, _)| (place.start, Reverse(place.end)));
        let mut replaced = String::with_capacity(text.len());
        let mut end = 0;
        for (place, found) in found {
            if place.start >= end {
                replaced.push_str(&text[end..place.start]);
                replaced.push_str(&placeholder(found));
            }
            end = end.max(place.end);
        }
        replaced + &text[end..]
    }
}

fn note(forms: &RwLock<Forms>, secret: &str) {
    if !is_placeholder(secret) && !read(forms).has(secret) {
        let mut forms = write(forms);
        // Another thread may have been quicker.
        if !forms.has(secret) {
            forms.add(secret);
        }
    }
}

/// A text without its escapes.
pub(crate) fn unescaped(text: &str) -> Cow<'_, str> {
    match Views::new(text, Places::Lost).into_innermost() {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        None => text.into(),
    }
}

/// Whether a text is what stands for a secret, or part of it.
fn is_placeholder(text: &str) -> bool {
    let number = text.strip_prefix(PLACEHOLDER).map(|rest| rest.trim_start_matches(['-', 's']));
    MASK.contains(text) || number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use data_encoding::{BASE32, BASE32_NOPAD};
    use rstest::rstest;

    use super::*;

    const KEY: &str = "napi_0123456789abcdefghijklmnopqrstuvwxyz";

    /// Each character written by itself.
    fn each(text: &str, written: impl Fn(u32) -> String) -> String {
        text.chars().map(|character| written(u32::from(character))).collect()
    }

    /// Some characters written in one way, the others as they are.
    fn some(text: &str, written: impl Fn(u32) -> String) -> String {
        let one = |(place, character): (usize, char)| match place % 3 {
            0 => written(u32::from(character)),
            _ => character.to_string(),
        };
        text.chars().enumerate().map(one).collect()
    }

    #[rstest]
    #[case::plain(KEY.to_owned())]
    #[case::in_capitals(KEY.to_uppercase())]
    #[case::without_its_prefix(KEY.replace("napi_", ""))]
    #[case::percent(each(KEY, |code| format!("%{code:02x}")))]
    #[case::percent_in_capitals(each(KEY, |code| format!("%{code:02X}")))]
    #[case::percent_in_part(some(KEY, |code| format!("%{code:02x}")))]
    #[case::percent_twice(each(KEY, |code| format!("%25{code:02x}")))]
    #[case::percent_of_javascript(each(KEY, |code| format!("%u{code:04x}")))]
    #[case::json(each(KEY, |code| format!("\\u{code:04x}")))]
    #[case::json_in_json(some(KEY, |code| format!("\\\\u{code:04X}")))]
    #[case::javascript(each(KEY, |code| format!("\\x{code:02x}")))]
    #[case::rust(some(KEY, |code| format!("\\u{{{code:x}}}")))]
    #[case::octal(each(KEY, |code| format!("\\{code:03o}")))]
    #[case::html(each(KEY, |code| format!("&#{code};")))]
    #[case::html_in_hexadecimal(each(KEY, |code| format!("&#x{code:x};")))]
    #[case::html_by_name(KEY.replace('_', "&lowbar;"))]
    #[case::html_in_percent(some(KEY, |code| format!("%26%23{code}%3B")))]
    #[case::hexadecimal(each(KEY, |code| format!("{code:02x}")))]
    #[case::hexadecimal_in_capitals(each(KEY, |code| format!("{code:02X}")))]
    #[case::base32(BASE32_NOPAD.encode(KEY.as_bytes()))]
    #[case::base32_in_small_letters(BASE32_NOPAD.encode(KEY.as_bytes()).to_lowercase())]
    #[case::a_space(format!("{} {}", &KEY[..20], &KEY[20..]))]
    #[case::a_space_in_percent(format!("{}%20{}", &KEY[..20], &KEY[20..]))]
    #[case::a_line_break(format!("{}\r\n    {}", &KEY[..8], &KEY[8..]))]
    #[case::a_line_break_in_json(format!("{}\\n{}", &KEY[..8], &KEY[8..]))]
    #[case::a_line_of_the_shell(format!("{}\\\n{}", &KEY[..30], &KEY[30..]))]
    #[case::what_nobody_sees(KEY.replace('_', "_\u{200b}\u{202e}"))]
    #[case::a_space_at_each_place(each(KEY, |code| format!("{} ", char::from_u32(code).unwrap_or_default())).trim().to_owned())]
    fn a_secret_is_masked_in_every_form(#[case] form: String) {
        let secrets = Secrets::default();
        secrets.add(KEY);
        let text = format!("the key “{form}” is wrong");
        assert!(secrets.leaks_in(&text), "{text}");
        assert_eq!(secrets.mask(&text), format!("the key “{MASK}” is wrong"));
        assert_eq!(secrets.replace(&text), "the key “redacted-1” is wrong");
    }

    #[rstest]
    #[case::basic(STANDARD.encode(format!(":{KEY}")))]
    #[case::basic_with_user(STANDARD.encode(format!("me:{KEY}")))]
    #[case::base64(STANDARD.encode(KEY))]
    #[case::base64_of_urls(URL_SAFE.encode(format!("~~~{KEY}???")))]
    #[case::base64_twice(STANDARD.encode(STANDARD.encode(format!("me:{KEY}"))))]
    #[case::base64_in_lines(STANDARD.encode(KEY).replacen('N', "N\r\n", 2))]
    #[case::base64_in_percent(each(&STANDARD.encode(KEY), |code| format!("%{code:02x}")))]
    #[case::the_name_of_a_header(format!("x-{}", KEY.replace('_', "-")))]
    #[case::base32_in_more(BASE32.encode(format!("me:{KEY}.").as_bytes()))]
    fn a_secret_is_masked_in_what_is_encoded_with_it(#[case] form: String) {
        let secrets = Secrets::default();
        secrets.add(KEY);
        assert!(secrets.leaks_in(&form), "{form}");
        let masked = secrets.mask(&form);
        assert!(masked.contains(MASK) && masked.len() < MASK.len() + 24, "{masked}");
        assert!(!secrets.hides_in(&masked));
    }

    #[rstest]
    #[case::a_short_one("hunter2", "hunt er2 HUNTER2 68756e746572 hunter")]
    #[case::of_words("correct horse", "the horse is correct, %68orse")]
    #[case::of_digits("1234567890", "12 345 678 9O, 31 32 33")]
    #[case::too_short("ab", "able, YWI=, 6162")]
    #[case::the_mask("secret", "the secret is a <secret>")]
    #[case::a_placeholder("redacted-1", "Bearer redacted-1")]
    fn ordinary_text_is_left_alone(#[case] secret: &str, #[case] text: &str) {
        let secrets = Secrets::default();
        secrets.add(secret);
        assert_eq!(secrets.mask(text), text);
        assert_eq!(secrets.replace(text), text);
        assert!(!secrets.leaks_in(text));
    }

    #[test]
    fn secrets_that_overlap_are_masked_together() {
        let secrets = Secrets::default();
        secrets.add("abcdefgh");
        secrets.suspect("efghijklm");
        assert_eq!(secrets.mask("(abcdefghijklm) (efghijklm)"), format!("({MASK}) ({MASK})"));
        assert_eq!(secrets.replace("abcdefghijklm efghijklm"), "redacted-1 redacted-s1");
    }

    #[test]
    fn a_large_text_takes_time_in_proportion() {
        let secrets = Secrets::default();
        for number in 0..2000 {
            secrets.add(&format!("napi_{number:064}"));
        }
        let part = r#"{"id": "calm-sea-12345678", "q": "%7B\u006e&#110;", "b": "bmFwaV8wMDAw", "napi_000…": "6e6170695f"} "#;
        let began = Instant::now();
        let text = part.repeat(20_000);
        assert_eq!(secrets.mask(&text).matches(MASK).count(), 20_000);
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }

    #[test]
    fn a_secret_that_was_cut_off_is_masked() {
        let secrets = Secrets::default();
        secrets.add(KEY);
        assert_eq!(
            secrets.mask(&format!("nothing there in {{\"key\":\"{}…", &KEY[..20])),
            format!("nothing there in {{\"key\":\"{MASK}…")
        );
        let percent = each(&KEY[..20], |code| format!("%{code:02x}"));
        assert_eq!(secrets.mask(&format!("… {percent}… {}…", &KEY[..6])), format!("… {MASK}… {MASK}…"));
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
}
