//! What calls and handlers cost where lists are full and accounts have all that they can have.

mod fixtures;

use crate::{
	migrations::{OldMember, OldMembers, ToV2},
	*,
};
use alloc::vec::Vec;
use fixtures::{fill, give, go_to, key, laden_worker, lose_pool, reward, AccountOf};
use openledger_primitives::{
	parameters::{BondParameters, Clamp},
	traits::{Misconduct, Penalties, Role, StakeRewards},
	worker::key_ownership_payload,
	Ppm, WorkerKey,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::{
		assert_ok,
		storage::unhashed,
		traits::{EnsureOrigin, Get, UncheckedOnRuntimeUpgrade},
		BoundedVec,
	},
	frame_system::{self, RawOrigin},
	pallet_authorship,
	sp_application_crypto::RuntimeAppPublic,
	sp_runtime::Perbill,
	sp_staking::offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
};

/// Lets a slash of a millionth of the stake of `who` wait.
fn slash<T: Config>(role: Role, who: &AccountOf<T>) {
	let amount = <Pallet<T> as Penalties<_>>::slash(role, who, Ppm(1), Misconduct::Outlier);
	assert!(amount > 0);
}

/// A worker that somebody delegates to.
fn operator<T: Config>() -> AccountOf<T> {
	let operator = account("operator", 0, 0);
	fixtures::bond::<T>(Role::Worker, &operator, 10);
	fixtures::delegate::<T>(Role::Worker, &account("delegator", 0, 0), &operator, 10);
	operator
}

/// Lets as many members collate as ever will, all of whom stay.
fn full_set<T>()
where
	T: Config + pallet_session::Config<ValidatorId = AccountOf<T>>,
{
	let most = BondParameters { max_collators: u32::MAX, ..Default::default() }.clamped();
	let members = Members::<T>::get(Role::Collator).into_iter().map(|member| member.who);
	let set: Vec<_> = members.take(most.max_collators as usize).collect();
	pallet_session::Validators::<T>::put(set);
}

