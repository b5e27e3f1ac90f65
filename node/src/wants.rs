//! Which blobs this node's work needs: those of the models its worker keys serve, and the inputs of
//! jobs they sit on.

use futures::StreamExt;
use openledger_attribution::runtime_api::AttributionApi;
use openledger_exchange::{Exchange, MAX_WANTED};
use openledger_inference::runtime_api::InferenceApi;
use openledger_models::runtime_api::ModelsApi;
use openledger_primitives::{
	traits::Input,
	worker::{WorkerKey, WORKER_KEY_TYPE},
	BlobId, ModelId,
};
use openledger_runtime::{opaque::Block, AccountId, Hash};
use polkadot_sdk::{
	sc_client_api::BlockchainEvents,
	sp_api::{ApiError, ProvideRuntimeApi},
	sp_blockchain::HeaderBackend,
	sp_keystore::{Keystore, KeystorePtr},
};
use std::{
	collections::{btree_map::Entry, BTreeMap, BTreeSet},
	sync::Arc,
};

/// What is served is looked at in every so many blocks: it means to go through all models, and who
/// serves is drawn only after some time.
const MODELS_EVERY: u32 = 5;

/// Looks at every new best block, for as long as the node runs.
pub async fn tend<Client>(client: Arc<Client>, keystore: KeystorePtr, exchange: Exchange)
where
	Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + BlockchainEvents<Block> + 'static,
	Client::Api: AttributionApi<Block, AccountId>
		+ InferenceApi<Block, AccountId>
		+ ModelsApi<Block, AccountId>,
{
	let mut blocks = client.import_notification_stream();
	let mut wants = Wants {
		client: client.clone(),
		keystore,
		served: BTreeSet::new(),
		manifests: BTreeMap::new(),
		looked_at: None,
	};
	wants.look(&exchange, client.info().best_hash, client.info().best_number);
	while let Some(block) = blocks.next().await {
		if block.is_new_best {
			wants.look(&exchange, block.hash, block.header.number);
		}
	}
}

struct Wants<Client> {
	client: Arc<Client>,
	keystore: KeystorePtr,
	served: BTreeSet<ModelId>,
	/// Artifact and features of each model; a manifest never changes.
	manifests: BTreeMap<ModelId, [BlobId; 2]>,
	looked_at: Option<u32>,
}

impl<Client> Wants<Client>
where
	Client: ProvideRuntimeApi<Block>,
	Client::Api: AttributionApi<Block, AccountId>
		+ InferenceApi<Block, AccountId>
		+ ModelsApi<Block, AccountId>,
{
	fn look(&mut self, exchange: &Exchange, at: Hash, height: u32) {
		match self.find(at, height) {
			Ok(ids) => exchange.want(ids),
			// what was wanted before still is
			Err(error) => log::debug!(target: "content", "What is needed is not known: {error}"),
		}
	}

	fn find(&mut self, at: Hash, height: u32) -> Result<BTreeSet<BlobId>, ApiError> {
		let keys = self.keystore.sr25519_public_keys(WORKER_KEY_TYPE);
		let api = self.client.runtime_api();
		let mut workers = Vec::new();
		let (mut models, mut wanted) = (BTreeSet::new(), BTreeSet::new());
		for key in keys {
			let Some((worker, jobs)) = api.seats(at, WorkerKey::from(key))? else { continue };
			workers.push(worker);
			for job in jobs.into_iter().take(MAX_WANTED) {
				let Some(job) = api.request(at, job)? else { continue };
				models.insert(job.model);
				if let Input::Blob(id) = job.input {
					wanted.insert(id);
				}
			}
		}
		let due = self.looked_at.is_none_or(|last| height.abs_diff(last) >= MODELS_EVERY);
		if due {
			self.served.clear();
			for worker in workers {
				self.served.extend(api.served(at, worker)?);
			}
			self.looked_at = Some(height);
		}
		models.extend(&self.served);
		self.manifests.retain(|model, _| models.contains(model));
		for model in models {
			if let Entry::Vacant(entry) = self.manifests.entry(model) {
				let Some(view) = api.model(at, model)? else { continue };
				entry.insert([view.model.manifest.artifact, view.model.manifest.features]);
			}
		}
		wanted.extend(self.manifests.values().flatten());
		Ok(wanted)
	}
}
