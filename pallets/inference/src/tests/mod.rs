//! By feature.

mod closing;
mod conservation;
mod draw;
mod more;
mod pricing;
mod priority;
mod requests;
mod servers;
mod state;
mod views;
