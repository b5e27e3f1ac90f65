//! The engine's address, where the off-chain worker looks for it.

use codec::Encode;
use openledger_primitives::api::{EngineEndpoint, ENGINE_ENDPOINT_KEY};
use polkadot_sdk::sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};

/// Writes the engine's address into persistent off-chain storage.
pub struct EndpointStore<Storage>(Storage);

impl<Storage: OffchainStorage> EndpointStore<Storage> {
	/// Over the node's off-chain storage.
	pub fn new(storage: Storage) -> Self {
		Self(storage)
	}

	/// The engine is there.
	pub fn publish(&mut self, endpoint: &EngineEndpoint) {
		self.0.set(STORAGE_PREFIX, ENGINE_ENDPOINT_KEY, &endpoint.encode());
	}

	/// There is no engine.
	pub fn withdraw(&mut self) {
		self.0.remove(STORAGE_PREFIX, ENGINE_ENDPOINT_KEY);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Decode;
	use polkadot_sdk::sp_core::offchain::{
		storage::{InMemOffchainStorage, OffchainDb},
		DbExternalities, StorageKind,
	};

	/// What an off-chain worker reads.
	fn seen(store: &EndpointStore<InMemOffchainStorage>) -> Option<EngineEndpoint> {
		OffchainDb::new(store.0.clone())
			.local_storage_get(StorageKind::PERSISTENT, ENGINE_ENDPOINT_KEY)
			.map(|bytes| EngineEndpoint::decode(&mut bytes.as_slice()).unwrap())
	}

	#[test]
	fn an_off_chain_worker_sees_the_engine_while_it_is_published() {
		let mut store = EndpointStore::new(InMemOffchainStorage::default());
		assert_eq!(seen(&store), None);
		let endpoint = EngineEndpoint { url: b"http://127.0.0.1:1".into(), token: b"t".into() };
		store.publish(&endpoint);
		assert_eq!(seen(&store), Some(endpoint));
		store.withdraw();
		assert_eq!(seen(&store), None);
	}
}
