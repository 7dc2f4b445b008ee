//! Many texts to look for in others, at a cost that does not grow with how many they are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Bound, Range};

/// Shorter texts are not looked for: they may be part of anything.
pub(crate) const SHORTEST: usize = 6;

/// Texts to look for, by how they begin: a run knows thousands, and every string of every answer is looked through.
#[derive(Debug, Default)]
pub(crate) struct Needles {
    by_beginning: HashMap<[u8; SHORTEST], Alike>,
    pairs: Pairs,
    longest: usize,
}

/// The first two bytes of all texts: most places of a text begin none, and need no more than this look.
#[derive(Debug, Default)]
struct Pairs(Vec<u64>);

/// Texts that begin alike: there may be thousands, but of few lengths.
#[derive(Debug, Default)]
struct Alike {
    /// Each with its number.
    numbers: BTreeMap<Box<[u8]>, usize>,
    /// The longest first.
    lengths: BTreeSet<Reverse<usize>>,
}

impl Pairs {
    fn place(bytes: &[u8]) -> (usize, u64) {
        let pair = usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
        (pair / 64, 1 << (pair % 64))
    }

    fn add(&mut self, beginning: &[u8]) {
        let (word, bit) = Self::place(beginning);
        self.0.resize(1 << 10, 0);
        self.0[word] |= bit;
    }

    fn has(&self, window: &[u8]) -> bool {
        let (word, bit) = Self::place(window);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

impl Needles {
    /// Takes a text that is long enough; one that is there keeps its number.
    pub(crate) fn add(&mut self, text: &(impl AsRef<[u8]> + ?Sized), number: usize) {
        let text = text.as_ref();
        let Some(beginning) = text.first_chunk() else { return };
        self.pairs.add(beginning);
        self.longest = self.longest.max(text.len());
        let alike = self.by_beginning.entry(*beginning).or_default();
        alike.lengths.insert(Reverse(text.len()));
        alike.numbers.entry(text.into()).or_insert(number);
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        let alike = text.as_bytes().first_chunk().and_then(|beginning| self.by_beginning.get(beginning));
        alike.is_some_and(|alike| alike.numbers.contains_key(text.as_bytes()))
    }

    /// The length of the longest.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Where any of them stands in a text, with its number: in the order of the text, at one place the longest first.
    pub(crate) fn found_in<'t>(
        &'t self,
        text: &'t (impl AsRef<[u8]> + ?Sized),
    ) -> impl Iterator<Item = (Range<usize>, usize)> + 't {
        let text = text.as_ref();
        self.beginning_in(text).flat_map(move |(start, alike)| {
            let ends = alike.lengths.iter().map(move |Reverse(length)| start + length);
            ends.filter_map(move |end| {
                let number = alike.numbers.get(text.get(start..end)?)?;
                Some((start..end, *number))
            })
        })
    }

    /// The same, but for a number within a longer word or number: it is there by chance.
    pub(crate) fn ids_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (Range<usize>, usize)> + 't {
        let bytes = text.as_bytes();
        let is_of_a_word =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        self.found_in(text).filter(move |(range, _)| {
            !bytes[range.clone()].iter().all(u8::is_ascii_digit)
                || !(is_of_a_word(range.start.checked_sub(1)) || is_of_a_word(Some(range.end)))
        })
    }

    /// Where at the end of a text one of them stands of which there is only the beginning, with its number.
    pub(crate) fn cut_off_at_end_of(&self, text: &[u8]) -> Option<(usize, usize)> {
        self.beginning_in(text).find_map(|(start, alike)| {
            let kept = &text[start..];
            let mut from = alike.numbers.range::<[u8], _>((Bound::Included(kept), Bound::Unbounded));
            let (whole, number) = from.next()?;
            whole.starts_with(kept).then_some((start, *number))
        })
    }

    /// Where a text has what any of them begins with.
    fn beginning_in<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (usize, &'t Alike)> {
        let windows = text.windows(SHORTEST).enumerate();
        windows
            .filter(|(_, window)| self.pairs.has(window))
            .filter_map(|(start, window)| Some((start, self.by_beginning.get(window)?)))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none("calm-se", &[])]
    #[case::one_and_one_in_it("a calm-sea-12!", &[(2..13, 1), (2..12, 0)])]
    #[case::again("calm-sea-1 calm-sea-1", &[(0..10, 0), (11..21, 0)])]
    #[case::too_short("a-1 a-1", &[])]
    #[case::beside_other_characters("é calm-sea-1é", &[(3..13, 0)])]
    fn every_text_is_found_wherever_it_stands(
        #[case] text: &str,
        #[case] expected: &[(Range<usize>, usize)],
    ) {
        let mut needles = Needles::default();
        for (number, needle) in ["calm-sea-1", "calm-sea-12", "a-1"].into_iter().enumerate() {
            needles.add(needle, number);
        }
        assert_eq!(needles.found_in(text).collect::<Vec<_>>(), expected);
    }
}
