//! From an empty chain to the first request: Datanets, offers in three rounds, a model and an
//! adapter of it, workers that serve them. It takes the same blocks in every world, so that worlds
//! with the same seed draw the same committees.

use super::{reviews::Item, World, DATA_FEE, PRICE, ROUND, SALT};
use crate::{
	chain::{height, must},
	offers::Offer,
	people::Person,
	strategy::Strategy,
};
use openledger_datanets::types::{duplicate_commitment, Kind, Metadata, Place, SharedRecord};
use openledger_primitives::{
	api::ENGINE_VERSION,
	merkle::{prove, record_leaf, root, Hash},
	BlobId, BlockNumber, ContributionId, DatanetId, DatanetVersion, Manifest, ModelFormat, ModelId,
	Ppm, Task,
};
use openledger_runtime::Runtime;
use polkadot_sdk::sp_io::hashing::blake2_256;

type Curation = openledger_datanets::Call<Runtime>;
type Building = openledger_models::Call<Runtime>;

/// Rounds of offers, see [`Offer::round`].
const ROUNDS: u8 = 3;
/// The first block with requests.
const BEGIN: BlockNumber = 4 + ROUNDS as BlockNumber * ROUND + 10;
/// What the base takes of the models' part.
const ROYALTY: Ppm = Ppm(200_000);
/// What each further adapter of a stuffed lineage takes: with the base's it may be half.
const STUFFED_ROYALTY: Ppm = Ppm(40_000);
/// Adapters of a stuffed lineage: as many as there may be.
const STUFFING: usize = 7;
/// Blocks from an offer to its acceptance, with some to spare.
pub(super) const REVIEW: usize = 18;
/// Records in one call's evidence.
const EVIDENCE: usize = 16;

