//! A chain with balances, polls without a life of their own, and this pallet.

use crate as pallet_gopen;
use crate::{Event, HoldReason, Pallet, ReferendumIndex, Starts, Tally, TrackId};
use openledger_primitives::{
	parameters::{GopenParameters, DAYS},
	Balance, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		self, derive_impl, parameter_types,
		traits::{fungible::hold, ConstU128, PollStatus, Polling},
	},
	frame_system, pallet_balances,
	sp_io::TestExternalities,
	sp_runtime::{BuildStorage, DispatchError, DispatchResult},
};
use std::{cell::RefCell, collections::BTreeMap};

pub type AccountId = u64;
/// What accounts 1 to 9 have at genesis.
pub const RICH: Balance = 1_000 * OPEN;

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
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Gopen = pallet_gopen::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<10>;
	type AccountStore = System;
}

parameter_types! {
	pub static Parameters: GopenParameters = parameters();
}

/// Small numbers, within the published bounds.
pub fn parameters() -> GopenParameters {
	GopenParameters { cooldown: 10, min_deposit: 2 * OPEN }
}

parameter_types! {
	/// What support is measured against.
	pub static Electorate: Balance = 9 * RICH;
	/// Whose OPEN sleeps.
	pub static Asleep: Vec<AccountId> = Vec::new();
}

/// Tracks there are.
pub const TRACKS: [TrackId; 3] = [0, 1, 2];
/// Blocks from one checkpoint to the next.
pub const PERIOD: u32 = 10;

/// Blocks for which a poll may wait.
pub const PATIENCE: u32 = 140;

/// A poll: its track, its start and its votes.
#[derive(Clone)]
struct Poll {
	track: TrackId,
	start: u32,
	tally: Tally<Electorate>,
}

thread_local! {
	static POLLS: RefCell<BTreeMap<ReferendumIndex, Poll>> = const { RefCell::new(BTreeMap::new()) };
}

pub struct Polls;

impl Polls {
	/// A poll on `track` that starts at `start`.
	pub fn open(track: TrackId, start: u32) -> ReferendumIndex {
		POLLS.with_borrow_mut(|polls| {
			let index = polls.len() as ReferendumIndex;
			polls.insert(index, Poll { track, start, tally: Tally::new(0, 0, 0) });
			index
		})
	}

	/// Whether there is or was such a poll.
	pub fn exists(index: ReferendumIndex) -> bool {
		POLLS.with_borrow(|polls| polls.contains_key(&index))
	}

	/// Ends a poll.
	pub fn close(index: ReferendumIndex) {
		POLLS.with_borrow_mut(|polls| polls.get_mut(&index).unwrap().track = ENDED);
	}

	/// Ayes, nays and support of a poll.
	pub fn votes(index: ReferendumIndex) -> (Balance, Balance, Balance) {
		let Tally { ayes, nays, support, .. } =
			POLLS.with_borrow(|polls| polls[&index].tally.clone());
		(ayes, nays, support)
	}
}

/// The track of polls that have ended.
const ENDED: TrackId = u16::MAX;

impl Starts for Polls {
	fn start_of(index: ReferendumIndex) -> Option<(TrackId, u32)> {
		let poll = POLLS.with_borrow(|polls| polls.get(&index).cloned())?;
		(poll.track != ENDED).then_some((poll.track, poll.start))
	}

	fn running() -> Vec<ReferendumIndex> {
		POLLS.with_borrow(|polls| {
			polls.iter().filter(|(_, poll)| poll.track != ENDED).map(|(index, _)| *index).collect()
		})
	}

	fn is_timed_out(index: ReferendumIndex) -> bool {
		Self::start_of(index).is_some_and(|(_, start)| System::block_number() > start + PATIENCE)
	}

	fn cancel(index: ReferendumIndex) -> DispatchResult {
		Self::close(index);
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn start(track: TrackId) -> ReferendumIndex {
		Self::open(track, 0)
	}
}

impl Polling<Tally<Electorate>> for Polls {
	type Index = ReferendumIndex;
	type Votes = Balance;
	type Class = TrackId;
	type Moment = u32;

	fn classes() -> Vec<TrackId> {
		TRACKS.to_vec()
	}

	fn as_ongoing(index: ReferendumIndex) -> Option<(Tally<Electorate>, TrackId)> {
		Self::start_of(index)?;
		POLLS.with_borrow(|polls| polls.get(&index).map(|poll| (poll.tally.clone(), poll.track)))
	}

	fn access_poll<R>(
		index: ReferendumIndex,
		f: impl FnOnce(PollStatus<&mut Tally<Electorate>, u32, TrackId>) -> R,
	) -> R {
		POLLS.with_borrow_mut(|polls| match polls.get_mut(&index) {
			Some(poll) if poll.track != ENDED => {
				f(PollStatus::Ongoing(&mut poll.tally, poll.track))
			}
			_ => f(PollStatus::None),
		})
	}

	fn try_access_poll<R>(
		index: ReferendumIndex,
		f: impl FnOnce(PollStatus<&mut Tally<Electorate>, u32, TrackId>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Self::access_poll(index, f)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn create_ongoing(track: TrackId) -> Result<ReferendumIndex, ()> {
		Ok(Self::open(track, 0))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn end_ongoing(index: ReferendumIndex, _: bool) -> Result<(), ()> {
		Self::close(index);
		Ok(())
	}
}

impl pallet_gopen::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = Parameters;
	type Polls = Polls;
	type Starts = Polls;
	type Electorate = Electorate;
	type Asleep = Asleep;
	type WeightInfo = ();
}

/// The test chain at block 1.
pub fn chain(deposits: &[(AccountId, Balance)]) -> TestExternalities {
	Parameters::set(parameters());
	Asleep::set(Vec::new());
	POLLS.with_borrow_mut(BTreeMap::clear);
	let balances = (1..=9).map(|who| (who, RICH)).collect();
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		gopen: pallet_gopen::GenesisConfig { deposits: deposits.to_vec(), pace: DAYS / PERIOD },
		..Default::default()
	};
	let mut ext: TestExternalities = genesis.build_storage().expect("a valid genesis").into();
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs `test`; afterwards the pallet's state is sound and issuance is what it was.
pub fn run(test: impl FnOnce()) {
	chain(&[]).execute_with(|| {
		let issuance = Balances::total_issuance();
		test();
		assert_eq!(Balances::total_issuance(), issuance, "issuance changed");
		Pallet::<Test>::do_try_state().expect("invariants hold");
	});
}

/// Goes to the block at which checkpoint `checkpoint` is made.
pub fn to_checkpoint(checkpoint: u32) {
	System::set_block_number(checkpoint * PERIOD);
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// What is held of `who` for `reason`.
pub fn held(reason: HoldReason, who: AccountId) -> Balance {
	<Balances as hold::Inspect<AccountId>>::balance_on_hold(&reason.into(), &who)
}

/// This pallet's events so far.
pub fn events() -> Vec<Event<Test>> {
	System::read_events_for_pallet()
}

/// What a careless referendum could store.
pub fn parameters_out_of_bounds() -> GopenParameters {
	GopenParameters { cooldown: 0, min_deposit: 0 }
}
