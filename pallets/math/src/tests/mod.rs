//! Examples by hand and properties by proptest.

mod draw;
mod influence;
mod money;
mod sketch;
mod pool;
