//! Benchmarks of every call and hook, each at its costliest: the model with the longest lineage and the
//! most Datanets, the longest input, full lists.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

use crate::{
	Call, Closed, Config, HoldReason, ModelJobs, NextJob, Pallet, PlannedDraws, Queued, Request,
	Requests, Server, Servers, Waiting, DRAW_DELAY, PRIORITIES,
};
use alloc::{vec, vec::Vec};
use openledger_primitives::{
	fixtures::{BondFixtures, ChanceFixtures, JobFixtures, ModelFixtures},
	traits::{Input, Role, MAX_INLINE_INPUT, MAX_SEATS},
	Balance, BlockNumber, JobId, ModelId, WorkerKey, OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::{
		traits::{
			fungible::{Mutate, MutateHold},
			Get,
		},
		BoundedVec,
	},
	frame_system::{self, RawOrigin},
	sp_core::sr25519,
};

type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// The runtime's pallets, as far as benchmarks set them up.
pub trait Fixtures:
	Config<Models: ModelFixtures, Bonding: BondFixtures<AccountIdOf<Self>>, Chance: ChanceFixtures>
{
}

impl<T> Fixtures for T where
	T: Config<Models: ModelFixtures, Bonding: BondFixtures<AccountIdOf<T>>, Chance: ChanceFixtures>
{
}

/// When jobs are requested; bonds have matured.
const NOW: BlockNumber = 10_000;
/// When they are drawn.
const DRAWN: BlockNumber = NOW + DRAW_DELAY;
/// Above every bond at genesis: who has it enters a full role. Planck.
const BOND: Balance = 10_000_000 * OPEN;
/// More than any caller needs, in planck.
const WEALTH: Balance = 100 * BOND;
/// Seats of the largest committee.
const COMMITTEE: u8 = MAX_SEATS as u8;

fn go_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
}

fn longest_input() -> Input {
	Input::Inline(vec![7; MAX_INLINE_INPUT as usize].try_into().expect("no longer than it may be"))
}

/// A bonded worker with delegations.
fn worker<T>(index: u32) -> AccountIdOf<T>
where
	T: Config<Bonding: BondFixtures<AccountIdOf<T>>>,
{
	let who = account("server", index, 0);
	T::Bonding::bond(Role::Worker, &who, BOND);
	T::Bonding::delegate(Role::Worker, &account("delegator", index, 0), &who, BOND);
	who
}

/// Lets so many workers serve `model`, as if since block 0.
fn let_serve<T>(model: ModelId, count: u32) -> Vec<AccountIdOf<T>>
where
	T: Config<Bonding: BondFixtures<AccountIdOf<T>>>,
{
	let workers: Vec<_> = (0..count).map(worker::<T>).collect();
	let servers: Vec<_> =
		workers.iter().map(|worker| Server { worker: worker.clone(), since: 0 }).collect();
	let servers =
		BoundedVec::<_, T::MaxServers>::try_from(servers).expect("no more than may serve");
	Servers::<T>::insert(model, servers);
	workers
}

/// Asks `model`, at the beginning of what a job can be.
fn request_of<T: Config>(model: ModelId, caller: &AccountIdOf<T>, committee: u8) -> JobId {
	T::Currency::set_balance(caller, WEALTH);
	let job = NextJob::<T>::get();
	Pallet::<T>::do_request(caller.clone(), model, longest_input(), Balance::MAX, committee)
		.expect("requested");
	job
}

impl<T> JobFixtures<AccountIdOf<T>> for Pallet<T>
where
	T: Config<Bonding: BondFixtures<AccountIdOf<T>>>,
{
	fn serve_fully(model: ModelId) -> Vec<AccountIdOf<T>> {
		let_serve::<T>(model, T::MaxServers::get())
	}

	fn drawn_job(model: ModelId, caller: &AccountIdOf<T>, committee: u8) -> JobId {
		let job = request_of::<T>(model, caller, committee);
		Waiting::<T>::remove(job);
		job
	}

	fn closed_job(model: ModelId, caller: &AccountIdOf<T>) -> JobId {
		let job = NextJob::<T>::mutate(|next| {
			let job = *next;
			*next = job.next().expect("ids are left");
			job
		});
		let request = Request {
			model,
			caller: caller.clone(),
			input: longest_input(),
			fee: OPEN,
			floor_base: 0,
			floor_per_seat: 0,
			unit_price: 0,
			data_fee: 0,
			committee: COMMITTEE,
			requested_at: 0,
		};
		Requests::<T>::insert(job, request);
		Closed::<T>::insert(job, ());
		ModelJobs::<T>::mutate(model, |jobs| *jobs += 1);
		job
	}
}

