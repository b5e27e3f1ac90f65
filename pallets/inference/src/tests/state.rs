//! Every invariant, broken.

use crate::{
	mock::*, Closed, HoldReason, ModelJobs, NextJob, QueueBounds, QueueEntries, Queued, Requests,
	Server, Servers, Waiting,
};
use openledger_primitives::{JobId, ModelId};
use polkadot_sdk::{
	frame_support::{
		assert_err,
		traits::{
			fungible::{Mutate, MutateHold},
			tokens::Precision,
		},
		BoundedVec,
	},
	sp_runtime::TryRuntimeError,
};

/// Breaks a state with two waiting jobs and two servers.
fn broken(message: &'static str, breakage: impl FnOnce(JobId)) {
	new_test_ext().execute_with(|| {
		Balances::mint_into(&10, 100).unwrap();
		for worker in [10, 11] {
			bond(worker, BOND);
			Inference::serve(RuntimeOrigin::signed(worker), MODEL).unwrap();
		}
		let job = ask(CALLER, 1);
		run_to(2);
		ask(OTHER, 1);
		Inference::do_try_state().unwrap();
		breakage(job);
		assert_err!(Inference::do_try_state(), TryRuntimeError::Other(message));
	});
}

fn change(job: JobId, f: impl FnOnce(&mut crate::Request<u64>)) {
	Requests::<Test>::mutate(job, |request| f(request.as_mut().unwrap()));
}

#[test]
fn requests_are_sound() {
	broken("a job has an id that was not given yet", NextJob::<Test>::put);
	broken("a committee has 1, 3 or 5 seats", |job| change(job, |r| r.committee = 2));
	broken("a fee covers its floor and its units", |job| change(job, |r| r.fee = 1));
	broken("a fee covers its floor and its units", |job| change(job, |r| r.unit_price = r.fee));
	broken("a request lies in the future", |job| change(job, |r| r.requested_at = 3));
	broken("a job that is not open waits", |_| Waiting::<Test>::insert(JobId(99), ()));
	broken("a closed job waits or is forgotten", |job| Closed::<Test>::insert(job, ()));
	broken("a closed job waits or is forgotten", |_| Closed::<Test>::insert(JobId(99), ()));
	broken("a model's jobs are miscounted", |_| ModelJobs::<Test>::insert(MODEL, 1));
	broken("a model's jobs are miscounted", |_| ModelJobs::<Test>::insert(ModelId(8), 0));
}

#[test]
fn holds_are_the_open_fees() {
	const MESSAGE: &str = "a hold is not the sum of an account's open fees";
	broken(MESSAGE, |job| change(job, |r| r.fee += 1));
	broken(MESSAGE, |_| {
		Balances::release(&HoldReason::Fee.into(), &CALLER, 1, Precision::Exact).unwrap();
	});
	// still held, though the job is closed
	broken(MESSAGE, |job| {
		Waiting::<Test>::remove(job);
		Closed::<Test>::insert(job, ());
	});
	// held, and no job of that account is open
	broken(MESSAGE, |_| Balances::hold(&HoldReason::Fee.into(), &10, 1).unwrap());
	broken("a caller of an open job has no account", |job| {
		// a second job in the name of somebody who does not exist
		let request = crate::Request { caller: 777, ..Requests::<Test>::get(job).unwrap() };
		NextJob::<Test>::put(JobId(10));
		Requests::<Test>::insert(JobId(9), request);
		ModelJobs::<Test>::insert(MODEL, 3);
	});
}

/// The priority of both jobs.
const PRIORITY: u8 = 11;

fn change_entry(at: u64, f: impl FnOnce(&mut Queued)) {
	QueueEntries::<Test>::mutate(PRIORITY, at, |entry| f(entry.as_mut().unwrap()));
}

fn set_bounds(priority: u8, head: u64, tail: u64) {
	QueueBounds::<Test>::mutate(|bounds| bounds[usize::from(priority)] = (head, tail));
}

#[test]
fn the_queues_are_whole() {
	broken("a queue has a gap", |_| QueueEntries::<Test>::remove(PRIORITY, 0));
	broken("a queue is out of order", |_| QueueEntries::<Test>::swap(PRIORITY, 0, PRIORITY, 1));
	broken("a job outlived its seed", |_| System::set_block_number(4 + 256));
	broken("a draw has another height's seed", |_| change_entry(0, |entry| entry.drawn_by -= 1));
	broken("a job has another's priority", |_| {
		let entry = QueueEntries::<Test>::take(PRIORITY, 1).unwrap();
		set_bounds(PRIORITY, 0, 1);
		QueueEntries::<Test>::insert(3, 0, entry);
		set_bounds(3, 0, 1);
	});
	broken("a job is queued twice", |_| {
		let last = QueueEntries::<Test>::get(PRIORITY, 1).unwrap();
		QueueEntries::<Test>::insert(PRIORITY, 2, last);
		set_bounds(PRIORITY, 0, 3);
	});
	broken("an entry lies outside its queue", |_| set_bounds(PRIORITY, 0, 1));
	broken("an entry lies outside its queue", |_| {
		let entry = Queued { job: JobId(100), drawn_by: 9 };
		QueueEntries::<Test>::insert(200, 0, entry);
	});
	broken("the queues are longer than allowed", |_| {
		for position in 2..9 {
			let entry = Queued { job: JobId(100 + position), drawn_by: 9 };
			QueueEntries::<Test>::insert(PRIORITY, position, entry);
		}
		set_bounds(PRIORITY, 0, 9);
	});
	broken("a waiting job is not queued", |_| {
		QueueEntries::<Test>::remove(PRIORITY, 0);
		set_bounds(PRIORITY, 1, 2);
	});
}

#[test]
fn lists_of_servers_are_sound() {
	let servers = |list: &[(u64, u32)]| -> BoundedVec<Server<u64>, _> {
		let list: Vec<_> = list.iter().map(|&(worker, since)| Server { worker, since }).collect();
		list.try_into().unwrap()
	};
	broken("an empty list of servers is stored", |_| {
		Servers::<Test>::insert(ModelId(8), servers(&[]));
	});
	broken("a worker serves a model twice", |_| {
		Servers::<Test>::insert(MODEL, servers(&[(10, 1), (10, 2)]));
	});
	broken("a worker serves from the future", |_| {
		Servers::<Test>::insert(MODEL, servers(&[(10, 3)]));
	});
}
