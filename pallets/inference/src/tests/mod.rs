//! By feature.
