//! A runtime of balances and Datanets; chance and bonds are the stand-ins of the primitives.

use crate as openledger_datanets;
use crate::*;
use codec::Encode;
use openledger_primitives::{
	merkle::{self, Hash},
	mocks::{self, State},
	traits::{ActiveBond, Misconduct, Role},
	Balance, DatanetId, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		assert_ok, derive_impl,
		traits::{ConstU128, ConstU32, ConstU64, Hooks},
	},
	pallet_balances,
	sp_io::{hashing::blake2_256, TestExternalities},
	sp_runtime::{BoundedVec, BuildStorage},
	*,
};
use std::cell::RefCell;

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Datanets = openledger_datanets;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type AccountStore = System;
	type ExistentialDeposit = ConstU128<10>;
}

std::thread_local! {
	static PARAMETERS: RefCell<CurationParameters> = RefCell::new(small());
}

/// Short periods; a fee that no panel divides evenly.
pub fn small() -> CurationParameters {
	CurationParameters {
		panel: 3,
		commit_period: 5,
		reveal_period: 4,
		review_fee: OPEN + 1,
		bond_base: 10 * OPEN,
		bond_per_kib: OPEN / 100,
		datanet_deposit: 100 * OPEN,
		exit_window: 20,
		appeal_panel: 5,
		appeal_window: WINDOW,
		appeal_bond: 10 * OPEN,
		no_show_slash: Ppm(10_000),
		misjudgement_slash: Ppm(20_000),
		duplicate_threshold: Ppm(250_000),
		prover_share: Ppm(300_000),
		proof_delay: 2,
		max_pending: 64,
		max_per_block: 64,
	}
}

pub struct Parameters;

impl Parameters {
	pub fn set(change: impl FnOnce(&mut CurationParameters)) {
		PARAMETERS.with(|p| change(&mut p.borrow_mut()));
	}
}

impl Get<CurationParameters> for Parameters {
	fn get() -> CurationParameters {
		PARAMETERS.with(|p| *p.borrow())
	}
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = Parameters;
	type Chance = mocks::Mock;
	type Curators = mocks::Mock;
	type Penalties = mocks::Mock;
	type RecordDeposit = ConstU128<RECORD_DEPOSIT>;
	type TreasuryAccount = ConstU64<TREASURY>;
	type MaxCurators = ConstU32<100>;
	type MaxDrawsPerBlock = ConstU32<2>;
	type MaxDeadlinesPerBlock = ConstU32<2>;
	type PolicyOrigin = frame_system::EnsureRoot<AccountId>;
	type EarningWindow = ConstU32<EARNING_WINDOW>;
	type WeightInfo = ();
}

pub const OWNER: AccountId = 1;
pub const ALICE: AccountId = 2;
pub const BOB: AccountId = 3;
pub const POOR: AccountId = 4;
pub const CAROL: AccountId = 5;
pub const CURATORS: [AccountId; 5] = [11, 12, 13, 14, 15];
/// Who make up the panel of an appeal besides the two of [`CURATORS`] that did not judge first.
pub const OTHERS: [AccountId; 4] = [21, 22, 23, 24];
pub const TREASURY: AccountId = 99;
pub const WINDOW: BlockNumber = 6;
pub const RECORD_DEPOSIT: Balance = OPEN;
pub const EARNING_WINDOW: BlockNumber = 30;
pub const NET: DatanetId = DatanetId(0);
pub const START: Balance = 10_000 * OPEN;
pub const SALT: [u8; 32] = [7; 32];

