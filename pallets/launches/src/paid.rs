//! Which contributions were paid. Kept until the last call that was open for such a contribution is
//! over: calls posted later do not take what was offered before them.

use crate::{Config, Forgettable, LastClose, Paid, PaidQueue, Pallet};
use openledger_primitives::{ContributionId, DataCallId};

/// Paid contributions that a claim, and the close of a call, forgets at most. More than one, so that
/// claims forget faster than they add.
pub(crate) const FORGOTTEN: u32 = 2;

impl<T: Config> Pallet<T> {
	/// Notes that `call` paid `contribution`.
	pub(crate) fn note_paid(contribution: ContributionId, call: DataCallId) {
		Paid::<T>::insert(contribution, call);
		PaidQueue::<T>::push(Forgettable { contribution, until: LastClose::<T>::get() });
	}

	/// Forgets some of the paid contributions that no call could pay again. The queue is in the order
	/// in which they can be forgotten, since the last close only moves forward.
	pub(crate) fn forget_paid() {
		let now = Self::now();
		for _ in 0..FORGOTTEN {
			match PaidQueue::<T>::peek() {
				Some(Forgettable { contribution, until }) if until < now => {
					PaidQueue::<T>::pop();
					Paid::<T>::remove(contribution);
				}
				_ => return,
			}
		}
	}
}
