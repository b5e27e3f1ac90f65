//! The scene for the way of a fee on a development chain: a Datanet with three accepted
//! contributions, a model trained on it and an adapter of that model, and three workers that serve
//! both.

use super::{account, Chain};
use openledger_datanets::types::{Kind, Verdict};
use openledger_inference::DRAW_DELAY;
use openledger_primitives::{
	merkle::{record_leaf, root},
	traits::Input,
	BlobId, ContributionId, DatanetId, DatanetVersion, JobId, Manifest, ModelFormat, ModelId, Ppm,
	Report, Task, OPEN,
};
use openledger_runtime::{
	parameters, Attribution, Balance, Inference, Runtime, RuntimeCall, RuntimeEvent,
};
use polkadot_sdk::{frame_support::traits::Get, sp_runtime::ApplyExtrinsicResult};

/// Owns the Datanet and the adapter.
pub const OWNER: &str = "//Ferdie";
/// Offer records.
pub const CONTRIBUTORS: [&str; 3] = ["//Grace", "//Heidi", "//Mallory"];
/// The only curator.
pub const CURATOR: &str = "//Eve";
/// Owns the base model.
pub const BUILDER: &str = "//Judy";
/// Pays.
pub const CALLER: &str = "//Ivan";
/// Serve.
pub const WORKERS: [&str; 3] = ["//Bob", "//Charlie", "//Dave"];
/// Has no part in any of this.
pub const BYSTANDER: &str = "//Alice";

/// Bytes of an input of both models.
pub const INPUT_BYTES: u32 = 256;
/// What the base model asks for a call; not divisible by anything nice.
pub const BASE_PRICE: Balance = 10 * OPEN + 7;
/// Least data fee of a call; not divisible either.
pub const DATA_FEE: Balance = OPEN + 1;
/// What the base takes of the adapter's models' part.
pub const ROYALTY: Ppm = Ppm(100_000);
/// Every report's salt.
pub const SALT: [u8; 32] = [7; 32];
/// Size of each contribution: a KiB and a byte, so that two are bonded for.
pub const BYTES: u64 = 1_025;

/// See the module's documentation.
pub struct Stage {
	/// The chain on which it stands.
	pub chain: Chain,
	/// Tabular, with a data fee.
	pub datanet: DatanetId,
	/// Accepted, in the order of [`CONTRIBUTORS`].
	pub contributions: [ContributionId; 3],
	/// Trained on the third version.
	pub base: ModelId,
	/// Stands on `base`, at price 0.
	pub adapter: ModelId,
}

/// Merkle root over `who`'s records.
pub fn records_root(who: &str) -> [u8; 32] {
	let leaf = |i: u8| record_leaf(&account(who).into(), &[i; 8]);
	root(&(0..10).map(leaf).collect::<Vec<_>>())
}

/// What `who` offers to a Datanet.
pub fn contribute(who: &str, datanet: DatanetId) -> RuntimeCall {
	openledger_datanets::Call::contribute {
		datanet,
		root: records_root(who),
		records: 10,
		bytes: BYTES,
		uri: b"https://records.example".to_vec().try_into().unwrap(),
	}
	.into()
}

/// A classifier trained on one version of one Datanet.
pub fn manifest(datanet: DatanetId, version: u32, royalty: Ppm) -> Manifest {
	Manifest {
		artifact: BlobId([1; 32]),
		format: ModelFormat::Onnx,
		task: Task::Classify,
		input_bytes: INPUT_BYTES,
		feature_scale: 8,
		answer_scale: 0,
		datanets: vec![DatanetVersion { datanet, version }].try_into().unwrap(),
		features: BlobId([2; 32]),
		recipe: BlobId([3; 32]),
		engine_version: openledger_primitives::api::ENGINE_VERSION,
		royalty,
	}
}

/// An answer of class 3, shaped by `influence` (contribution, ppm).
pub fn report(job: JobId, influence: &[(ContributionId, u32)]) -> Report {
	let influence = influence.iter().map(|(id, share)| (*id, Ppm(*share))).collect::<Vec<_>>();
	Report {
		job,
		answer: 3u32.to_le_bytes().to_vec().try_into().unwrap(),
		output: None,
		query_features: [4; 32],
		engine_version: openledger_primitives::api::ENGINE_VERSION,
		influence: influence.try_into().unwrap(),
	}
}

/// A request with an inline input.
pub fn request(model: ModelId, max_fee: Balance, committee: u8) -> RuntimeCall {
	let input = Input::Inline(vec![5; INPUT_BYTES as usize].try_into().unwrap());
	openledger_inference::Call::request { model, input, max_fee, committee }.into()
}

impl Stage {
	/// Everything up to the first block in which workers may be drawn.
	pub fn set() -> Self {
		let mut stage = Self::without_workers();
		stage.serve();
		stage
	}

	/// Nobody serves yet.
	pub fn without_workers() -> Self {
		let mut chain = Chain::dev();
		let datanet = create_datanet(&mut chain);
		let contributions = contribute_and_judge(&mut chain, datanet);
		let (base, adapter) = register(&mut chain, datanet);
		Self { chain, datanet, contributions, base, adapter }
	}

	fn serve(&mut self) {
		let models = [self.base, self.adapter];
		let calls = WORKERS.into_iter().flat_map(|worker| {
			models.map(|model| (worker, openledger_inference::Call::serve { model }.into()))
		});
		self.chain.all_succeed(calls.collect());
		let maturity =
			self.chain.query(|| Inference::server_views(models[0])[0].mature_at).unwrap();
		self.chain.skip(maturity - self.chain.height() - 1);
	}

