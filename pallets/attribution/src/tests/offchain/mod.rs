//! The off-chain worker against a scripted engine, a real keystore and a real pool of transactions.

mod engine;
mod failures;
mod rounds;

use crate::{mock::*, Call};
use codec::{Decode, Encode};
use engine::{Script, ScriptedEngine};
use frame_support::traits::Hooks;
use openledger_primitives::{
	api::{EngineEndpoint, ENGINE_ENDPOINT_KEY},
	worker::WORKER_KEY_TYPE,
	JobId,
};
use polkadot_sdk::{
	frame_support, sp_core, sp_io, sp_keystore, sp_runtime::offchain::storage::StorageValueRef,
};
use sp_core::offchain::{
	testing::{TestOffchainExt, TestTransactionPoolExt},
	OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
};
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};

/// A node with the hot keys of `workers` and an engine.
struct Node {
	ext: sp_io::TestExternalities,
	/// Takes what the pool holds.
	sent: Box<dyn FnMut() -> Vec<Vec<u8>>>,
	engine: Script,
}

impl Node {
	fn new(workers: &[u64]) -> Self {
		let mut ext = new_test_ext();
		let keystore = MemoryKeystore::new();
		for worker in workers {
			keystore.sr25519_generate_new(WORKER_KEY_TYPE, Some(&seed(*worker))).unwrap();
		}
		ext.register_extension(KeystoreExt::new(keystore));
		let (storage, _) = TestOffchainExt::new();
		ext.register_extension(OffchainDbExt::new(storage.clone()));
		let script = Script::default();
		ext.register_extension(OffchainWorkerExt::new(ScriptedEngine::new(storage, &script)));
		let (pool, state) = TestTransactionPoolExt::new();
		ext.register_extension(TransactionPoolExt::new(pool));
		let mut node = Self {
			ext,
			sent: Box::new(move || std::mem::take(&mut state.write().transactions)),
			engine: script,
		};
		node.run(|| {
			let endpoint = EngineEndpoint {
				url: b"http://127.0.0.1:4000".to_vec(),
				token: b"secret".to_vec(),
			};
			StorageValueRef::persistent(ENGINE_ENDPOINT_KEY).set(&endpoint);
		});
		node
	}

	fn run<R>(&mut self, f: impl FnOnce() -> R) -> R {
		self.ext.execute_with(f)
	}

	/// The worker runs after the present block; what it sent.
	fn work(&mut self) -> Vec<Call<Test>> {
		self.run(|| Attribution::offchain_worker(System::block_number()));
		(self.sent)()
			.iter()
			.map(|bytes| {
				let extrinsic = Extrinsic::decode(&mut &bytes[..]).unwrap();
				match extrinsic.function {
					RuntimeCall::Attribution(call) => call,
					other => panic!("{other:?}"),
				}
			})
			.collect()
	}

	/// A block with these transactions.
	fn block(&mut self, calls: Vec<Call<Test>>) {
		self.run(|| {
			next_block();
			for call in calls {
				apply(call).unwrap().unwrap();
			}
			end_block();
			check();
		});
	}
}

fn is_commit(call: &Call<Test>, of: JobId, by: u64) -> bool {
	matches!(call, Call::commit { job, worker, .. } if *job == of && *worker == by)
}

fn is_reveal(call: &Call<Test>, of: JobId, by: u64) -> bool {
	matches!(call, Call::reveal { job, worker, .. } if *job == of && *worker == by)
}

/// Where the worker keeps a report.
fn report_key(request: [u8; 32], worker: u64, job: JobId) -> Vec<u8> {
	let task = (request, worker, job).encode();
	[b"openledger/attribution/1/report/".as_slice(), &task].concat()
}
