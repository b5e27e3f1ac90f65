//! Reading storage of one block.

use super::LOG;
use codec::{Decode, DecodeAll};
use openledger_runtime::{opaque::Block, Hash};
use polkadot_sdk::*;
use sc_client_api::{Backend, StorageKey, StorageProvider};
use std::{cell::Cell, marker::PhantomData};

/// The state of one block.
pub struct Reader<'a, Client, FullBackend> {
	client: &'a Client,
	at: Hash,
	unreadable: Cell<u64>,
	backend: PhantomData<FullBackend>,
}

/// What metrics need of a state.
pub trait Storage {
	/// The value at `key`; `None` when there is none, or none that this binary understands.
	fn get<T: Decode>(&self, key: impl AsRef<[u8]>) -> Option<T>;
	/// Keys below `prefix`, at most `limit`.
	fn keys(&self, prefix: impl AsRef<[u8]>, limit: usize) -> Vec<Vec<u8>>;
}

impl<'a, Client, FullBackend> Reader<'a, Client, FullBackend> {
	/// Of the block `at`.
	pub fn new(client: &'a Client, at: Hash) -> Self {
		Self { client, at, unreadable: Cell::new(0), backend: PhantomData }
	}

	/// How many values did not decode.
	pub fn unreadable(&self) -> u64 {
		self.unreadable.get()
	}

	fn note_unreadable(&self, key: &[u8]) {
		self.unreadable.set(self.unreadable.get().saturating_add(1));
		log::debug!(target: LOG, "{:?}: no value that this binary reads at {key:02x?}", self.at);
	}
}

impl<Client, FullBackend> Storage for Reader<'_, Client, FullBackend>
where
	FullBackend: Backend<Block>,
	Client: StorageProvider<Block, FullBackend>,
{
	fn get<T: Decode>(&self, key: impl AsRef<[u8]>) -> Option<T> {
		let key = key.as_ref();
		// a block whose state is pruned or not there yet has nothing to show
		let bytes = self.client.storage(self.at, &StorageKey(key.to_vec())).ok().flatten()?.0;
		let value = T::decode_all(&mut bytes.as_slice());
		if value.is_err() {
			self.note_unreadable(key);
		}
		value.ok()
	}

	fn keys(&self, prefix: impl AsRef<[u8]>, limit: usize) -> Vec<Vec<u8>> {
		let prefix = StorageKey(prefix.as_ref().to_vec());
		match self.client.storage_keys(self.at, Some(&prefix), None) {
			Ok(keys) => keys.take(limit).map(|key| key.0).collect(),
			Err(_) => Vec::new(),
		}
	}
}
