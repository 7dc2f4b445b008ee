//! Which trials to run.

use super::generation::Generation;
use super::sample::Sample;
use crate::spec::case::Case;

/// Which trials to run. The default takes all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Trials with any of these in their name; all, where it is empty.
    pub filters: Vec<String>,
    /// The filters are whole names.
    pub exact: bool,
    /// Cases with any of these tags; all, where it is empty.
    pub tags: Vec<String>,
    /// Cases that prove any of these requirements; all, where it is empty.
    pub requirements: Vec<String>,
    /// What is made from the contract besides.
    pub generation: Generation,
    /// Only some of them; all, where there is none.
    pub sample: Option<Sample>,
}

impl Selection {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.filters.is_empty()
            && self.tags.is_empty()
            && self.requirements.is_empty()
            && self.sample.is_none()
    }

    pub(super) fn takes_case(&self, case: &Case) -> bool {
        let tagged = self.tags.is_empty() || self.tags.iter().any(|tag| case.tags.contains(tag));
        let proves = |id: &String| case.requirements.iter().any(|required| required.0 == *id);
        tagged
            && self.may_take_of(&case.name)
            && (self.requirements.is_empty() || self.requirements.iter().any(proves))
    }

    /// Whether whole names say which trials are taken.
    pub(super) fn is_by_name(&self) -> bool {
        self.exact && !self.filters.is_empty()
    }

    /// Whether names that begin like this may be taken: what has others need not be made.
    pub(super) fn may_take_of(&self, prefix: &str) -> bool {
        !self.is_by_name() || self.filters.iter().any(|filter| filter.starts_with(prefix))
    }

    pub(super) fn takes_name(&self, name: &str) -> bool {
        self.filters.is_empty()
            || self
                .filters
                .iter()
                .any(|filter| if self.exact { name == filter } else { name.contains(filter.as_str()) })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Selection;

    #[rstest]
    #[case(&[], false, true)]
    #[case(&["keys"], false, true)]
    #[case(&["pages", "revoked"], false, true)]
    #[case(&["pages"], false, false)]
    #[case(&["api-keys/revoked"], true, false)]
    #[case(&["api-keys/revoked[v1]"], true, true)]
    fn a_name_is_taken_or_not(#[case] filters: &[&str], #[case] exact: bool, #[case] taken: bool) {
        let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
        let selection = Selection { filters, exact, ..Selection::default() };
        assert_eq!(selection.takes_name("api-keys/revoked[v1]"), taken);
    }
}
