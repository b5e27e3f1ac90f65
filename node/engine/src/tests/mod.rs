//! Tests by feature.

mod artifact;
mod digits;
mod duplicates;
mod fixtures;
mod neighbours;
mod picture;
mod queue;
mod records;
mod rule;
mod serve;
mod spans;
mod text;
mod train;
mod verify;
