//! Texts of a format, and texts of none.

use data_encoding::BASE64;
use jiff::Timestamp;
use rand::Rng;

use crate::mock::ids::words;

/// 2025-01-01; times are drawn from the year after.
const FIRST_SECOND: i64 = 1_735_689_600;
const SECONDS: i64 = 365 * 86_400;

/// A text of a format; `None` where nothing is demanded of one.
pub(super) fn of_format(format: &str, random: &mut impl Rng) -> Option<String> {
    let text = match format {
        "date-time" => moment(random).to_string(),
        "date" => moment(random).to_string()[..10].to_owned(),
        "time" => moment(random).to_string()[11..].to_owned(),
        "duration" => format!("PT{}M", random.random_range(1..60)),
        "email" | "idn-email" => format!("{}@example.com", words(random)),
        "hostname" | "idn-hostname" => format!("{}.example.com", words(random)),
        "ipv4" => format!("192.0.2.{}", random.random_range(1..255)),
        "ipv6" => format!("2001:db8::{:x}", random.random_range(1..0x1_0000)),
        "uri" | "url" | "uri-reference" | "iri" | "iri-reference" => {
            format!("https://example.com/{}", words(random))
        }
        "uri-template" => format!("https://example.com/{}/{{id}}", words(random)),
        "uuid" => uuid::Builder::from_random_bytes(random.random()).into_uuid().to_string(),
        "json-pointer" => format!("/{}", words(random)),
        "relative-json-pointer" => format!("{}/{}", random.random_range(0..3), words(random)),
        "regex" => format!("^{}$", words(random)),
        "byte" => BASE64.encode(words(random).as_bytes()),
        _ => return None,
    };
    Some(text)
}

/// A text of at least and at most so many characters; `like_an_id`: one that is hardly made twice.
pub(super) fn plain(least: usize, most: usize, like_an_id: bool, random: &mut impl Rng) -> String {
    let mut text = words(random);
    if like_an_id {
        text = format!("{text}-{:08}", random.random_range(0..100_000_000));
    }
    while text.len() < least {
        text = format!("{text}-{}", words(random));
    }
    text.truncate(most);
    text
}

fn moment(random: &mut impl Rng) -> Timestamp {
    Timestamp::from_second(FIRST_SECOND + random.random_range(0..SECONDS)).unwrap_or_default()
}
