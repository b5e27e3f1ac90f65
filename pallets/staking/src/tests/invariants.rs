//! Each invariant is seen to break.

use crate::{
	mock::*, Bonds, Delegation, Delegations, Jails, KeyOwners, Members, NextPool, Offenders,
	OldestSession, Operator, Operators, Pallet, Pool, Pools, SessionEnds, SlashBounds, SlashCounts,
	Slashes, Unbonding, WorkerKeys,
};
use openledger_primitives::{
	traits::{Misconduct, Penalties, Role},
	Ppm, OPEN,
};
use polkadot_sdk::frame_support::{assert_err, assert_ok};

const W: Role = Role::Worker;

/// Worker 1 with a key, a chunk, a delegator that partly left, a reward and a slash that waits;
/// worker 2; a session behind; then `damage`.
fn after(damage: impl FnOnce(), complaint: &'static str) {
	let chain = Chain::default().worker(1, 50 * OPEN, Some(key(1))).worker(2, 20 * OPEN, None);
	chain.build().execute_with(|| {
		run_to(6);
		assert_ok!(Staking::unbond(origin(1), W, 20 * OPEN));
		assert_ok!(Staking::delegate(origin(10), W, 1, 30 * OPEN));
		assert_ok!(Staking::undelegate(origin(10), W, 1, 10 * OPEN));
		reward(W, 1, 10 * OPEN);
		Pallet::<Test>::slash(W, &1, Ppm(1_000), Misconduct::NotCommitted);
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

#[test]
fn nobody_is_listed_while_in_jail() {
	after(|| Jails::<Test>::insert(W, 2, 7), "a member is in jail");
}

fn change_operator(change: impl FnOnce(&mut Operator)) {
	Operators::<Test>::mutate(W, 1, change);
}

#[test]
fn operators_are_kept_for_something_and_have_their_pool() {
	let complaint = "an operator is kept for nothing";
	after(|| Operators::<Test>::insert(W, 2, Operator::default()), complaint);
	let set = Operator { commission: Ppm(1), ..Default::default() };
	after(|| Operators::<Test>::insert(W, 3, set), complaint);
	let curated = Operator { pool: Some(0), ..Default::default() };
	after(|| Operators::<Test>::insert(Role::Curator, 3, curated), "a curator has delegators");
	after(|| Operators::<Test>::insert(Role::Collator, 3, curated), "a pool has two operators");
	let missing = Operator { pool: Some(7), ..Default::default() };
	after(|| Operators::<Test>::insert(W, 3, missing), "an operator's pool is missing");
}

fn change_pool(change: impl FnOnce(&mut Pool)) {
	Pools::<Test>::mutate(0, |pool| change(pool.as_mut().unwrap()));
}

#[test]
fn pools_are_sound() {
	after(|| NextPool::<Test>::put(0), "a pool has a number that is still to come");
	let dear = "a share is worth more than a planck";
	after(|| change_pool(|pool| pool.unbonding_stake += 1), dear);
	after(
		|| {
			change_pool(|pool| pool.stake += 1);
			Members::<Test>::mutate(W, |members| members[0].amount += 1);
		},
		dear,
	);
	after(|| change_pool(|pool| pool.unbonding_stake = 0), "shares without stake");
	let orphan = Pool { stake: 1, shares: 1, ..Default::default() };
	after(
		|| {
			NextPool::<Test>::put(2);
			Pools::<Test>::insert(1, orphan);
		},
		"a pool with stake has no operator",
	);
	after(
		|| {
			NextPool::<Test>::put(2);
			Pools::<Test>::insert(1, Pool::default());
		},
		"a pool without delegations is stored",
	);
}

fn change_delegation(change: impl FnOnce(&mut Delegation)) {
	Delegations::<Test>::mutate((10, W, 1), |delegation| change(delegation.as_mut().unwrap()));
}

#[test]
fn delegations_are_sound() {
	let empty = Delegation::new(0, 0);
	after(|| Delegations::<Test>::insert((11, W, 1), empty), "an empty delegation is stored");
	after(|| change_delegation(|d| d.chunks[0].shares = 0), "a chunk is empty");
	after(|| change_delegation(|d| d.pool = 5), "a delegation's pool is missing");
	after(
		|| {
			let delegation = Delegations::<Test>::get((10, W, 1)).unwrap();
			Delegations::<Test>::insert((10, W, 2), delegation);
		},
		"a delegation is in another's pool",
	);
	after(|| change_delegation(|d| d.paid = u128::MAX), "a delegation was paid rewards to come");
}

#[test]
fn pools_and_delegations_agree() {
	let complaint = "a pool differs from its delegations";
	after(|| change_delegation(|d| d.shares -= 1), complaint);
	after(|| change_delegation(|d| d.chunks[0].shares -= 1), complaint);
	after(|| change_pool(|pool| pool.delegators += 1), complaint);
	after(|| change_delegation(|d| d.pending += 1_000), "more rewards than were credited");
}

#[test]
fn slashes_are_sound() {
	after(|| SlashBounds::<Test>::put((2, 1)), "too many slashes wait");
	after(|| SlashBounds::<Test>::put((0, 41)), "too many slashes wait");
	after(|| SlashBounds::<Test>::put((1, 1)), "a slash lies outside the queue");
	after(
		|| Slashes::<Test>::mutate(0, |slash| slash.as_mut().unwrap().amount = 0),
		"a slash of nothing waits",
	);
	after(|| SlashCounts::<Test>::insert(W, 1, 2), "slashes are miscounted");
	after(|| SlashCounts::<Test>::insert(W, 2, 1), "slashes are miscounted");
	after(|| SlashCounts::<Test>::remove(W, 1), "a slash is not counted");
}

#[test]
fn the_pot_holds_what_it_owes() {
	after(|| change_operator(|operator| operator.reward += 1), "the pot holds less than it owes");
	after(|| change_pool(|pool| pool.unclaimed += 1), "the pot holds less than it owes");
}

#[test]
fn a_gift_to_the_pot_is_no_damage() {
	use polkadot_sdk::frame_support::traits::{fungible::Mutate, tokens::Preservation::Preserve};
	Chain::default().build().execute_with(|| {
		assert_ok!(Balances::transfer(&1, &pot(), OPEN, Preserve));
		assert_ok!(Pallet::<Test>::do_try_state());
	});
}
