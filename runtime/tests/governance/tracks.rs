//! Each track enacts what it may, and nothing else.

use crate::{
	common::{account, Chain},
	parliament::*,
};
use openledger_gopen::Vote;
use openledger_primitives::{
	parameters::{GopenParameters, DAYS},
	traits::{Misconduct, Penalties, Role},
	Ppm, OPEN,
};
use openledger_runtime::{
	configs::{governance::Origin, Tracks, SPENDS},
	parameters::dynamic_params::gopen,
	*,
};
use polkadot_sdk::{
	frame_support::{
		assert_noop, assert_ok,
		traits::{EnsureOrigin, Get},
	},
	pallet_referenda::TracksInfo,
	sp_runtime::DispatchError,
	*,
};

const ORIGINS: [Origin; 9] = [
	Origin::WhitelistedCaller,
	Origin::SmallSpender,
	Origin::MediumSpender,
	Origin::BigSpender,
	Origin::ParameterAdmin,
	Origin::DatanetPolicy,
	Origin::ModelListing,
	Origin::SlashCanceller,
	Origin::Emergency,
];

fn wrapping(cooldown: u32) -> RuntimeCall {
	let value = GopenParameters { cooldown, ..Default::default() };
	let key_value =
		RuntimeParameters::Gopen(gopen::Parameters::Wrapping(gopen::Wrapping, Some(value)));
	pallet_parameters::Call::set_parameter { key_value }.into()
}

fn spend(amount: Balance) -> RuntimeCall {
	pallet_treasury::Call::spend {
		asset_kind: Box::new(()),
		amount,
		beneficiary: Box::new(account(STRANGER)),
		valid_from: None,
	}
	.into()
}

fn cancel_slash(id: u64) -> RuntimeCall {
	openledger_staking::Call::cancel_slash { id }.into()
}

/// Whether the calls of a track may be made by this origin.
fn accepted(origin: OriginCaller, call: RuntimeCall) -> bool {
	use sp_runtime::traits::Dispatchable;
	let result = call.dispatch(RuntimeOrigin::from(origin));
	let refused = |error: DispatchError| {
		error == DispatchError::BadOrigin
			|| error == pallet_treasury::Error::<Runtime>::InsufficientPermission.into()
	};
	result.err().is_none_or(|error| !refused(error.error))
}

#[test]
fn every_origin_has_its_track_and_root_the_first() {
	let mut chain = Chain::dev();
	chain.query(|| {
		assert_eq!(Tracks::track_for(&root()), Ok(0));
		for (at, own) in ORIGINS.into_iter().enumerate() {
			assert_eq!(Tracks::track_for(&origin(own)), Ok(at as u16 + 1));
		}
		assert_eq!(
			Tracks::track_for(&OriginCaller::system(frame_system::RawOrigin::None)),
			Err(())
		);
		assert_eq!(Tracks::tracks().count(), 10);
	});
}

#[test]
fn an_origin_may_do_its_tracks_work_and_no_others() {
	let mut chain = Chain::dev();
	let id = chain.meddle(|| {
		let bob = account("//Bob");
		<Staking as Penalties<_>>::slash(Role::Worker, &bob, Ppm(100_000), Misconduct::WrongAnswer);
		0
	});
	let work: [(&[Origin], RuntimeCall); 6] = [
		(&[Origin::SmallSpender, Origin::MediumSpender, Origin::BigSpender], spend(10_000 * OPEN)),
		(&[Origin::MediumSpender, Origin::BigSpender], spend(10_000 * OPEN + 1)),
		(&[Origin::BigSpender], spend(100_000 * OPEN + 1)),
		(&[Origin::ParameterAdmin], wrapping(20)),
		(&[Origin::SlashCanceller], cancel_slash(id)),
		(&[Origin::Emergency], pallet_safe_mode::Call::force_enter {}.into()),
	];
	for (may, call) in work {
		for own in ORIGINS {
			let expected = may.contains(&own);
			let done = chain.query(|| accepted(origin(own), call.clone()));
			assert_eq!(done, expected, "{own:?}: {call:?}");
		}
		assert!(chain.query(|| accepted(root(), call.clone())), "root may everything");
	}
	let beyond = spend(1_000_000 * OPEN + 1);
	assert!(!chain.query(|| accepted(origin(Origin::BigSpender), beyond)));
	assert_eq!(SPENDS.len(), 3);
	chain.query(|| {
		let signed = RuntimeOrigin::signed(account("//Alice"));
		assert!(configs::Spender::try_origin(signed).is_err(), "nobody spends by signing");
	});
}

#[test]
fn the_slowest_referendum_ends_while_its_checkpoint_is_kept() {
	let mut chain = Chain::dev();
	// at normal pace
	chain.meddle(openledger_gopen::Pace::<Runtime>::kill);
	chain.query(|| {
		for track in Tracks::tracks() {
			let info = &track.info;
			let undecided = <Runtime as pallet_referenda::Config>::UndecidingTimeout::get();
			assert_eq!(undecided, 14 * DAYS);
			assert!(info.prepare_period < undecided);
			// a referendum that passes at last is confirmed after its decision period
			let most = undecided + info.decision_period + info.confirm_period;
			assert!(most / DAYS < openledger_gopen::KEPT_CHECKPOINTS, "track {}", track.id);
			// whoever is against all that is decided can say so
			assert!(info.max_deciding <= openledger_gopen::MAX_BALLOTS, "track {}", track.id);
		}
	});
}

