//! Identifiers, tokens and passwords in the observed formats, all from one seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const ALPHANUMERIC: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
const MIXED: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const FIRST: [&str; 48] = [
    "amber",
    "ancient",
    "autumn",
    "billowing",
    "blue",
    "bold",
    "bright",
    "broad",
    "calm",
    "clear",
    "cool",
    "crimson",
    "curly",
    "damp",
    "dawn",
    "deep",
    "dry",
    "early",
    "fancy",
    "flat",
    "fragrant",
    "frosty",
    "gentle",
    "green",
    "hidden",
    "holy",
    "icy",
    "late",
    "lively",
    "long",
    "lucky",
    "misty",
    "morning",
    "muddy",
    "nameless",
    "noisy",
    "old",
    "orange",
    "patient",
    "plain",
    "proud",
    "quiet",
    "rapid",
    "round",
    "shy",
    "silent",
    "snowy",
    "wild",
];

const SECOND: [&str; 48] = [
    "band", "bar", "base", "bird", "block", "boat", "bonus", "bread", "breeze", "brook", "bush", "cake",
    "cell", "cherry", "cloud", "credit", "darkness", "dawn", "dew", "disk", "dream", "dust", "feather",
    "field", "fire", "flower", "fog", "forest", "frog", "frost", "glade", "grass", "hall", "hat", "haze",
    "heart", "hill", "king", "lab", "lake", "leaf", "limit", "math", "meadow", "moon", "sea", "star", "wind",
];

/// Two words: `misty-sea`.
pub(super) fn words(random: &mut impl Rng) -> String {
    let first = FIRST[random.random_range(0..FIRST.len())];
    let second = SECOND[random.random_range(0..SECOND.len())];
    format!("{first}-{second}")
}

/// Makes identifiers; the same seed makes the same ones in the same order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ids(ChaCha12Rng);

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// `misty-sea-06846227`.
    pub(super) fn project(&mut self) -> String {
        let number = self.0.random_range(0..100_000_000);
        format!("{}-{number:08}", self.words())
    }

    /// `br-floral-wind-a5090hvr`.
    pub(super) fn branch(&mut self) -> String {
        format!("br-{}-{}", self.words(), self.characters(ALPHANUMERIC, 8))
    }

    /// `ep-jolly-frost-a57qv4wh`.
    pub(super) fn endpoint(&mut self) -> String {
        format!("ep-{}-{}", self.words(), self.characters(ALPHANUMERIC, 8))
    }

    /// `snap-late-moon-a5o1nd9s`.
    pub(super) fn snapshot(&mut self) -> String {
        format!("snap-{}-{}", self.words(), self.characters(ALPHANUMERIC, 8))
    }

    /// `org-misty-sea-06846227`.
    pub(super) fn organization(&mut self) -> String {
        format!("org-{}", self.project())
    }

    /// A version 4 UUID (RFC 9562 §5.4).
    pub(super) fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }

    /// `nak_live_` and 32 digits.
    pub(super) fn credential(&mut self) -> String {
        format!("nak_live_{}", self.characters(HEXADECIMAL, 32))
    }

    /// `nsk_live_` and 64 digits.
    pub(super) fn secret(&mut self) -> String {
        format!("nsk_live_{}", self.characters(HEXADECIMAL, 64))
    }

    /// `nst_live_` and 64 digits.
    pub(super) fn service_token(&mut self) -> String {
        format!("nst_live_{}", self.characters(HEXADECIMAL, 64))
    }

    /// `napi_` and 64 characters.
    pub(super) fn token(&mut self) -> String {
        format!("napi_{}", self.characters(ALPHANUMERIC, 64))
    }

    /// `npg_` and 12 characters.
    pub(super) fn password(&mut self) -> String {
        format!("npg_{}", self.characters(MIXED, 12))
    }

    /// What a client of Neon Auth is known by: `pck_` and 52 characters.
    pub(super) fn client_key(&mut self) -> String {
        format!("pck_{}", self.characters(ALPHANUMERIC, 52))
    }

    /// What a server proves itself to Neon Auth with: `ssk_` and 52 characters.
    pub(super) fn server_key(&mut self) -> String {
        format!("ssk_{}", self.characters(ALPHANUMERIC, 52))
    }

    /// What takes over a project at a provider: `ptc_` and 32 characters.
    pub(super) fn transfer_code(&mut self) -> String {
        format!("ptc_{}", self.characters(ALPHANUMERIC, 32))
    }

    fn words(&mut self) -> String {
        words(&mut self.0)
    }

    fn characters(&mut self, of: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(of[self.0.random_range(0..of.len())])).collect()
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::Ids;

    #[test]
    fn identifiers_have_the_observed_forms() {
        let mut ids = Ids::new(7);
        for (pattern, id) in [
            (r"^[a-z]+-[a-z]+-\d{8}$", ids.project()),
            (r"^br-[a-z]+-[a-z]+-[a-z0-9]{8}$", ids.branch()),
            (r"^ep-[a-z]+-[a-z]+-[a-z0-9]{8}$", ids.endpoint()),
            (
                r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
                ids.uuid().to_string(),
            ),
            (r"^napi_[a-z0-9]{64}$", ids.token()),
            (r"^npg_[A-Za-z0-9]{12}$", ids.password()),
            (r"^pck_[a-z0-9]{52}$", ids.client_key()),
            (r"^ssk_[a-z0-9]{52}$", ids.server_key()),
            (r"^ptc_[a-z0-9]{32}$", ids.transfer_code()),
        ] {
            assert!(Regex::new(pattern).expect("it is a pattern").is_match(&id), "{id}");
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_identifiers() {
        assert_eq!(Ids::new(1).token(), Ids::new(1).token());
        assert_ne!(Ids::new(1).token(), Ids::new(2).token());
    }
}
