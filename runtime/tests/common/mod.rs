//! A chain without a node: genesis from a preset, and blocks that are first built as an author
//! builds them and then executed as everyone else imports them. Authors' VRF signatures are real, so
//! that chance is what it will be on the network. After every block everything has to add up.

// no test crate needs all of it
#![allow(dead_code)]

#[path = "../../src/bin/openledger-check-state/invariants.rs"]
pub mod invariants;
pub mod stage;

use codec::Encode;
use openledger_primitives::{
	worker::{report_payload, Phase, WorkerPair},
	JobId, Report,
};
use openledger_runtime::*;
use polkadot_sdk::{
	frame_support::traits::fungible::Inspect,
	frame_system::offchain::CreateAuthorizedTransaction,
	sp_consensus_babe::{
		digests::{CompatibleDigestItem, PreDigest, SecondaryVRFPreDigest},
		make_vrf_sign_data, make_vrf_transcript, Epoch, Slot, RANDOMNESS_VRF_CONTEXT,
	},
	sp_core::{
		crypto::{Pair as _, VrfSecret},
		sr25519,
	},
	sp_io::{
		self,
		hashing::{blake2_256, twox_128},
	},
	sp_keyring::Sr25519Keyring,
	sp_runtime::{
		generic::{Digest, DigestItem, Era, SignedPayload},
		traits::{Block as _, Header as _},
		transaction_validity::{TransactionSource, TransactionValidity, TransactionValidityError},
		ApplyExtrinsicResult, DispatchResult, MultiSignature, StateVersion,
	},
	*,
};
use std::collections::BTreeMap;

/// The slot before the first block's; any will do.
const BEFORE_FIRST_SLOT: u64 = 1_000;

/// A secret that everyone knows, by its path: `//Alice`, `//Bob//worker`.
pub fn pair(path: &str) -> sr25519::Pair {
	sr25519::Pair::from_string(path, None).unwrap()
}

/// The account of [`pair`].
pub fn account(path: &str) -> AccountId {
	pair(path).public().into()
}

/// A preset's genesis state.
pub fn genesis(preset: &str) -> sp_io::TestExternalities {
	use frame_support::genesis_builder_helper::{build_state, get_preset};
	let json = |name: Option<&str>| -> serde_json::Value {
		let bytes = get_preset::<RuntimeGenesisConfig>(&name.map(Into::into), presets::get_preset);
		serde_json::from_slice(&bytes.unwrap()).unwrap()
	};
	let mut config = json(None);
	merge(&mut config, json(Some(preset)));
	let mut ext = sp_io::TestExternalities::new_empty();
	ext.execute_with(|| {
		build_state::<RuntimeGenesisConfig>(serde_json::to_vec(&config).unwrap()).unwrap()
	});
	ext.commit_all().unwrap();
	ext
}

