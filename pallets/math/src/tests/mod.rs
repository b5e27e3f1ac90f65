//! Examples by hand and properties by proptest.

mod draw;
mod emission;
mod influence;
mod money;
mod pool;
mod sketch;
