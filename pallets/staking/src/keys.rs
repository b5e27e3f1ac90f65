//! Hot keys of workers.

use crate::{Bonds, Config, Error, Event, KeyOwners, Pallet, WorkerKeys};
use openledger_primitives::{
	traits::Role,
	worker::{key_ownership_payload, WorkerKey, WorkerSignature},
};
use polkadot_sdk::{
	frame_support::{ensure, pallet_prelude::DispatchResult},
	frame_system::{self, pallet_prelude::BlockNumberFor},
	sp_application_crypto::RuntimeAppPublic,
	sp_runtime::traits::Zero,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_worker_key(
		who: &T::AccountId,
		key: &WorkerKey,
		proof: &WorkerSignature,
	) -> DispatchResult {
		ensure!(Bonds::<T>::contains_key(Role::Worker, who), Error::<T>::NotBonded);
		ensure!(!KeyOwners::<T>::contains_key(key), Error::<T>::KeyTaken);
		let payload = key_ownership_payload(&Self::genesis_hash(), who);
		ensure!(key.verify(&payload, proof), Error::<T>::InvalidProof);
		Self::assign_key(who, key)?;
		Self::deposit_event(Event::WorkerKeySet { who: who.clone(), key: key.clone() });
		Ok(())
	}

	/// Makes `key` the key of `who`, whose old one becomes free.
	pub(crate) fn assign_key(who: &T::AccountId, key: &WorkerKey) -> DispatchResult {
		ensure!(!KeyOwners::<T>::contains_key(key), Error::<T>::KeyTaken);
		if let Some(old) = WorkerKeys::<T>::take(who) {
			KeyOwners::<T>::remove(&old);
		}
		WorkerKeys::<T>::insert(who, key);
		KeyOwners::<T>::insert(key, who);
		Ok(())
	}

	/// Forgets the key of a worker that has nothing held any more: until then it may have a report
	/// to reveal.
	pub(crate) fn drop_key(who: &T::AccountId) {
		if let Some(key) = WorkerKeys::<T>::take(who) {
			KeyOwners::<T>::remove(&key);
			Self::deposit_event(Event::WorkerKeyRemoved { who: who.clone(), key });
		}
	}

	/// The hash of block 0, which frame-system never forgets.
	pub(crate) fn genesis_hash() -> [u8; 32] {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0u8; 32];
		bytes.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
		bytes
	}
}
