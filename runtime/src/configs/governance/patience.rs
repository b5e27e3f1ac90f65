//! A scheduler for referenda that takes the next block where one is full.

use super::*;
use frame_support::traits::{
	schedule::{
		v3::{Anon, Named, TaskName},
		DispatchTime, Period, Priority,
	},
	Bounded,
};
use sp_runtime::{traits::BlakeTwo256, DispatchError};

/// How many blocks are tried. Filling all of them takes more calls than there are referenda to make
/// them: 100 × 200.
const BLOCKS: BlockNumber = 100;

/// The longest that something voted waits to be run, as its proposer may wish.
const LONGEST_WAIT: BlockNumber = 28 * DAYS;
/// The same of emergencies: a vote must not be kept for one that is to come.
const EMERGENCY_WAIT: BlockNumber = HOURS;

/// When to run at the latest what was voted for `origin`.
fn in_time(when: DispatchTime<BlockNumber>, origin: &OriginCaller) -> DispatchTime<BlockNumber> {
	let now = System::block_number();
	let wait = match origin {
		OriginCaller::Origins(Origin::Emergency) => EMERGENCY_WAIT,
		_ => LONGEST_WAIT,
	};
	DispatchTime::At(when.evaluate(now).min(now.saturating_add(Gopen::paced(wait))))
}

/// The scheduler, for referenda. These take no notice of a block that is full: an alarm would be lost,
/// and with it a place on a track, or what was voted. Anyone can fill a block with alarms.
pub struct Patient;

type Address = <Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::Address;

/// Tries blocks from `when` on until `schedule` finds room.
fn find_room(
	when: DispatchTime<BlockNumber>,
	schedule: impl Fn(DispatchTime<BlockNumber>) -> Result<Address, DispatchError>,
) -> Result<Address, DispatchError> {
	let first = when.evaluate(System::block_number());
	let mut result = schedule(when);
	for later in 1..=BLOCKS {
		match result {
			Err(DispatchError::Exhausted) => {
				result = schedule(DispatchTime::At(first.saturating_add(later)));
			}
			done => return done,
		}
	}
	result
}

impl Anon<BlockNumber, RuntimeCall, OriginCaller> for Patient {
	type Address = Address;
	type Hasher = BlakeTwo256;

	fn schedule(
		when: DispatchTime<BlockNumber>,
		maybe_periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Bounded<RuntimeCall, BlakeTwo256>,
	) -> Result<Address, DispatchError> {
		find_room(when, |when| {
			<Scheduler as Anon<_, _, _>>::schedule(
				when,
				maybe_periodic,
				priority,
				origin.clone(),
				call.clone(),
			)
		})
	}

	fn cancel(address: Address) -> Result<(), DispatchError> {
		<Scheduler as Anon<_, RuntimeCall, OriginCaller>>::cancel(address)
	}

	fn reschedule(
		address: Address,
		when: DispatchTime<BlockNumber>,
	) -> Result<Address, DispatchError> {
		<Scheduler as Anon<_, RuntimeCall, OriginCaller>>::reschedule(address, when)
	}

	fn next_dispatch_time(address: Address) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Anon<_, RuntimeCall, OriginCaller>>::next_dispatch_time(address)
	}
}

impl Named<BlockNumber, RuntimeCall, OriginCaller> for Patient {
	type Address = Address;
	type Hasher = BlakeTwo256;

	fn schedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
		maybe_periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Bounded<RuntimeCall, BlakeTwo256>,
	) -> Result<Address, DispatchError> {
		find_room(in_time(when, &origin), |when| {
			<Scheduler as Named<_, _, _>>::schedule_named(
				id,
				when,
				maybe_periodic,
				priority,
				origin.clone(),
				call.clone(),
			)
		})
	}

	fn cancel_named(id: TaskName) -> Result<(), DispatchError> {
		<Scheduler as Named<_, RuntimeCall, OriginCaller>>::cancel_named(id)
	}

	fn reschedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
	) -> Result<Address, DispatchError> {
		<Scheduler as Named<_, RuntimeCall, OriginCaller>>::reschedule_named(id, when)
	}

	fn next_dispatch_time(id: TaskName) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Named<_, RuntimeCall, OriginCaller>>::next_dispatch_time(id)
	}
}