	/// Asks `model` and lets its committee be drawn; who was seated, by path.
	pub fn draw(&mut self, model: ModelId, committee: u8) -> (JobId, Vec<&'static str>) {
		let job = self.request(model, committee);
		self.chain.skip(DRAW_DELAY);
		let drawn = self.chain.event(|event| match event {
			RuntimeEvent::Inference(openledger_inference::Event::CommitteeDrawn {
				job: drawn,
				committee,
				..
			}) if drawn == job => Some(committee),
			_ => None,
		});
		let path = |who| WORKERS.into_iter().find(|path| account(path) == who).unwrap();
		(job, drawn.into_iter().map(path).collect())
	}

	/// Asks `model` for exactly what it quotes.
	pub fn request(&mut self, model: ModelId, committee: u8) -> JobId {
		let quote = self.chain.query(|| Inference::quote(model, committee)).unwrap();
		self.chain.send(CALLER, request(model, quote, committee)).unwrap();
		self.chain.event(|event| match event {
			RuntimeEvent::Inference(openledger_inference::Event::JobRequested { job, .. }) => {
				Some(job)
			}
			_ => None,
		})
	}

	/// Every one of `answers` is committed to in one block and revealed in the next.
	pub fn answer(&mut self, job: JobId, answers: &[(&str, Report)]) {
		self.commit_to(job, answers);
		self.reveal(job, answers);
	}

	/// One block of commitments.
	pub fn commit_to(&mut self, job: JobId, answers: &[(&str, Report)]) {
		let commits = answers
			.iter()
			.map(|(worker, report)| {
				self.chain.commit(job, worker, report.commitment(&SALT, &account(worker)))
			})
			.collect();
		all_included(self.chain.build(commits));
	}

	/// One block of reveals.
	pub fn reveal(&mut self, job: JobId, answers: &[(&str, Report)]) {
		let reveals = answers
			.iter()
			.map(|(worker, report)| self.chain.reveal(job, worker, report.clone(), SALT))
			.collect();
		all_included(self.chain.build(reveals));
	}

	/// The receipt of a settled job.
	pub fn receipt(
		&mut self,
		job: JobId,
	) -> openledger_attribution::types::Receipt<openledger_runtime::AccountId> {
		self.chain.query(|| Attribution::receipt_of(job)).expect("it is settled")
	}

	/// Lets the dispute window of everything settled so far pass.
	pub fn mature(&mut self) {
		let due = self.chain.query(|| {
			openledger_attribution::MaturingItems::<Runtime>::iter_values().map(|due| due.at).max()
		});
		self.chain.skip(due.map_or(0, |due| due - self.chain.height()));
	}
}

fn all_included(results: Vec<ApplyExtrinsicResult>) {
	for (at, result) in results.into_iter().enumerate() {
		assert_eq!(result, Ok(Ok(())), "transaction {at}");
	}
}

fn create_datanet(chain: &mut Chain) -> DatanetId {
	let text = |text: &str| text.as_bytes().to_vec();
	let metadata = openledger_datanets::types::Metadata {
		name: text("Weather").try_into().unwrap(),
		description: text("Hourly measurements").try_into().unwrap(),
		licence: text("CC-BY-4.0").try_into().unwrap(),
	};
	let create = openledger_datanets::Call::create { kind: Kind::Tabular, metadata };
	chain.send(OWNER, create).unwrap();
	let datanet = chain.event(|event| match event {
		RuntimeEvent::Datanets(openledger_datanets::Event::DatanetCreated { datanet, .. }) => {
			Some(datanet)
		}
		_ => None,
	});
	chain.send(OWNER, openledger_datanets::Call::set_data_fee { datanet, fee: DATA_FEE }).unwrap();
	datanet
}

fn contribute_and_judge(chain: &mut Chain, datanet: DatanetId) -> [ContributionId; 3] {
	let offers = CONTRIBUTORS.map(|who| (who, contribute(who, datanet)));
	chain.all_succeed(offers.into());
	let offered = CONTRIBUTORS.map(|who| {
		let root = records_root(who);
		chain.query(|| openledger_datanets::Roots::<Runtime>::get(root)).unwrap()
	});
	chain.skip(openledger_datanets::DRAW_DELAY);

	let verdict = Verdict { accept: true, quality: Ppm(900_000), bytes: BYTES };
	let commits = offered.map(|contribution| {
		let commitment = verdict.commitment(&SALT, &account(CURATOR), contribution);
		let call = openledger_datanets::Call::commit_verdict { contribution, commitment };
		(CURATOR, call.into())
	});
	chain.all_succeed(commits.into());
	let reveals = offered.map(|contribution| {
		let call = openledger_datanets::Call::reveal_verdict { contribution, verdict, salt: SALT };
		(CURATOR, call.into())
	});
	chain.all_succeed(reveals.into());
	let window =
		chain.query(|| parameters::dynamic_params::datanets::Curation::get().appeal_window);
	chain.skip(window + 1);
	offered
}

fn register(chain: &mut Chain, datanet: DatanetId) -> (ModelId, ModelId) {
	let registered = |chain: &mut Chain| {
		chain.event(|event| match event {
			RuntimeEvent::Models(openledger_models::Event::ModelRegistered { model, .. }) => {
				Some(model)
			}
			_ => None,
		})
	};
	let manifest = |royalty| manifest(datanet, 3, royalty);
	chain.send(BUILDER, openledger_models::Call::register { manifest: manifest(ROYALTY) }).unwrap();
	let base = registered(chain);
	let price = openledger_models::Call::set_price { model: base, price: BASE_PRICE };
	chain.send(BUILDER, price).unwrap();
	let manifest = manifest(Ppm(0));
	chain.send(OWNER, openledger_models::Call::register_adapter { base, manifest }).unwrap();
	(base, registered(chain))
}