impl World<'_> {
	pub(super) fn set_up(&mut self) {
		self.block(Self::create_datanets);
		for round in 0..ROUNDS {
			self.idle_until(3 + ROUND * BlockNumber::from(round));
			self.block(|world| world.offer_round(round));
		}
		self.idle_until(3 + ROUND * BlockNumber::from(ROUNDS));
		self.block(|world| world.register_models());
		self.block(|world| world.serve(&[world.base, world.adapter]));
		self.idle_until(BEGIN - 1);
	}

	fn idle_until(&mut self, last: BlockNumber) {
		while height() < last {
			self.block(|_| {});
		}
	}

	fn create_datanets(&mut self) {
		self.main = create(Person::Owner, "Records");
		self.stream = create(Person::Owner, "Stream");
		let datanet = self.main;
		must(Person::Owner, Curation::set_data_fee { datanet, fee: DATA_FEE });
		if let Some(offer) = self.spec.case.offers.iter().find(|offer| offer.elsewhere) {
			self.elsewhere = Some(create(offer.by, "Elsewhere"));
		}
	}

	fn offer_round(&mut self, round: u8) {
		let case = self.spec.case;
		for offer in case.offers.iter().filter(|offer| offer.round == round) {
			let id = self.contribute(offer);
			self.contributions.push(id);
		}
	}

	/// Offers records; panels let everything of this Datanet pass, which favours the principal.
	pub(super) fn contribute(&mut self, offer: &Offer) -> ContributionId {
		let datanet = if offer.elsewhere { self.elsewhere.unwrap_or(self.main) } else { self.main };
		let lines: Vec<Vec<u8>> = offer.records.iter().map(|record| record.line()).collect();
		self.items.insert(next_contribution(), Item::passing(offer.by, lines.clone()));
		offer_lines(offer.by, datanet, &lines)
	}

	fn register_models(&mut self) {
		let manifest = self.manifest(ROYALTY);
		self.base = register(Person::Builder, Building::register { manifest });
		let price = match self.spec.strategy {
			Strategy::ZeroPrice => 0,
			_ => PRICE,
		};
		must(Person::Builder, Building::set_price { model: self.base, price });
		let adapters = match self.spec.strategy {
			Strategy::LineageStuffing => STUFFING,
			_ => 1,
		};
		self.adapter = self.base;
		for _ in 0..adapters {
			let manifest = self.manifest(STUFFED_ROYALTY);
			let base = self.adapter;
			self.adapter = register(Person::Adapter, Building::register_adapter { base, manifest });
		}
		must(Person::Adapter, Building::set_price { model: self.adapter, price: PRICE });
	}

	/// A model with what the principal brought back, for all later requests.
	pub(super) fn register_successor(&mut self) {
		let manifest = self.manifest(ROYALTY);
		let model = register(Person::Builder, Building::register { manifest });
		must(Person::Builder, Building::set_price { model, price: PRICE });
		self.serve(&[model]);
		self.successor = Some(model);
	}

	fn manifest(&self, royalty: Ppm) -> Manifest {
		let version = |datanet: DatanetId| {
			let version =
				openledger_datanets::Datanets::<Runtime>::get(datanet).map_or(0, |d| d.version);
			DatanetVersion { datanet, version }
		};
		let datanets: Vec<_> = [Some(self.main), self.elsewhere].into_iter().flatten().collect();
		Manifest {
			artifact: BlobId([1; 32]),
			format: ModelFormat::Onnx,
			task: Task::Classify,
			input_bytes: 4 * self.spec.case.set.dimensions as u32,
			feature_scale: 0,
			answer_scale: 0,
			datanets: datanets
				.into_iter()
				.map(version)
				.collect::<Vec<_>>()
				.try_into()
				.expect("two at most"),
			features: BlobId([2; 32]),
			recipe: BlobId([3; 32]),
			engine_version: ENGINE_VERSION,
			royalty,
		}
	}

	fn serve(&self, models: &[ModelId]) {
		for (worker, _) in &self.bonded.workers {
			for model in models {
				must(*worker, openledger_inference::Call::<Runtime>::serve { model: *model });
			}
		}
	}

	/// The watcher commits to prove that an offer is another's.
	pub(super) fn commit_proof(&mut self, copy: ContributionId, original: ContributionId) {
		let watcher = Person::Watcher;
		let commitment = duplicate_commitment(copy, original, &SALT, &watcher.account());
		must(watcher, Curation::commit_duplicate { contribution: copy, commitment });
	}

	/// `prover` proves that every record of `copy` is one of `original`.
	pub(super) fn prove_all(
		&mut self,
		prover: Person,
		copy: ContributionId,
		original: ContributionId,
	) {
		let (copied, earlier) = (&self.items[&copy], &self.items[&original]);
		let (later_leaves, earlier_leaves) =
			(leaves(copied.by, &copied.lines), leaves(earlier.by, &earlier.lines));
		let place = |leaves: &[Hash], at: usize| Place {
			index: at as u32,
			siblings: prove(leaves, at)
				.expect("there is such a record")
				.siblings
				.try_into()
				.expect("fewer than 2^32 records"),
		};
		let evidence: Vec<SharedRecord> = copied
			.lines
			.iter()
			.enumerate()
			.map(|(at, line)| SharedRecord {
				record: blake2_256(line),
				copy: place(&later_leaves, at),
				original: place(&earlier_leaves, at),
			})
			.collect();
		for part in evidence.chunks(EVIDENCE) {
			let evidence = part.to_vec().try_into().expect("no more than a call takes");
			let call =
				Curation::prove_duplicate { contribution: copy, original, evidence, salt: SALT };
			must(prover, call);
		}
	}
}

fn leaves(by: Person, lines: &[Vec<u8>]) -> Vec<Hash> {
	let account: [u8; 32] = by.account().into();
	lines.iter().map(|line| record_leaf(&account, line)).collect()
}

fn create(owner: Person, name: &str) -> DatanetId {
	let id = openledger_datanets::NextDatanet::<Runtime>::get();
	let text = |text: &str| text.as_bytes().to_vec();
	let metadata = Metadata {
		name: text(name).try_into().expect("it is short"),
		description: text(name).try_into().expect("it is short"),
		licence: text("CC0-1.0").try_into().expect("it is short"),
	};
	must(owner, Curation::create { kind: Kind::Tabular, metadata });
	id
}

/// The id that the next offer gets.
pub(super) fn next_contribution() -> ContributionId {
	openledger_datanets::NextContribution::<Runtime>::get()
}

/// Offers `lines` as records.
pub(super) fn offer_lines(by: Person, datanet: DatanetId, lines: &[Vec<u8>]) -> ContributionId {
	let id = next_contribution();
	let leaves = leaves(by, lines);
	must(
		by,
		Curation::contribute {
			datanet,
			root: root(&leaves),
			records: lines.len() as u32,
			bytes: lines.iter().map(|line| line.len() as u64).sum(),
			uri: b"https://records.example".to_vec().try_into().expect("it is short"),
		},
	);
	id
}

fn register(owner: Person, call: Building) -> ModelId {
	let id = openledger_models::NextModel::<Runtime>::get();
	must(owner, call);
	id
}

/// Takes a contribution back.
pub(super) fn revoke(by: Person, contribution: ContributionId) {
	must(by, Curation::revoke { contribution });
}
