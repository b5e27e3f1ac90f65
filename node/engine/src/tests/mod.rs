//! Tests by feature.

mod artifact;
mod digits;
mod fixtures;
mod picture;
mod queue;
mod records;
mod retrieval;
mod rule;
mod serve;
mod train;
