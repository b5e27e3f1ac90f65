//! Examples by hand and properties by proptest.

mod ballot;
mod draw;
mod emission;
mod influence;
mod money;
mod pool;
mod sketch;
mod steps;
mod window;
