mod adapters;
mod invariants;
mod owners;
mod registration;
mod views;
