//! The runtime without a node: genesis, blocks, signed calls with their fees, workers' reports with
//! their signatures.
//!
//! What differs from a network: chance is a hash chain from the world's seed and not authors' VRF
//! outputs, one collator builds every block, and states have no root, which nothing here reads.

use crate::people::Person;
use codec::Encode;
use openledger_primitives::{
	worker::{report_payload, Phase, WorkerPair},
	JobId, Report, WorkerKey, OPEN,
};
use openledger_runtime::{
	configs::TreasuryAccount, opaque::SessionKeys, presets, AllPalletsWithSystem, Attribution,
	BabeConfig, Balance, Balances, BalancesConfig, BlockNumber, Executive, GenesisParametersConfig,
	Hash, Header, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin,
	SessionConfig, StakingConfig, System, TransactionPayment, UncheckedExtrinsic,
	BABE_GENESIS_CONFIG, SLOT_MILLIS,
};
use polkadot_sdk::{
	frame_support::{
		dispatch::GetDispatchInfo,
		traits::{fungible::Mutate, tokens::Preservation, OnFinalize},
	},
	frame_system::offchain::CreateAuthorizedTransaction,
	pallet_timestamp,
	sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
	sp_core::Pair,
	sp_io::{
		self,
		hashing::{blake2_256, twox_128},
		TestExternalities,
	},
	sp_keyring::{Ed25519Keyring, Sr25519Keyring},
	sp_runtime::{
		traits::{Dispatchable, Header as _},
		ApplyExtrinsicResult, BuildStorage, Digest, DigestItem, DispatchResult,
	},
};

/// Bytes of a signed transaction besides its call: signer, signature and extensions.
const ENVELOPE: usize = 110;
/// The slot before the first block's.
const BEFORE_FIRST_SLOT: u64 = 1_000;

/// Who is bonded from the beginning.
#[derive(Clone, Debug, Default)]
pub struct Bonded {
	/// Workers and planck.
	pub workers: Vec<(Person, Balance)>,
	/// Curators and planck.
	pub curators: Vec<(Person, Balance)>,
}

/// The state before the first block; chance begins with `seed`.
pub fn genesis(
	bonded: &Bonded,
	parameters: GenesisParametersConfig,
	seed: u64,
) -> TestExternalities {
	let collator = Sr25519Keyring::Alice.to_account_id();
	let keys = SessionKeys {
		babe: Sr25519Keyring::Alice.public().into(),
		grandpa: Ed25519Keyring::Alice.public().into(),
	};
	let key = |person: &Person| -> WorkerKey { person.worker_pair().public() };
	let people = Person::all().into_iter().map(|person| person.account());
	let balances =
		presets::balances(people.chain([collator.clone()]).map(|who| (who, presets::ENDOWMENT)));
	let config = RuntimeGenesisConfig {
		balances: BalancesConfig { balances, ..Default::default() },
		session: SessionConfig {
			keys: vec![(collator.clone(), collator.clone(), keys)],
			..Default::default()
		},
		babe: BabeConfig { epoch_config: BABE_GENESIS_CONFIG, ..Default::default() },
		staking: StakingConfig {
			collators: vec![(collator, 100_000 * OPEN)],
			workers: bonded
				.workers
				.iter()
				.map(|(person, bond)| (person.account(), *bond, Some(key(person))))
				.collect(),
			curators: bonded.curators.iter().map(|(p, bond)| (p.account(), *bond)).collect(),
		},
		genesis_parameters: parameters,
		..Default::default()
	};
	let storage = config.build_storage().expect("the configuration is complete");
	let mut externalities = TestExternalities::new(storage);
	externalities.execute_with(|| {
		let accumulator = blake2_256(&("openledger/simulation/1/chance", seed).encode());
		openledger_chance::Accumulator::<Runtime>::put(accumulator);
	});
	externalities
}

