//! Tests by feature.

mod artifact;
mod bench;
mod digits;
mod events;
mod fixtures;
mod hostile;
mod picture;
mod queue;
mod records;
mod rule;
mod schedule;
mod serve;
mod train;
mod watch;
mod workshop;
