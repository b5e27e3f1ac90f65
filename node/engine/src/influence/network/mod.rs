//! Influence through whole networks.

pub mod eigen;
pub mod graph;
pub mod pass;
