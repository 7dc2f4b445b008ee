//! An object with an identity, where an answer shows it.

use std::sync::Arc;

/// An object with an identity, as one answer shows it.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    /// The exchange, by its place in the record.
    pub(super) exchange: usize,
    /// The kind of object: `project`.
    pub(super) kind: Arc<str>,
    /// Its id, as text.
    pub(super) id: String,
    /// The location of the ID.
    pub(super) id_pointer: String,
    /// The location of the object.
    pub(super) pointer: String,
}