/// What stands for a block's hash; that of block 0 is the genesis hash that reports are bound to.
fn stand_in(height: BlockNumber) -> Hash {
	blake2_256(&("openledger/simulation/1/block", height).encode()).into()
}

/// The newest block.
pub fn height() -> BlockNumber {
	System::block_number()
}

/// Begins the next block.
pub fn open() {
	let number = height() + 1;
	let slot = BEFORE_FIRST_SLOT + u64::from(number);
	let digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
		authority_index: 0,
		slot: slot.into(),
	});
	let digest = Digest { logs: vec![DigestItem::babe_pre_digest(digest)] };
	let (nothing, parent) = (Hash::default(), stand_in(number - 1));
	Executive::initialize_block(&Header::new(number, nothing, nothing, parent, digest));
	let timestamp = pallet_timestamp::Call::<Runtime>::set { now: slot * SLOT_MILLIS };
	Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(timestamp.into()))
		.expect("a timestamp is valid")
		.expect("a timestamp is accepted");
}

/// Ends the block; what happened in it.
pub fn close() -> Vec<RuntimeEvent> {
	System::note_finished_extrinsics();
	AllPalletsWithSystem::on_finalize(height());
	// as frame-system's own end of a block does, besides computing the state's root
	sp_io::storage::clear(&[twox_128(b"System"), twox_128(b"InherentsApplied")].concat());
	System::events().into_iter().map(|record| record.event).collect()
}

/// Dispatches `call` as a transaction of `who`, who pays its fee to the treasury whatever comes of
/// it.
pub fn send(who: Person, call: impl Into<RuntimeCall>) -> DispatchResult {
	let (who, call) = (who.account(), call.into());
	let length = (call.encoded_size() + ENVELOPE) as u32;
	let fee = TransactionPayment::compute_fee(length, &call.get_dispatch_info(), 0);
	Balances::transfer(&who, &TreasuryAccount::get(), fee, Preservation::Preserve)?;
	call.dispatch(RuntimeOrigin::signed(who)).map(|_| ()).map_err(|failed| failed.error)
}

/// [`send`] of what cannot fail.
pub fn must(who: Person, call: impl Into<RuntimeCall>) {
	let call = call.into();
	let result = send(who, call.clone());
	assert_eq!(result, Ok(()), "block {}, {who:?}: {call:?}", height());
}

/// Submits `worker`'s commitment.
pub fn commit(job: JobId, worker: Person, commitment: [u8; 32]) -> ApplyExtrinsicResult {
	let signature = sign(job, worker, Phase::Commit, &commitment.encode());
	authorised(openledger_attribution::Call::commit {
		job,
		worker: worker.account(),
		commitment,
		signature,
	})
}

/// Submits `worker`'s report.
pub fn reveal(job: JobId, worker: Person, report: Report, salt: [u8; 32]) -> ApplyExtrinsicResult {
	let signature = sign(job, worker, Phase::Reveal, &(&report, salt).encode());
	authorised(openledger_attribution::Call::reveal {
		job,
		worker: worker.account(),
		report,
		salt,
		signature,
	})
}

fn sign(
	job: JobId,
	worker: Person,
	phase: Phase,
	content: &[u8],
) -> <WorkerPair as Pair>::Signature {
	let request = Attribution::round_of(job).map_or([0; 32], |round| round.request_hash);
	worker.worker_pair().sign(&report_payload(&stand_in(0).0, phase, job, &request, content))
}

/// As a block builder does: what is refused is taken back.
fn authorised(call: openledger_attribution::Call<Runtime>) -> ApplyExtrinsicResult {
	type Call = openledger_attribution::Call<Runtime>;
	let extrinsic =
		<Runtime as CreateAuthorizedTransaction<Call>>::create_authorized_transaction(call.into());
	sp_io::storage::start_transaction();
	let result = Executive::apply_extrinsic(extrinsic);
	match result {
		Ok(_) => sp_io::storage::commit_transaction(),
		Err(_) => sp_io::storage::rollback_transaction(),
	}
	result
}