/// Five bonded curators, a funded owner, two contributors, and the treasury; block 1.
pub fn new_test_ext() -> TestExternalities {
	State::reset();
	Parameters::set(|p| *p = small());
	State::with(|state| {
		for curator in CURATORS {
			bond_in(state, curator, 0);
		}
	});
	let mut balances = vec![(POOR, 50 * OPEN), (TREASURY, 1_000)];
	balances.extend(
		[OWNER, ALICE, BOB, CAROL].iter().chain(&CURATORS).chain(&OTHERS).map(|who| (*who, START)),
	);
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	let mut ext = TestExternalities::from(genesis.build_storage().unwrap());
	ext.execute_with(|| {
		System::set_block_number(1);
		Datanets::on_initialize(1);
	});
	ext
}

fn bond_in(state: &mut State, who: AccountId, since: BlockNumber) {
	state.bonds.insert((Role::Curator, who), ActiveBond { amount: 1_000 * OPEN, since });
}

/// Bonds `who` as a curator since `since`.
pub fn bond(who: AccountId, since: BlockNumber) {
	State::with(|state| bond_in(state, who, since));
}

/// Runs a scenario and checks the invariants and the issuance at its end.
pub fn test(scenario: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		let issuance = Balances::total_issuance();
		scenario();
		check(issuance);
	});
}

/// The invariants hold, nothing is held without reason, and nothing was minted or burnt.
pub fn check(issuance: Balance) {
	assert_ok!(Datanets::do_try_state());
	assert_eq!(Balances::total_issuance(), issuance);
	let held = pallet_balances::Holds::<Test>::iter_values().flatten().map(|hold| hold.amount);
	assert_eq!(held.sum::<Balance>(), stored());
}

/// All that the pallet says is held.
fn stored() -> Balance {
	let datanets = crate::Datanets::<Test>::iter_values().map(|datanet| datanet.deposit);
	let bonds = Contributions::<Test>::iter_values().map(|contribution| contribution.bond);
	let reviews = Reviews::<Test>::iter_values()
		.map(|review| review.fee + review.appeal.map_or(0, |appeal| appeal.bond));
	let proofs = DuplicateProofs::<Test>::iter_values().map(|proof| proof.deposit);
	let kinds = CuratorKinds::<Test>::iter_values().map(|judging| judging.deposit);
	let clusters = LatestClusters::<Test>::iter_values().map(|clusters| clusters.deposit);
	datanets.chain(bonds).chain(reviews).chain(proofs).chain(kinds).chain(clusters).sum()
}

/// The seed of a height, as the stand-in for chance gives it.
pub fn seed(height: BlockNumber) -> [u8; 32] {
	blake2_256(&height.encode())
}

pub fn now() -> BlockNumber {
	Datanets::now()
}

/// Ends the block, with its seed, and starts the next.
pub fn next_block() {
	let height = now();
	State::with(|state| state.seeds.insert(height, seed(height)));
	next_block_without_seed();
}

/// Ends the block, without a seed, and starts the next.
pub fn next_block_without_seed() {
	let height = System::block_number();
	Datanets::on_finalize(height);
	System::set_block_number(height + 1);
	Datanets::on_initialize(height + 1);
}

/// Ends blocks until `height` is the present one.
pub fn run_to(height: BlockNumber) {
	while now() < height {
		next_block();
	}
}

pub fn metadata() -> Metadata {
	Metadata {
		name: b"Digits".to_vec().try_into().unwrap(),
		description: b"Handwritten digits, 8 x 8".to_vec().try_into().unwrap(),
		licence: b"CC-BY-4.0".to_vec().try_into().unwrap(),
	}
}

/// OWNER's Datanet, [`NET`].
pub fn create() {
	assert_ok!(Datanets::create(RuntimeOrigin::signed(OWNER), Kind::Image, metadata()));
}

pub fn root(n: u8) -> Hash {
	[n; 32]
}

pub fn uri() -> BoundedVec<u8, ConstU32<MAX_URI>> {
	b"blob:0x01".to_vec().try_into().unwrap()
}

/// `who` offers 100 records of together 2,000 bytes with root `n` to [`NET`].
pub fn contribute(who: AccountId, n: u8) -> ContributionId {
	let id = NextContribution::<Test>::get();
	let origin = RuntimeOrigin::signed(who);
	assert_ok!(Datanets::contribute(origin, NET, root(n), 100, 2_000, uri()));
	id
}

