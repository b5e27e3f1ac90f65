//! Honest and strategic agents on the real runtime, with the engine's scores: what every strategy
//! gains over honest behaviour. `docs/simulation.md` says how and with what result.
//!
//! A [`campaign`] runs worlds. A [`world`] is one chain with one population, of which at most one
//! principal follows a [`strategy`]; its twin with the same seed is honest throughout. What records
//! are worth to answers comes from [`study`], what contributors offer from [`offers`], and
//! [`report`] and [`picture`] say how it went.

#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

pub mod campaign;
pub mod chain;
pub mod data;
#[path = "../../runtime/src/bin/openledger-check-state/invariants.rs"]
pub mod invariants;
pub mod offers;
pub mod people;
pub mod picture;
pub mod report;
pub mod rng;
pub mod stats;
pub mod strategy;
pub mod study;
pub mod world;