#[test]
fn five_per_cent_of_all_open_decide_nothing_when_few_have_deposited() {
	// at launch: all OPEN less the community's 61.71 %
	let active = TOTAL_ISSUANCE / 1_000_000 * 382_900;
	let capture = sp_runtime::Perbill::from_rational(TOTAL_ISSUANCE / 20, active);
	let mut chain = Chain::dev();
	chain.query(|| {
		for track in Tracks::tracks() {
			let least = track.info.min_support.threshold(sp_runtime::Perbill::one());
			assert!(capture < least, "track {}: {capture:?} of {least:?}", track.id);
		}
	});
}

#[test]
fn the_committee_saves_time_and_no_votes() {
	let mut chain = Chain::dev();
	chain.query(|| {
		let [root, whitelisted] = [0, 1].map(|id| Tracks::info(id).unwrap().into_owned());
		assert_eq!(root.min_approval, whitelisted.min_approval);
		assert_eq!(root.min_support, whitelisted.min_support);
		assert_eq!(root.decision_period, whitelisted.decision_period);
	});
}

#[test]
fn root_upgrades_the_runtime() {
	let mut chain = parliament();
	let code_hash = Hash::repeat_byte(7);
	enact(&mut chain, root(), frame_system::Call::authorize_upgrade { code_hash });
	let authorized = chain.query(System::authorized_upgrade).expect("it is authorised");
	assert_eq!(*authorized.code_hash(), code_hash);
}

#[test]
fn parameters_are_turned_by_vote() {
	let mut chain = parliament();
	enact(&mut chain, origin(Origin::ParameterAdmin), wrapping(77));
	assert_eq!(chain.query(gopen::Wrapping::get).cooldown, 77);
	let [now, ready] = chain.query(|| {
		let who = account("//Alice");
		assert_ok!(Gopen::withdraw(RuntimeOrigin::signed(who.clone()), OPEN));
		let ready = Gopen::balance_of(&who).withdrawals[0].ready_at;
		[System::block_number(), ready]
	});
	assert_eq!(ready - now, 77, "the next withdrawal waits as voted");
}

#[test]
fn a_slash_is_cancelled_in_time_and_the_stake_is_whole() {
	let mut chain = parliament();
	// as long as everywhere but where it is watched, in relation to the track
	chain.meddle(|| {
		use openledger_primitives::parameters::BondParameters;
		let value = BondParameters { unbonding: 40, slash_delay: 9, ..Default::default() };
		let key_value =
			RuntimeParameters::Staking(parameters::dynamic_params::staking::Parameters::Bonds(
				parameters::dynamic_params::staking::Bonds,
				Some(value),
			));
		assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), key_value));
	});
	let bob = account("//Bob");
	let bonded = chain.query(|| bond_of(&bob));
	chain.meddle(|| {
		for part in [100_000, 50_000] {
			<Staking as Penalties<_>>::slash(
				Role::Worker,
				&bob,
				Ppm(part),
				Misconduct::WrongAnswer,
			);
		}
	});
	enact(&mut chain, origin(Origin::SlashCanceller), cancel_slash(0));
	chain.skip(10);
	assert_eq!(chain.query(Staking::pending_slashes).len(), 0);
	let left = chain.query(|| bond_of(&bob));
	assert_eq!(bonded - left, bonded / 20, "the other one alone, to the planck");
}

/// The bond of a worker.
fn bond_of(who: &AccountId) -> Balance {
	openledger_staking::Bonds::<Runtime>::get(Role::Worker, who).unwrap().amount
}

#[test]
fn emergencies_stop_calls_and_referenda() {
	let mut chain = parliament();
	let spam = submit(&mut chain, root(), frame_system::Call::remark { remark: vec![1] });
	let kill = pallet_referenda::Call::kill { index: spam };
	enact(&mut chain, origin(Origin::Emergency), kill);
	assert!(!runs(&mut chain, spam));

	let name = (b"Datanets".to_vec(), b"create".to_vec());
	let full_name = (name.0.try_into().unwrap(), name.1.try_into().unwrap());
	enact(&mut chain, origin(Origin::Emergency), pallet_tx_pause::Call::pause { full_name });
	let create = || {
		let metadata = openledger_datanets::Metadata {
			name: b"n".to_vec().try_into().unwrap(),
			description: Default::default(),
			licence: b"l".to_vec().try_into().unwrap(),
		};
		openledger_datanets::Call::create { kind: openledger_datanets::Kind::Text, metadata }
	};
	let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
	assert_eq!(chain.send("//Alice", create()), Err(filtered));

	enact(&mut chain, origin(Origin::Emergency), pallet_safe_mode::Call::force_enter {});
	assert!(chain.query(SafeMode::is_entered));
	let transfer =
		pallet_balances::Call::transfer_keep_alive { dest: treasury().into(), value: OPEN };
	assert_eq!(chain.send("//Alice//stash", transfer.clone()), Err(filtered));
	// governance works on, and ends it
	enact(&mut chain, origin(Origin::Emergency), pallet_safe_mode::Call::force_exit {});
	assert_eq!(chain.send("//Alice//stash", transfer), Ok(()));
}

#[test]
fn an_account_without_gopen_cannot_vote_and_signing_is_no_origin() {
	let mut chain = parliament();
	let index = propose(&mut chain, origin(Origin::ParameterAdmin), wrapping(99));
	prepare(&mut chain, index);
	let no_power = openledger_gopen::Error::<Runtime>::NoPower;
	assert_eq!(chain.send(STRANGER, vote(index, Vote::Aye)), Err(no_power.into()));
	assert_eq!(chain.send("//Alice", wrapping(99)), Err(DispatchError::BadOrigin));
	chain.query(|| {
		let alice = RuntimeOrigin::signed(account("//Alice"));
		assert_noop!(Staking::cancel_slash(alice, 0), DispatchError::BadOrigin);
	});
}
