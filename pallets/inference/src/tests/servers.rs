//! Announcing and ending service.

use crate::{mock::*, Error, Event, Server, Servers};
use openledger_primitives::{
	mocks::State,
	traits::{Jobs as _, ModelUse as _, Role},
	BlockNumber, ModelId,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::DispatchError,
};

fn serve(who: u64) -> Result<(), DispatchError> {
	Inference::serve(RuntimeOrigin::signed(who), MODEL)
}

fn withdraw(who: u64) -> Result<(), DispatchError> {
	Inference::withdraw(RuntimeOrigin::signed(who), MODEL)
}

fn workers() -> Vec<u64> {
	Servers::<Test>::get(MODEL).into_iter().map(|server| server.worker).collect()
}

#[test]
fn a_bonded_worker_serves_from_now_on() {
	with_servers(0, || {
		bond(10, BOND);
		assert_ok!(serve(10));
		let since = System::block_number() as BlockNumber;
		assert_eq!(Servers::<Test>::get(MODEL).into_inner(), [Server { worker: 10, since }]);
		System::assert_last_event(Event::ServingStarted { model: MODEL, worker: 10 }.into());
	});
}

#[test]
fn bad_announcements_are_refused() {
	with_servers(0, || {
		assert_noop!(
			Inference::serve(RuntimeOrigin::signed(10), ModelId(8)),
			Error::<Test>::UnknownModel
		);
		assert_noop!(serve(10), Error::<Test>::NotBonded);
		bond(10, BOND);
		State::with(|s| s.keys.remove(&10));
		assert_noop!(serve(10), Error::<Test>::NoWorkerKey);
		bond(10, BOND);
		assert_ok!(serve(10));
		assert_noop!(serve(10), Error::<Test>::AlreadyServing);
		assert_noop!(Inference::serve(RuntimeOrigin::none(), MODEL), DispatchError::BadOrigin);
	});
}

#[test]
fn a_full_list_admits_nobody_while_all_are_bonded() {
	with_servers(6, || {
		bond(20, BOND);
		assert_noop!(serve(20), Error::<Test>::TooManyServers);
	});
}

#[test]
fn a_full_list_drops_who_is_no_longer_bonded() {
	with_servers(6, || {
		bond(20, BOND);
		State::with(|s| {
			s.bonds.remove(&(Role::Worker, 11));
			s.bonds.remove(&(Role::Worker, 14));
		});
		assert_ok!(serve(20));
		assert_eq!(workers(), [10, 12, 13, 15, 20]);
		for worker in [11, 14] {
			System::assert_has_event(Event::ServingEnded { model: MODEL, worker }.into());
		}
		System::assert_last_event(Event::ServingStarted { model: MODEL, worker: 20 }.into());
	});
}

#[test]
fn a_list_with_room_drops_nobody() {
	with_servers(2, || {
		State::with(|s| s.bonds.remove(&(Role::Worker, 10)));
		bond(20, BOND);
		assert_ok!(serve(20));
		assert_eq!(workers(), [10, 11, 20]);
	});
}

#[test]
fn who_withdraws_serves_no_more_bonded_or_not() {
	with_servers(3, || {
		State::with(|s| s.bonds.remove(&(Role::Worker, 11)));
		assert_ok!(withdraw(11));
		System::assert_last_event(Event::ServingEnded { model: MODEL, worker: 11 }.into());
		assert_eq!(workers(), [10, 12]);
		assert_noop!(withdraw(11), Error::<Test>::NotServing);
		assert_noop!(Inference::withdraw(RuntimeOrigin::none(), MODEL), DispatchError::BadOrigin);
	});
}

#[test]
fn the_last_to_withdraw_leaves_nothing_behind() {
	with_servers(1, || {
		assert_ok!(withdraw(10));
		assert!(!Servers::<Test>::contains_key(MODEL));
		assert_noop!(withdraw(10), Error::<Test>::NotServing);
	});
}

#[test]
fn a_seat_outlives_the_withdrawal() {
	with_servers(1, || {
		let job = ask(CALLER, 1);
		run_through(1 + MATURITY + 3);
		assert_ok!(withdraw(10));
		assert_eq!(committee(job), Some(vec![10]));
		assert!(Inference::job(job).is_some());
	});
}

#[test]
fn serving_again_begins_anew() {
	with_servers(1, || {
		assert_ok!(withdraw(10));
		assert_ok!(serve(10));
		let since = System::block_number() as BlockNumber;
		assert_eq!(Servers::<Test>::get(MODEL)[0].since, since);
	});
}

#[test]
fn nobody_serves_a_model_that_is_gone() {
	with_servers(2, || {
		Inference::end_service(MODEL);
		assert!(!Servers::<Test>::contains_key(MODEL));
		for worker in [10, 11] {
			System::assert_has_event(Event::ServingEnded { model: MODEL, worker }.into());
		}
		Inference::end_service(ModelId(8));
	});
}

#[test]
fn a_worker_is_told_what_it_serves() {
	with_servers(2, || {
		assert_eq!(Inference::served_by(&10), [MODEL]);
		assert_eq!(Inference::served_by(&12), []);
		assert_ok!(withdraw(10));
		assert_eq!(Inference::served_by(&10), []);
	});
}
