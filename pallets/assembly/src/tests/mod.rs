mod attacks;
mod closing;
mod invariants;
mod proposing;
mod views;
mod voting;