/// Hashes of records number `from` to `to` − 1.
pub fn records(numbers: core::ops::Range<u32>) -> Vec<Hash> {
	numbers.map(|number| blake2_256(&number.encode())).collect()
}

fn leaves(who: AccountId, records: &[Hash]) -> Vec<Hash> {
	let mut account = [0; 32];
	account[..8].copy_from_slice(&who.encode());
	records.iter().map(|record| merkle::record_leaf_from_hash(&account, record)).collect()
}

/// The root over `who`'s records.
pub fn tree_root(who: AccountId, records: &[Hash]) -> Hash {
	merkle::root(&leaves(who, records))
}

/// `who` offers these records to `datanet`, of together 2,000 bytes.
pub fn offer(who: AccountId, datanet: DatanetId, records: &[Hash]) -> ContributionId {
	let id = NextContribution::<Test>::get();
	let root = tree_root(who, records);
	let count = records.len() as u32;
	let origin = RuntimeOrigin::signed(who);
	assert_ok!(Datanets::contribute(origin, datanet, root, count, 2_000, uri()));
	id
}

/// [`offer`] to [`NET`], and everybody accepts for good.
pub fn accept_records(who: AccountId, records: &[Hash]) -> ContributionId {
	let id = offer(who, NET, records);
	run_to(now() + DRAW_DELAY + 1);
	judge_finally(id, [accepting(); 3]);
	id
}

fn place(who: AccountId, records: &[Hash], record: &Hash) -> Place {
	let index = records.iter().position(|other| other == record).unwrap();
	let proof = merkle::prove(&leaves(who, records), index).unwrap();
	Place { index: index as u32, siblings: proof.siblings.try_into().unwrap() }
}

/// Evidence that `shared` are in both contributions, each an account and its records.
pub fn evidence(
	copy: (AccountId, &[Hash]),
	original: (AccountId, &[Hash]),
	shared: &[Hash],
) -> Evidence {
	let shared = shared.iter().map(|record| SharedRecord {
		record: *record,
		copy: place(copy.0, copy.1, record),
		original: place(original.0, original.1, record),
	});
	shared.collect::<Vec<_>>().try_into().unwrap()
}

/// `prover` commits to prove that `copy` holds records of `original`.
pub fn commit_duplicate(prover: AccountId, copy: ContributionId, original: ContributionId) {
	let commitment = duplicate_commitment(copy, original, &SALT, &prover);
	assert_ok!(Datanets::commit_duplicate(RuntimeOrigin::signed(prover), copy, commitment));
}

/// `prover` proves it with `evidence`.
pub fn prove(
	prover: AccountId,
	copy: ContributionId,
	original: ContributionId,
	evidence: Evidence,
) -> polkadot_sdk::sp_runtime::DispatchResult {
	let origin = RuntimeOrigin::signed(prover);
	Datanets::prove_duplicate(origin, copy, original, evidence, SALT)
}

/// Who sits on the panel, after its draw.
pub fn panel(id: ContributionId) -> Vec<AccountId> {
	Reviews::<Test>::get(id).unwrap().seats.iter().map(|seat| seat.curator).collect()
}

/// Offers, and waits for the panel.
pub fn drawn(who: AccountId, n: u8) -> (ContributionId, Vec<AccountId>) {
	let id = contribute(who, n);
	run_to(now() + DRAW_DELAY + 1);
	(id, panel(id))
}

pub fn accepting() -> Verdict {
	Verdict { accept: true, quality: Ppm(900_000), bytes: 2_000 }
}

pub fn rejecting() -> Verdict {
	Verdict { accept: false, quality: Ppm(0), bytes: 2_000 }
}

