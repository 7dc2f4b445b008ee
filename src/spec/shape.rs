//! What schemas say of the values of a body, as far as it has been worked out.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::schema_ref::SchemaRef;

/// What the schemas that apply to one value say of it, and what applies below it. Worked out when it is first needed, once for
/// all bodies.
pub(super) struct Shape {
    pub(super) applied: Vec<SchemaRef>,
    pub(super) marks: Vec<Mark>,
    /// The members that a schema names.
    pub(super) members: BTreeMap<String, Below>,
    /// All other members.
    pub(super) others: Below,
    pub(super) items: Below,
}

/// What applies below; nothing, where nothing is said.
pub(super) type Below = OnceLock<Option<Arc<Shape>>>;

/// What a schema says about a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// It identifies the object that holds it, of this kind (`x-neon-identity`).
    Identity(Arc<str>),
    /// It names another object, of this kind (`x-neon-reference`).
    Reference(Arc<str>),
    /// It must not be shown (`x-neon-secret`).
    Secret,
    /// It changes from run to run; the word stands for it (`x-neon-volatile`).
    Volatile(Arc<str>),
    /// It is a time (`format: date-time`).
    Time,
}
