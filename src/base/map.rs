//! Maps over keys that are looked up once per row. Their hash is fast and fixed; their order is nobody's business.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

/// A map without an order.
pub type Map<K, V> = HashMap<K, V, FixedState>;

/// A set without an order.
pub type Set<K> = HashSet<K, FixedState>;
