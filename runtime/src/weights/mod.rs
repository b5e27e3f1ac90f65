//! Weights of the SDK's pallets, measured on this runtime.

pub mod frame_system_extensions;
pub mod pallet_balances;
pub mod pallet_transaction_payment;
