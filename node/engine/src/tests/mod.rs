//! Tests by feature.

mod artifact;
mod digits;
mod fixtures;
mod mislabelled;
mod picture;
mod queue;
mod records;
mod rule;
mod serve;
mod train;