#[benchmarks(
	where
		T: pallet_session::Config<ValidatorId = <T as frame_system::Config>::AccountId>,
)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn bond() {
		let caller: T::AccountId = whitelisted_caller();
		let (role, minimum) = (Role::Worker, Pallet::<T>::minimum(Role::Worker));
		fixtures::bond::<T>(role, &caller, 1);
		fixtures::delegate::<T>(role, &account("delegator", 0, 0), &caller, 1);
		assert!(Pallet::<T>::chill_in(role, &caller));
		Jails::<T>::insert(role, &caller, 1);
		fill::<T>(role);
		give::<T>(&caller, minimum);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, minimum);

		assert!(Bonds::<T>::get(role, &caller).is_some_and(|held| !held.chilled));
		assert_eq!(Members::<T>::get(role).len() as u32, T::MaxMembers::get());
	}

	#[benchmark]
	fn bond_extra() {
		let caller: T::AccountId = whitelisted_caller();
		let (role, minimum) = (Role::Worker, Pallet::<T>::minimum(Role::Worker));
		fixtures::bond::<T>(role, &caller, 1);
		fixtures::delegate::<T>(role, &account("delegator", 0, 0), &caller, 1);
		fill::<T>(role);
		give::<T>(&caller, minimum);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, minimum);

		assert!(Bonds::<T>::get(role, &caller).is_some_and(|held| held.amount > minimum));
	}

	#[benchmark]
	fn unbond() {
		let caller: T::AccountId = whitelisted_caller();
		let (role, minimum) = (Role::Collator, Pallet::<T>::minimum(Role::Collator));
		fixtures::bond::<T>(role, &caller, MAX_CHUNKS + 1);
		fixtures::delegate::<T>(role, &account("delegator", 0, 0), &caller, 1);
		fixtures::unbond::<T>(role, &caller, MAX_CHUNKS - 1);
		fill::<T>(role);
		full_set::<T>();
		go_to::<T>(MAX_CHUNKS);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, minimum);

		assert_eq!(Unbonding::<T>::get(role, &caller).len() as u32, MAX_CHUNKS);
	}

	#[benchmark]
	fn withdraw_unbonded() {
		let caller: T::AccountId = whitelisted_caller();
		let role = Role::Worker;
		fixtures::bond::<T>(role, &caller, MAX_CHUNKS);
		let commission = Pallet::<T>::parameters().max_commission;
		assert_ok!(Pallet::<T>::do_set_commission(role, &caller, commission));
		assert_ok!(Pallet::<T>::assign_key(&caller, &key(1)));
		Jails::<T>::insert(role, &caller, 1);
		fixtures::unbond::<T>(role, &caller, MAX_CHUNKS);
		// unlocked before a slash was reported that still waits
		let unlocked = MAX_CHUNKS.saturating_add(Pallet::<T>::parameters().unbonding);
		go_to::<T>(unlocked);
		slash::<T>(role, &caller);
		go_to::<T>(unlocked.saturating_add(1));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role);

		assert!(!Pallet::<T>::has_any(role, &caller));
		assert!(!WorkerKeys::<T>::contains_key(&caller));
	}

	#[benchmark]
	fn set_worker_key() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		fixtures::bond::<T>(Role::Worker, &caller, 1);
		assert_ok!(Pallet::<T>::assign_key(&caller, &key(1)));
		let key = WorkerKey::generate_pair(None);
		let payload = key_ownership_payload(&Pallet::<T>::genesis_hash(), &caller);
		let proof = key.sign(&payload).ok_or("the keystore does not sign")?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), key.clone(), proof);

		assert_eq!(WorkerKeys::<T>::get(&caller), Some(key));
		Ok(())
	}

	#[benchmark]
	fn chill() {
		let caller: T::AccountId = whitelisted_caller();
		for role in ROLES {
			fixtures::bond::<T>(role, &caller, 1);
			fill::<T>(role);
		}
		full_set::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(Bonds::<T>::get(Role::Curator, &caller).is_some_and(|held| held.chilled));
	}

	#[benchmark]
	fn delegate() {
		let caller: T::AccountId = whitelisted_caller();
		let role = Role::Worker;
		let operator: T::AccountId = account("operator", 0, 0);
		fixtures::bond::<T>(role, &operator, 1);
		fill::<T>(role);
		fixtures::delegate::<T>(role, &caller, &operator, 1);
		let amount = Pallet::<T>::parameters().min_delegation;
		reward::<T>(role, &operator, amount);
		lose_pool::<T>(role, &operator);
		give::<T>(&caller, amount);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, operator.clone(), amount);

		let live = Pallet::<T>::live_pool(role, &operator);
		assert!(live.is_some_and(|(_, pool)| pool.stake == amount));
	}

	#[benchmark]
	fn undelegate() {
		let caller: T::AccountId = whitelisted_caller();
		let (role, operator) = (Role::Worker, operator::<T>());
		fixtures::delegate::<T>(role, &caller, &operator, MAX_CHUNKS + 1);
		fixtures::undelegate::<T>(role, &caller, &operator, MAX_CHUNKS - 1);
		let amount = Pallet::<T>::parameters().min_delegation;
		reward::<T>(role, &operator, amount);
		fill::<T>(role);
		go_to::<T>(MAX_CHUNKS);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, operator.clone(), amount);

		let left = Delegations::<T>::get((&caller, role, &operator));
		assert!(left.is_some_and(|left| left.chunks.len() as u32 == MAX_CHUNKS));
	}

	#[benchmark]
	fn set_commission() {
		let caller: T::AccountId = whitelisted_caller();
		let role = Role::Worker;
		fixtures::bond::<T>(role, &caller, 1);
		let commission = Pallet::<T>::parameters().max_commission;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, commission);

		assert!(Operators::<T>::get(role, &caller).rise.is_some());
	}

	#[benchmark]
	fn withdraw_undelegated() {
		let caller: T::AccountId = whitelisted_caller();
		let role = Role::Worker;
		let operator: T::AccountId = account("operator", 0, 0);
		fixtures::bond::<T>(role, &operator, 1);
		fixtures::delegate::<T>(role, &caller, &operator, MAX_CHUNKS);
		reward::<T>(role, &operator, Pallet::<T>::parameters().min_delegation);
		fixtures::undelegate::<T>(role, &caller, &operator, MAX_CHUNKS);
		let unlocked = MAX_CHUNKS.saturating_add(Pallet::<T>::parameters().unbonding);
		go_to::<T>(unlocked);
		slash::<T>(role, &operator);
		go_to::<T>(unlocked.saturating_add(1));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, operator.clone());

		assert!(Delegations::<T>::get((&caller, role, &operator)).is_none());
	}

	#[benchmark]
	fn claim_rewards() {
		let caller: T::AccountId = whitelisted_caller();
		let role = Role::Worker;
		let operator: T::AccountId = account("operator", 0, 0);
		fixtures::bond::<T>(role, &operator, 1);
		fixtures::delegate::<T>(role, &caller, &operator, 1);
		reward::<T>(role, &operator, Pallet::<T>::parameters().min_delegation);
		lose_pool::<T>(role, &operator);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), role, operator.clone());

		assert!(Delegations::<T>::get((&caller, role, &operator)).is_none());
	}

	#[benchmark]
	fn cancel_slash() -> Result<(), BenchmarkError> {
		let origin = T::SlashCancelOrigin::try_successful_origin()
			.map_err(|_| "nobody may cancel a slash")?;
		slash::<T>(Role::Worker, &operator::<T>());
		let (id, _) = SlashBounds::<T>::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);

		assert!(!Slashes::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn offender() {
		let role = Role::Collator;
		let who: T::AccountId = account("offender", 0, 0);
		fixtures::bond::<T>(role, &who, MAX_CHUNKS + 1);
		fixtures::delegate::<T>(role, &account("delegator", 0, 0), &who, 1);
		fixtures::unbond::<T>(role, &who, MAX_CHUNKS);
		fill::<T>(role);
		let others = (1..T::MaxMembers::get()).map(|n| account("member", n, role as u32));
		let mut validators: Vec<T::AccountId> = others.collect();
		validators.push(who.clone());
		// one less than the most that are disabled at a time
		let disabled = (validators.len() as u32).saturating_sub(1) / 3;
		let severity = OffenceSeverity(Perbill::from_percent(5));
		let disabled = (1..disabled).map(|n| (n, severity)).collect::<Vec<_>>();
		pallet_session::Validators::<T>::put(validators);
		pallet_session::DisabledValidators::<T>::put(disabled);
		let session = OldestSession::<T>::get();
		let offence = OffenceDetails { offender: (who.clone(), ()), reporters: Vec::new() };

		#[block]
		{
			let fraction = Perbill::from_percent(5);
			<Pallet<T> as OnOffenceHandler<_, _, _>>::on_offence(&[offence], &[fraction], session);
		}

		assert!(SlashCounts::<T>::contains_key(role, &who));
	}

	#[benchmark]
	fn pending_slashes() {
		slash::<T>(Role::Worker, &operator::<T>());

		#[block]
		{
			Pallet::<T>::execute_due();
		}

		let (head, tail) = SlashBounds::<T>::get();
		assert_eq!(tail - head, 1);
	}

	#[benchmark]
	fn execute_slash() {
		let (role, who) = (Role::Worker, account("offender", 0, 0));
		laden_worker::<T>(&who);
		fill::<T>(role);
		<Pallet<T> as Penalties<_>>::slash(role, &who, Ppm::ONE, Misconduct::WrongAnswer);
		let (id, _) = SlashBounds::<T>::get();
		let due = Slashes::<T>::get(id).map_or(0, |slash| slash.due);
		go_to::<T>(due);

		#[block]
		{
			Pallet::<T>::execute_due();
		}

		assert!(!Slashes::<T>::contains_key(id));
		assert!(!Pallet::<T>::has_any(role, &who));
	}

	#[benchmark]
	fn note_author() {
		let author: T::AccountId = account("author", 0, 0);

		#[block]
		{
			<Pallet<T> as pallet_authorship::EventHandler<_, _>>::note_author(author.clone());
		}

		assert_eq!(Authored::<T>::get(&author), 1);
	}

	/// Half of a set of `n` made blocks, with delegators; the other half is put out.
	#[benchmark]
	fn end_session(n: Linear<1, 100>) {
		let role = Role::Collator;
		let delegator: T::AccountId = account("delegator", 0, 0);
		let community = T::RewardSource::get();
		give::<T>(&community, Pallet::<T>::minimum(role));
		give::<T>(&Pallet::<T>::pot(), 0);
		let mut validators: Vec<T::AccountId> = Vec::new();
		for index in 0..n {
			let who: T::AccountId = account("collator", index, 0);
			fixtures::bond::<T>(role, &who, 10);
			fixtures::delegate::<T>(role, &delegator, &who, 1);
			Authored::<T>::insert(&who, 1);
			if index % 2 == 0 {
				Authored::<T>::remove(&who);
				Idle::<T>::insert(&who, u32::MAX);
			}
			validators.push(who);
		}
		pallet_session::Validators::<T>::put(validators);

		#[block]
		{
			Pallet::<T>::reward_blocks(0);
		}

		assert_eq!(Authored::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn migrate_to_v2() {
		for role in ROLES {
			let member =
				|n| OldMember { who: account("member", n, role as u32), amount: 1, since: 0 };
			let members = (0..T::MaxMembers::get()).map(member).collect::<Vec<_>>();
			let members: OldMembers<T> = BoundedVec::truncate_from(members);
			unhashed::put(&Members::<T>::hashed_key_for(role), &members);
		}

		#[block]
		{
			ToV2::<T>::on_runtime_upgrade();
		}

		assert_eq!(Members::<T>::get(Role::Curator).len() as u32, T::MaxMembers::get());
	}
}
