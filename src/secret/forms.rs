//! Secrets in the forms in which they may stand in a text.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use memchr::memmem;

use super::views::{Views, fold};
use crate::needles::{Needles, SHORTEST};

/// Shorter forms are not looked for in a folded text: with blanks and case left out they may be part of anything.
const LONG: usize = 12;

/// What follows a prefix that everybody knows, `napi_` for one, is a secret of its own where it is so long.
const WHOLE: usize = 24;

/// What stands for the rest of a text that was cut off.
const CUT: &str = "…";

/// Secrets in all their forms, each form with the number of its secret.
#[derive(Default)]
pub(super) struct Forms {
    /// As they stand in a text without escapes.
    exact: Needles,
    /// As they stand in a text that is folded.
    folded: Needles,
    /// How many secrets there are.
    count: usize,
}

impl Forms {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn has(&self, secret: &str) -> bool {
        self.exact.has(secret)
    }

    /// Takes note of a secret in all its forms; it is new.
    pub(super) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        self.count += 1;
        self.exact.add(secret, self.count);
        // In a query, and between single quotes of the shell.
        for (character, written) in [(' ', "+"), ('\'', r"'\''")] {
            if secret.contains(character) {
                self.exact.add(&secret.replace(character, written), self.count);
            }
        }
        self.add_folded(secret);
        // The name of a header has no underscore, and an endpoint may leave the prefix out.
        if let Some((_, rest)) = secret.rsplit_once('_').filter(|(_, rest)| rest.len() >= WHOLE) {
            self.add_folded(rest);
        }
        self.add_folded(&HEXLOWER.encode(secret.as_bytes()));
        for core in cores(secret, 5, |bytes| BASE32_NOPAD.encode(bytes)) {
            self.add_folded(&core);
        }
        for core in cores(secret, 6, |bytes| STANDARD_NO_PAD.encode(bytes)) {
            self.exact.add(&core, self.count);
            self.exact.add(&core.replace('+', "-").replace('/', "_"), self.count);
            self.add_folded(&core);
            for again in cores(&core, 6, |bytes| STANDARD_NO_PAD.encode(bytes)) {
                self.add_folded(&again);
            }
        }
    }

    fn add_folded(&mut self, form: &str) {
        let folded = fold(form);
        if folded.len() >= LONG {
            self.folded.add(&folded, self.count);
        }
    }

    /// Whether a secret stands in a text as a whole.
    pub(super) fn is_in(&self, views: &Views<'_>) -> bool {
        !self.is_empty()
            && (views.plain().any(|(_, bytes)| self.exact.found_in(bytes).next().is_some())
                || self.folded.found_in(views.folded()).next().is_some())
    }

    /// Whether one stands in it as a whole, or cut off.
    pub(super) fn shows_in(&self, views: &Views<'_>) -> bool {
        !self.is_empty()
            && (self.is_in(views)
                || views.plain().any(|(_, bytes)| cut_off(&self.exact, bytes).next().is_some())
                || cut_off(&self.folded, views.folded()).next().is_some())
    }

    /// Where secrets stand in the text, with their numbers, in no order.
    pub(super) fn found_in(&self, views: &Views<'_>) -> Vec<(Range<usize>, usize)> {
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        for (depth, bytes) in views.plain() {
            let places = self.exact.found_in(bytes).chain(cut_off(&self.exact, bytes));
            found.extend(places.map(|(place, number)| (views.of_plain(depth, place), number)));
        }
        let bytes = views.folded();
        let places = self.folded.found_in(bytes).chain(cut_off(&self.folded, bytes));
        found.extend(places.map(|(place, number)| (views.of_folded(place), number)));
        found
    }
}

/// Where a secret stands of which a text holds only the beginning, because it was cut off there.
fn cut_off<'t>(needles: &'t Needles, text: &'t [u8]) -> impl Iterator<Item = (Range<usize>, usize)> + 't {
    memmem::find_iter(text, CUT).filter_map(move |end| {
        let start = end.saturating_sub(needles.longest());
        let (kept, number) = needles.cut_off_at_end_of(&text[start..end])?;
        Some((start + kept..end, number))
    })
}

/// A secret's encoded form, and the part of it that is the same whatever stands around it, for each place in a group of bytes where
/// it may begin (RFC 4648). A character stands for so many `bits`.
fn cores(secret: &str, bits: usize, encode: impl Fn(&[u8]) -> String) -> Vec<String> {
    // As many bytes make whole characters: 3 of 6 bits, 5 of 5.
    let group = if bits == 6 { 3 } else { 5 };
    let core = |offset: usize| {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret.as_bytes());
        let whole = (offset * 8).div_ceil(bits)..bytes.len() * 8 / bits;
        encode(&bytes).get(whole).filter(|core| core.len() >= SHORTEST).map(str::to_owned)
    };
    std::iter::once(encode(secret.as_bytes())).chain((0..group).filter_map(core)).collect()
}
