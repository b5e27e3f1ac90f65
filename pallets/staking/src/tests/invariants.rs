//! Each invariant is seen to break.

use crate::{
	mock::*, Bonds, KeyOwners, Members, Offenders, OldestSession, Pallet, SessionEnds, Unbonding,
	WorkerKeys,
};
use openledger_primitives::{traits::Role, OPEN};
use polkadot_sdk::frame_support::{assert_err, assert_ok};

const W: Role = Role::Worker;

/// Worker 1 with a key and a chunk, worker 2, a session behind; then `damage`.
fn after(damage: impl FnOnce(), complaint: &'static str) {
	let chain = Chain::default().worker(1, 50 * OPEN, Some(key(1))).worker(2, 20 * OPEN, None);
	chain.build().execute_with(|| {
		run_to(6);
		assert_ok!(Staking::unbond(origin(1), W, 20 * OPEN));
		assert_ok!(Pallet::<Test>::do_try_state());
		damage();
		assert_err!(Pallet::<Test>::do_try_state(), complaint);
	});
}

fn change_bond(change: impl FnOnce(&mut crate::Bond)) {
	Bonds::<Test>::mutate(W, 1, |bond| change(bond.as_mut().unwrap()));
}

#[test]
fn a_bond_is_neither_empty_nor_from_the_future() {
	after(|| change_bond(|bond| bond.amount = 0), "an empty bond is stored");
	after(|| change_bond(|bond| bond.since = 7), "a bond begins in the future");
}

#[test]
fn a_bond_is_listed_when_it_is_not_chilled() {
	after(|| change_bond(|bond| bond.chilled = true), "a bond is listed and chilled, or neither");
	after(
		|| Members::<Test>::mutate(W, |members| members.retain(|member| member.who != 2)),
		"a bond is listed and chilled, or neither",
	);
	after(
		|| Members::<Test>::mutate(W, |members| members[0].amount += 1),
		"a member differs from its bond",
	);
	after(
		|| Members::<Test>::mutate(W, |members| members[0].since += 1),
		"a member differs from its bond",
	);
}

#[test]
fn members_are_in_order_and_bonded() {
	after(
		|| Members::<Test>::mutate(W, |members| members.sort_by(|a, b| b.who.cmp(&a.who))),
		"members are out of order",
	);
	after(|| Bonds::<Test>::remove(W, 2), "a member has no bond");
}

#[test]
fn chunks_are_not_empty() {
	after(
		|| Unbonding::<Test>::insert(W, 2, crate::Chunks::default()),
		"an empty list of chunks is stored",
	);
	after(|| Unbonding::<Test>::mutate(W, 1, |chunks| chunks[0].amount = 0), "a chunk is empty");
}

#[test]
fn what_is_recorded_is_held() {
	let complaint = "what is held is not what is recorded";
	after(|| Unbonding::<Test>::mutate(W, 1, |chunks| chunks[0].amount += 1), complaint);
	after(|| Unbonding::<Test>::remove(W, 1), complaint);
	after(
		|| {
			use polkadot_sdk::frame_support::traits::{
				fungible::hold::Mutate, tokens::Precision::Exact,
			};
			let reason = Pallet::<Test>::hold_reason(W);
			assert_ok!(Balances::release(&reason, &1, 1, Exact));
		},
		complaint,
	);
}

#[test]
fn keys_and_owners_are_one_to_one() {
	after(|| KeyOwners::<Test>::insert(key(1), 2), "a key has another owner");
	after(|| KeyOwners::<Test>::insert(key(2), 1), "an owner has another key");
	after(
		|| {
			WorkerKeys::<Test>::insert(5, key(5));
			KeyOwners::<Test>::insert(key(5), 5);
		},
		"a key's owner has nothing held",
	);
}

#[test]
fn sessions_are_kept_without_a_gap() {
	let gap = "an ended session is missing, or should be forgotten";
	after(|| SessionEnds::<Test>::insert(2, 6), gap);
	after(|| OldestSession::<Test>::put(1), gap);
	after(|| SessionEnds::<Test>::insert(0, 7), "a session ended in the future");
}

#[test]
fn offenders_are_forgotten_with_their_session() {
	after(
		|| {
			SessionEnds::<Test>::remove(0);
			OldestSession::<Test>::put(1);
			Offenders::<Test>::insert(0, 1, ());
		},
		"an offender of a forgotten session is remembered",
	);
}
