//! Maps over keys that are looked up once per row. Their hash is fast and fixed.

use std::collections::HashSet;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

/// A map in the order of insertion. Entries lie side by side: only their places are hashed, so that a map of a million large values
/// takes no more memory than the values.
pub type Map<K, V> = IndexMap<K, V, FixedState>;

/// A set without an order.
pub type Set<K> = HashSet<K, FixedState>;
