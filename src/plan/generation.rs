//! Which requests are made from the contract.

use std::collections::BTreeSet;

use crate::spec::contract::OperationId;

/// Which requests are made from the contract.
#[derive(Debug, Clone, Default)]
pub struct Generation {
    /// The maximum number, spread over the operations; where whole names say which, all of those, unless it is 0.
    pub at_most: usize,
    /// The same seed takes the same ones.
    pub seed: u64,
    /// Not of these operations: the endpoint lacks them.
    pub absent: BTreeSet<OperationId>,
}

impl Generation {
    /// How many requests are made where nobody says otherwise and they cost nothing.
    pub const DEFAULT: usize = 500;
}
