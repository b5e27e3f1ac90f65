//! `verify`: recomputes a receipt, and says yes or where it differs.
//!
//! The answer and its influence are computed again from the model's files and the input, by the code
//! that workers run; the money is what the receipt's own numbers make it. That the chain holds this
//! receipt is another question, which `scripts/client/check-receipt.mjs` answers.

mod command;
mod payouts;
mod receipt;

pub use command::{Args, Verdict};
pub use payouts::faults;
pub use receipt::{Payout, Receipt, Report, Request, Seat, Share, MAX_BYTES};