/// A job of the costliest model that waits for its draw among so many servers.
fn waiting_job<T: Fixtures>(servers: u32) -> JobId {
	go_to::<T>(NOW);
	let (model, _) = T::Models::deepest_model();
	let_serve::<T>(model, servers);
	let job = request_of::<T>(model, &account("caller", 0, 0), COMMITTEE);
	go_to::<T>(DRAWN);
	T::Chance::set_seed(DRAWN, [5; 32]);
	Pallet::<T>::plan_draws(DRAWN);
	job
}

#[benchmarks(where T: Fixtures)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn request() {
		go_to::<T>(NOW);
		let (model, _) = T::Models::deepest_model();
		let caller: T::AccountId = whitelisted_caller();
		T::Currency::set_balance(&caller, WEALTH);
		let job = NextJob::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, longest_input(), Balance::MAX, COMMITTEE);

		assert!(Waiting::<T>::contains_key(job));
	}

	#[benchmark]
	fn cancel() {
		go_to::<T>(NOW);
		let (model, _) = T::Models::deepest_model();
		let caller: T::AccountId = whitelisted_caller();
		let job = request_of::<T>(model, &caller, COMMITTEE);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), job);

		assert!(!Requests::<T>::contains_key(job));
	}

	// a full list in which one place can be taken, the last looked at
	#[benchmark]
	fn serve() {
		go_to::<T>(NOW);
		let (model, _) = T::Models::deepest_model();
		let most = T::MaxServers::get();
		let_serve::<T>(model, most - 1);
		let unbonded: T::AccountId = account("unbonded", 0, 0);
		Servers::<T>::mutate(model, |servers| {
			let _ = servers.try_push(Server { worker: unbonded.clone(), since: 0 });
		});
		let caller: T::AccountId = whitelisted_caller();
		T::Bonding::bond(Role::Worker, &caller, BOND);
		let key = WorkerKey::from(sr25519::Public::from_raw([9; 32]));
		T::Bonding::set_worker_key(&caller, &key);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), model);

		let servers = Servers::<T>::get(model);
		assert_eq!(servers.len() as u32, most);
		assert_eq!(servers.last().unwrap().worker, caller);
	}

	#[benchmark]
	fn withdraw(s: Linear<1, { T::MaxServers::get() }>) {
		let model = ModelId(0);
		let worker = let_serve::<T>(model, s).pop().unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(worker), model);

		assert_eq!(Servers::<T>::get(model).len() as u32, s - 1);
	}

	// one entry of each queue is not due
	#[benchmark]
	fn look(e: Linear<0, { T::MaxDrawsPerBlock::get() + PRIORITIES as u32 - 1 }>) {
		let job = waiting_job::<T>(MAX_SEATS);
		Pallet::<T>::take_due(DRAWN);
		let later = e.min(PRIORITIES as u32);
		for _ in later..e {
			Pallet::<T>::enqueue(0, Queued { job, drawn_by: DRAWN });
		}
		for priority in 0..later {
			Pallet::<T>::enqueue(priority as u8, Queued { job, drawn_by: DRAWN + 1 });
		}

		#[block]
		{
			Pallet::<T>::plan_draws(DRAWN);
		}

		assert_eq!(PlannedDraws::<T>::get() > 0, e > later);
	}

	#[benchmark]
	fn draw_assigned(s: Linear<{ MAX_SEATS }, { T::MaxServers::get() }>) {
		let job = waiting_job::<T>(s);

		#[block]
		{
			Pallet::<T>::draw_due(DRAWN);
		}

		assert!(!Waiting::<T>::contains_key(job) && !Closed::<T>::contains_key(job));
	}

	// the fee is above what the committee may decide on
	#[benchmark]
	fn draw_refunded(s: Linear<{ MAX_SEATS }, { T::MaxServers::get() }>) {
		let job = waiting_job::<T>(s);
		let excess = 10 * BOND;
		T::Currency::hold(&HoldReason::Fee.into(), &account("caller", 0, 0), excess).expect("held");
		Requests::<T>::mutate_extant(job, |kept| kept.fee += excess);

		#[block]
		{
			Pallet::<T>::draw_due(DRAWN);
		}

		assert!(Closed::<T>::contains_key(job));
	}
}
