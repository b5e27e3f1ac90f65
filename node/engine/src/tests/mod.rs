//! Tests by feature.

mod artifact;
mod bench;
mod damping;
mod digits;
mod duplicates;
mod evaluate;
mod events;
mod fixtures;
mod hostile;
mod mislabelled;
mod nearest;
mod neighbours;
mod picture;
mod queue;
mod records;
mod retrieval;
mod rule;
mod schedule;
mod serve;
mod spans;
mod text;
mod train;
mod verify;
mod watch;
mod workshop;
