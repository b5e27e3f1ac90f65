//! gOPEN governs, in the real runtime: what each track may do, who decides it, what no vote can do, and
//! how each attempt to decide without the votes ends.

#[path = "../common/mod.rs"]
mod common;

mod assemblies;
mod attacks;
mod committee;
mod delegators;
mod parliament;
mod settlement;
mod spends;
mod tracks;
