//! By feature.

mod closing;
mod conservation;
mod draw;
mod requests;
mod servers;
mod state;
mod views;
