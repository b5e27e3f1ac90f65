//! `measure-network`.

mod lds;
mod mlp;
mod random;