/// Lays a JSON patch over a document.
fn merge(document: &mut serde_json::Value, patch: serde_json::Value) {
	match (document, patch) {
		(serde_json::Value::Object(document), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(document.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(document, patch) => *document = patch,
	}
}

/// Runs `f` and takes back what it changed. Not frame-support's `with_transaction`, which counts its
/// layers in the state whose root is asked for here.
fn dry<R>(f: impl FnOnce() -> R) -> R {
	sp_io::storage::start_transaction();
	let result = f();
	sp_io::storage::rollback_transaction();
	result
}

/// See the module's documentation.
pub struct Chain {
	ext: sp_io::TestExternalities,
	head: Header,
	genesis: Hash,
	slot: u64,
	/// Planck of transaction fees since genesis.
	pub fees: Balance,
	/// Whether everything has to add up after each block, or only when asked: that takes longer the
	/// more there is.
	pub always_checked: bool,
	/// Collators that make no blocks.
	pub absent: Vec<AccountId>,
}

impl Chain {
	/// A chain from the genesis of `preset`, at block 1.
	pub fn new(preset: &str) -> Self {
		let mut ext = genesis(preset);
		let root = ext.execute_with(|| Hash::from_slice(&sp_io::storage::root(StateVersion::V1)));
		let nothing = Hash::default();
		let head = Header::new(0, nothing, root, nothing, Digest::default());
		let genesis = head.hash();
		let mut chain = Self {
			ext,
			head,
			genesis,
			slot: BEFORE_FIRST_SLOT,
			fees: 0,
			always_checked: true,
			absent: Vec::new(),
		};
		chain.everything_adds_up();
		// the runtime knows its genesis hash, which transactions sign, from block 1 on
		chain.skip(1);
		chain
	}

	/// The `dev` preset.
	pub fn dev() -> Self {
		Self::new(sp_genesis_builder::DEV_RUNTIME_PRESET)
	}

	/// The newest block.
	pub fn height(&self) -> BlockNumber {
		self.head.number
	}

	/// What reports are bound to.
	pub fn genesis_hash(&self) -> [u8; 32] {
		self.genesis.0
	}

	/// The newest block's header and slot: what the next is built on.
	pub fn head(&self) -> (Header, u64) {
		(self.head.clone(), self.slot)
	}

	/// Changes the newest state as no block could.
	pub fn meddle<R>(&mut self, f: impl FnOnce() -> R) -> R {
		let result = self.ext.execute_with(f);
		self.ext.commit_all().unwrap();
		result
	}

	/// Looks at the newest state.
	pub fn query<R>(&mut self, f: impl FnOnce() -> R) -> R {
		self.ext.execute_with(|| dry(f))
	}

	/// Every key and value of the newest state.
	pub fn state(&mut self) -> BTreeMap<Vec<u8>, Vec<u8>> {
		self.query(|| {
			let next = |key: &Vec<u8>| sp_io::storage::next_key(key);
			std::iter::successors(next(&Vec::new()), next)
				.map(|key| {
					let value = sp_io::storage::get(&key).unwrap();
					(key, value.to_vec())
				})
				.collect()
		})
	}

	/// The first event of the newest block that `pick` likes.
	pub fn event<R>(&mut self, pick: impl Fn(RuntimeEvent) -> Option<R>) -> R {
		let events = self.query(System::events);
		let found = events.iter().find_map(|record| pick(record.event.clone()));
		found.unwrap_or_else(|| panic!("no such event among {events:#?}"))
	}

	/// A block with `extrinsics`, built and imported. Those that are refused are left out of it.
	pub fn build(&mut self, extrinsics: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
		let (header, randomness) = self.next_header();
		let slot = self.slot + 1;
		let (block, results) = self.ext.execute_with(|| {
			dry(|| {
				Executive::initialize_block(&header);
				let timestamp = timestamp(slot);
				Executive::apply_extrinsic(timestamp.clone()).unwrap().unwrap();
				let mut included = vec![timestamp];
				let results = extrinsics
					.into_iter()
					.map(|extrinsic| {
						let result = apply(extrinsic.clone());
						if result.is_ok() {
							included.push(extrinsic);
						}
						result
					})
					.collect();
				(Block::new(Executive::finalize_block(), included), results)
			})
		});
		self.import(block, randomness);
		results
	}

	fn import(&mut self, block: Block, randomness: [u8; 32]) {
		let header = block.header.clone();
		self.ext.execute_with(|| {
			let before = openledger_chance::Accumulator::<Runtime>::get();
			Executive::execute_block(block.into());
			assert_eq!(Babe::author_vrf_randomness(), Some(randomness), "the author's VRF counts");
			assert_eq!(
				openledger_chance::Seeds::<Runtime>::get(header.number),
				Some(blake2_256(&(before, randomness).encode())),
				"chance follows from it"
			);
		});
		self.ext.commit_all().unwrap();
		self.head = header;
		self.slot += 1;
		self.fees += self.query(|| {
			System::events()
				.into_iter()
				.map(|record| match record.event {
					RuntimeEvent::TransactionPayment(
						pallet_transaction_payment::Event::TransactionFeePaid {
							actual_fee,
							tip,
							..
						},
					) => actual_fee + tip,
					_ => 0,
				})
				.sum::<Balance>()
		});
		if self.always_checked {
			self.everything_adds_up();
		}
	}

	/// Empty blocks.
	pub fn skip(&mut self, blocks: u32) {
		(0..blocks).for_each(|_| {
			self.build(Vec::new());
		});
	}

	/// Issuance is whole, every pot has what it owes, and every pallet's state is sound.
	pub fn everything_adds_up(&mut self) -> invariants::Findings {
		let height = self.height();
		let findings =
			self.query(invariants::check).unwrap_or_else(|broken| panic!("{height}: {broken}"));
		assert_eq!(findings.gifts, 0, "nobody gave the pot anything");
		assert_eq!(findings.height, height);
		findings
	}

	/// The next block's header as its author begins with it, and the randomness it brings.
	pub fn next_header(&mut self) -> (Header, [u8; 32]) {
		let (slot, parent) = (Slot::from(self.slot + 1), self.head.clone());
		let absent = self.absent.clone();
		self.query(|| {
			let epoch = epoch_at(slot);
			let disabled = Session::disabled_validators();
			let many = epoch.authorities.len() as u64;
			let is_here = |index: u32| {
				let (key, _) = &epoch.authorities[index as usize];
				!absent.contains(&AccountId::from(key.clone().into_inner()))
			};
			let index = (*slot..*slot + many)
				.map(|at| (at % many) as u32)
				.find(|index| !disabled.contains(index) && is_here(*index))
				.expect("somebody may build blocks");
			let (authority, _) = &epoch.authorities[index as usize];
			let author =
				Sr25519Keyring::from_public(&authority.clone().into_inner()).unwrap().pair();
			let (randomness, epoch) = (epoch.randomness, epoch.epoch_index);
			let vrf_signature = author.vrf_sign(&make_vrf_sign_data(&randomness, slot, epoch));
			let input = make_vrf_transcript(&randomness, slot, epoch);
			let output = author.make_bytes(RANDOMNESS_VRF_CONTEXT, &input);
			let digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
				authority_index: index,
				slot,
				vrf_signature,
			});
			let digest = Digest { logs: vec![DigestItem::babe_pre_digest(digest)] };
			let header = Header::new(
				parent.number + 1,
				Default::default(),
				Default::default(),
				parent.hash(),
				digest,
			);
			(header, output)
		})
	}

	/// Transactions of `calls`' signers, with the nonces they need to be in one block.
	pub fn signed(&mut self, calls: Vec<(&str, RuntimeCall)>) -> Vec<UncheckedExtrinsic> {
		let mut nonces = BTreeMap::new();
		self.query(|| {
			calls
				.into_iter()
				.map(|(path, call)| {
					let signer = pair(path);
					let who = AccountId::from(signer.public());
					let nonce =
						nonces.entry(who).or_insert_with_key(|who| System::account_nonce(who));
					*nonce += 1;
					signed(&signer, *nonce - 1, call)
				})
				.collect()
		})
	}

	/// One block with a transaction for each of `calls`; how each was dispatched.
	pub fn send_all(&mut self, calls: Vec<(&str, RuntimeCall)>) -> Vec<DispatchResult> {
		let extrinsics = self.signed(calls);
		self.build(extrinsics).into_iter().map(|result| result.expect("it is valid")).collect()
	}

	/// [`Self::send_all`] of one call.
	pub fn send(&mut self, path: &str, call: impl Into<RuntimeCall>) -> DispatchResult {
		self.send_all(vec![(path, call.into())]).remove(0)
	}

	/// Many calls in one block, none of which may fail.
	pub fn all_succeed(&mut self, calls: Vec<(&str, RuntimeCall)>) {
		for (at, result) in self.send_all(calls).into_iter().enumerate() {
			assert_eq!(result, Ok(()), "call {at}");
		}
	}

	/// What the pool says of a transaction now.
	pub fn validate(&mut self, extrinsic: UncheckedExtrinsic) -> TransactionValidity {
		let hash = self.head.hash();
		self.query(|| Executive::validate_transaction(TransactionSource::External, extrinsic, hash))
	}

	/// Why `extrinsic` is refused, by the pool and by the author of the next block alike. Being
	/// refused leaves nothing behind, and the block that was to hold it is none the worse.
	pub fn refused(&mut self, extrinsic: UncheckedExtrinsic) -> TransactionValidityError {
		let by_pool = self.validate(extrinsic.clone()).expect_err("the pool refuses it");
		let (header, _) = self.next_header();
		let slot = self.slot + 1;
		let remark = frame_system::Call::remark { remark: Vec::new() };
		let another = self.signed(vec![(stage::BYSTANDER, remark.into())]).remove(0);
		let by_author = self.query(|| {
			Executive::initialize_block(&header);
			Executive::apply_extrinsic(timestamp(slot)).unwrap().unwrap();
			// a block's first transaction tells frame-system that inherents are over
			Executive::apply_extrinsic(another).unwrap().unwrap();
			let before = root_but_for_the_note();
			let error =
				Executive::apply_extrinsic(extrinsic.clone()).expect_err("so does an author");
			assert_eq!(root_but_for_the_note(), before, "a refused call changes nothing");
			error
		});
		assert_eq!(by_pool, by_author);
		by_author
	}

	/// What `worker`'s key signs as `payload` says, as a transaction.
	pub fn commit(&mut self, job: JobId, worker: &str, commitment: [u8; 32]) -> UncheckedExtrinsic {
		let content = commitment.encode();
		let payload = self.payload(self.genesis_hash(), Phase::Commit, job, &content);
		authorised(openledger_attribution::Call::commit {
			job,
			worker: account(worker),
			commitment,
			signature: sign(worker, &payload),
		})
	}

	/// Reveals `report` with `salt`.
	pub fn reveal(
		&mut self,
		job: JobId,
		worker: &str,
		report: Report,
		salt: [u8; 32],
	) -> UncheckedExtrinsic {
		let content = (&report, salt).encode();
		let payload = self.payload(self.genesis_hash(), Phase::Reveal, job, &content);
		authorised(openledger_attribution::Call::reveal {
			job,
			worker: account(worker),
			report,
			salt,
			signature: sign(worker, &payload),
		})
	}

	/// What a worker signs on the chain with `genesis`.
	pub fn payload(
		&mut self,
		genesis: [u8; 32],
		phase: Phase,
		job: JobId,
		content: &[u8],
	) -> [u8; 32] {
		let request =
			self.query(|| Attribution::round_of(job)).expect("it has a round").request_hash;
		report_payload(&genesis, phase, job, &request, content)
	}

	/// All OPEN of an account, held or not, in planck.
	pub fn total(&mut self, who: &AccountId) -> Balance {
		self.query(|| Balances::total_balance(who))
	}

	/// Every hold there is: account, reason, planck.
	pub fn holds(&mut self) -> BTreeMap<AccountId, Vec<(RuntimeHoldReason, Balance)>> {
		self.query(|| {
			pallet_balances::Holds::<Runtime>::iter()
				.map(|(who, holds)| {
					(who, holds.into_iter().map(|hold| (hold.id, hold.amount)).collect())
				})
				.collect()
		})
	}
}

