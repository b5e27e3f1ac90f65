//! Weights of the SDK's pallets, measured on this runtime.

pub mod pallet_balances;