pub fn commit(curator: AccountId, id: ContributionId, verdict: Verdict) {
	let commitment = verdict.commitment(&SALT, &curator, id);
	assert_ok!(Datanets::commit_verdict(RuntimeOrigin::signed(curator), id, commitment));
}

pub fn reveal(curator: AccountId, id: ContributionId, verdict: Verdict) {
	assert_ok!(Datanets::reveal_verdict(RuntimeOrigin::signed(curator), id, verdict, SALT));
}

/// The panel commits and reveals `verdicts`, seat by seat.
pub fn judge(id: ContributionId, verdicts: [Verdict; 3]) {
	let panel = panel(id);
	for (curator, verdict) in panel.iter().zip(verdicts) {
		commit(*curator, id, verdict);
	}
	for (curator, verdict) in panel.iter().zip(verdicts) {
		reveal(*curator, id, verdict);
	}
}

/// Waits until what is decided now is final.
pub fn finish() {
	run_to(now() + Parameters::get().appeal_window + 1);
}

/// [`judge`], and nobody appeals.
pub fn judge_finally(id: ContributionId, verdicts: [Verdict; 3]) {
	judge(id, verdicts);
	finish();
}

/// Offers, has all curators accept, and waits until that is final.
pub fn accepted(who: AccountId, n: u8) -> ContributionId {
	let (id, _) = drawn(who, n);
	judge_finally(id, [accepting(); 3]);
	id
}

/// Bonds [`OTHERS`] as curators, so that there are enough for appeals.
pub fn bond_others() {
	OTHERS.iter().for_each(|who| bond(*who, 0));
}

/// `who` appeals, and the panel of the appeal is drawn.
pub fn appealed(who: AccountId, id: ContributionId) -> Vec<AccountId> {
	assert_ok!(Datanets::appeal(RuntimeOrigin::signed(who), id));
	run_to(now() + DRAW_DELAY + 1);
	panel(id)
}

/// Everybody on the panel finds the same.
pub fn agree(id: ContributionId, verdict: Verdict) {
	let panel = panel(id);
	panel.iter().for_each(|curator| commit(*curator, id, verdict));
	panel.iter().for_each(|curator| reveal(*curator, id, verdict));
}

/// How an appeal's bond was shared: how it ended; to curators, to the treasury, back.
pub fn appeal_shares(id: ContributionId) -> (AppealResult, (Balance, Balance, Balance)) {
	events()
		.into_iter()
		.find_map(|event| match event {
			Event::AppealSettled { contribution, result, curators, treasury, returned, .. }
				if contribution == id =>
			{
				Some((result, (curators, treasury, returned)))
			}
			_ => None,
		})
		.expect("the appeal was settled")
}

/// Who was penalised for what, oldest first.
pub fn penalties() -> Vec<(AccountId, Misconduct)> {
	State::with(|state| state.slashed.iter().map(|(_, who, _, why)| (*who, *why)).collect())
}

pub fn held(reason: HoldReason, who: AccountId) -> Balance {
	use polkadot_sdk::frame_support::traits::fungible::hold::Inspect;
	Balances::balance_on_hold(&reason.into(), &who)
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Datanets(event) => Some(event),
			_ => None,
		})
		.collect()
}

/// Why a contribution was rejected, from its event.
pub fn rejection(id: ContributionId) -> Option<RejectionReason> {
	events().into_iter().find_map(|event| match event {
		Event::ContributionRejected { contribution, reason, .. } if contribution == id => {
			Some(reason)
		}
		_ => None,
	})
}

/// How a review fee was shared: to curators, to the treasury, back.
pub fn fee_shares(id: ContributionId) -> (Balance, Balance, Balance) {
	events()
		.into_iter()
		.find_map(|event| match event {
			Event::ReviewFeeSettled { contribution, curators, treasury, returned }
				if contribution == id =>
			{
				Some((curators, treasury, returned))
			}
			_ => None,
		})
		.expect("the fee was settled")
}