/// The hot key's signature of `worker`, `//Bob` with `//Bob//worker`.
pub fn sign(worker: &str, payload: &[u8; 32]) -> openledger_primitives::worker::WorkerSignature {
	WorkerPair::from_string(&format!("{worker}//worker"), None).unwrap().sign(payload)
}

/// A general transaction that its call authorises.
pub fn authorised(call: openledger_attribution::Call<Runtime>) -> UncheckedExtrinsic {
	type Call = openledger_attribution::Call<Runtime>;
	<Runtime as CreateAuthorizedTransaction<Call>>::create_authorized_transaction(call.into())
}

/// `signer`'s transaction of `call`, on the state at hand.
pub fn signed(signer: &sr25519::Pair, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
	let extension = extension(nonce);
	let payload = SignedPayload::new(call.clone(), extension.clone()).unwrap();
	let signature = MultiSignature::from(payload.using_encoded(|p| signer.sign(p)));
	let who = AccountId::from(signer.public());
	UncheckedExtrinsic::new_signed(call, who.into(), signature, extension)
}

fn extension(nonce: Nonce) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// The inherent of a block in `slot`.
pub fn timestamp(slot: u64) -> UncheckedExtrinsic {
	UncheckedExtrinsic::new_bare(pallet_timestamp::Call::set { now: slot * SLOT_MILLIS }.into())
}

/// As the block builder does: what is refused is taken back.
pub fn apply(extrinsic: UncheckedExtrinsic) -> ApplyExtrinsicResult {
	sp_io::storage::start_transaction();
	let result = Executive::apply_extrinsic(extrinsic);
	match result {
		Ok(_) => sp_io::storage::commit_transaction(),
		Err(_) => sp_io::storage::rollback_transaction(),
	}
	result
}

/// The state's root without the copy of the transaction at hand that frame-system notes before it
/// looks at it, and that block builders take back.
fn root_but_for_the_note() -> Vec<u8> {
	dry(|| {
		let note = [twox_128(b"System"), twox_128(b"ExtrinsicData")].concat();
		let _ = sp_io::storage::clear_prefix(&note, None);
		sp_io::storage::root(StateVersion::V1)
	})
}

/// The epoch of a block in `slot` on top of the state at hand.
fn epoch_at(slot: Slot) -> Epoch {
	let next = Babe::next_epoch();
	// the first block begins epoch 0, whatever its slot
	if *Babe::genesis_slot() != 0 && slot >= next.start_slot {
		next
	} else {
		Babe::current_epoch()
	}
}
