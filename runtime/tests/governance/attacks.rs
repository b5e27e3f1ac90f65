//! Attempts to decide without the votes.

use crate::{
	common::{account, Chain},
	parliament::*,
};
use openledger_gopen::{Error, Vote};
use openledger_primitives::{
	parameters::{DAYS, HOURS},
	DatanetId, OPEN,
};
use openledger_runtime::{configs::governance::Origin, *};
use polkadot_sdk::{
	frame_support::traits::{fungible::Inspect, schedule::DispatchTime, Get},
	pallet_referenda::TracksInfo,
	*,
};

fn remark(byte: u8) -> frame_system::Call<Runtime> {
	frame_system::Call::remark { remark: vec![byte] }
}

fn deposit(amount: Balance) -> RuntimeCall {
	openledger_gopen::Call::deposit { amount }.into()
}

fn withdraw(amount: Balance) -> RuntimeCall {
	openledger_gopen::Call::withdraw { amount }.into()
}

fn delegate(track: u16, to: &str) -> RuntimeCall {
	openledger_gopen::Call::delegate_votes { track, to: account(to) }.into()
}

fn transfer(to: &str, value: Balance) -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive { dest: account(to).into(), value }.into()
}

#[test]
fn a_lone_holder_of_five_per_cent_passes_nothing_on_any_track() {
	let mut chain = Chain::dev();
	// nobody else has deposited
	let share = electorate(&mut chain) / 20;
	chain.send("//Eve//stash", transfer("//Ferdie//stash", 500_000 * OPEN)).unwrap();
	chain.send("//Ferdie//stash", deposit(share)).unwrap();
	chain.skip(3);
	let origins = [
		root(),
		origin(Origin::WhitelistedCaller),
		origin(Origin::SmallSpender),
		origin(Origin::MediumSpender),
		origin(Origin::BigSpender),
		origin(Origin::ParameterAdmin),
		origin(Origin::DatanetPolicy),
		origin(Origin::ModelListing),
		origin(Origin::SlashCanceller),
		origin(Origin::Emergency),
	];
	let tracks = chain.query(|| configs::Tracks::tracks().count());
	assert_eq!(origins.len(), tracks);
	let mut all = Vec::new();
	for own in origins {
		let index = propose(&mut chain, own, remark(0));
		all.push(index);
		prepare(&mut chain, index);
		chain.send("//Ferdie//stash", vote(index, Vote::Aye)).unwrap();
		let tally = chain.query(|| configs::tally(index)).unwrap();
		assert_eq!((tally.ayes, tally.support), (share, share));
	}
	for index in all {
		if runs(&mut chain, index) {
			end(&mut chain, index);
		}
		assert!(!approved(&mut chain, index), "referendum {index}");
	}
}

#[test]
fn what_is_borrowed_or_moved_after_the_checkpoint_does_not_vote() {
	let mut chain = parliament();
	let index = propose(&mut chain, root(), remark(0));
	prepare(&mut chain, index);
	// a loan comes too late
	chain.send("//Eve//stash", transfer(STRANGER, 900_000 * OPEN)).unwrap();
	chain.send(STRANGER, deposit(1_500_000 * OPEN)).unwrap();
	assert_eq!(chain.send(STRANGER, vote(index, Vote::Aye)), Err(Error::<Runtime>::NoPower.into()));
	assert_eq!(
		chain.send_all(vec![("//Ivan", delegate(0, STRANGER)), ("//Ivan", vote(index, Vote::Nay))]),
		[Ok(()), Ok(())],
		"a delegation after the checkpoint leaves the vote where it was"
	);
	assert_eq!(chain.send(STRANGER, vote(index, Vote::Aye)), Err(Error::<Runtime>::NoPower.into()));
	assert_eq!(chain.query(|| configs::tally(index)).unwrap().nays, DEPOSIT);
}

#[test]
fn circles_of_delegations_vote_once() {
	let mut chain = Chain::dev();
	let circle = ["//Grace", "//Heidi", "//Ivan"];
	chain.all_succeed(circle.map(|who| (who, deposit(DEPOSIT))).to_vec());
	let next = ["//Heidi", "//Ivan", "//Grace"];
	let calls = circle.into_iter().zip(next).map(|(who, to)| (who, delegate(0, to)));
	chain.all_succeed(calls.collect());
	chain.skip(3);
	let index = propose(&mut chain, root(), remark(0));
	prepare(&mut chain, index);
	chain.all_succeed(circle.map(|who| (who, vote(index, Vote::Aye))).to_vec());
	assert_eq!(chain.query(|| configs::tally(index)).unwrap().ayes, 3 * DEPOSIT);
}

#[test]
fn gopen_that_votes_cannot_leave_before_the_end() {
	let mut chain = Chain::dev();
	chain.all_succeed(vec![("//Grace", deposit(DEPOSIT)), ("//Heidi", deposit(DEPOSIT))]);
	chain.send("//Grace", delegate(0, "//Heidi")).unwrap();
	chain.skip(3);
	let index = propose(&mut chain, root(), remark(0));
	prepare(&mut chain, index);
	chain.send("//Heidi", vote(index, Vote::Aye)).unwrap();
	let stays = Err(Error::<Runtime>::VoteRunning.into());
	assert_eq!(chain.send("//Heidi", withdraw(DEPOSIT)), stays);
	assert_eq!(chain.send("//Grace", withdraw(DEPOSIT)), stays);
	let leave = openledger_gopen::Call::undelegate_votes { track: 0 };
	chain.send("//Grace", leave).unwrap();
	assert_eq!(chain.send("//Grace", withdraw(DEPOSIT)), stays);
	end(&mut chain, index);
	chain.all_succeed(vec![("//Grace", withdraw(DEPOSIT)), ("//Heidi", withdraw(DEPOSIT))]);
	assert_eq!(chain.query(openledger_gopen::TotalDeposits::<Runtime>::get), 0);
}

#[test]
fn spam_does_not_keep_a_referendum_with_votes_from_being_decided() {
	let mut chain = parliament();
	let info = chain.query(|| configs::Tracks::info(0).unwrap().into_owned());
	let queued: u32 = <Runtime as pallet_referenda::Config>::MaxQueued::get();
	// every place in the track's decisions and queue is taken, each with 10,100 OPEN
	let spam: Vec<_> = (0..info.max_deciding + queued)
		.map(|n| propose(&mut chain, root(), remark(n as u8)))
		.collect();
	let spent = 10_100 * OPEN * Balance::from(info.max_deciding + queued);
	let reserved = chain.query(|| Balances::reserved_balance(account(PROPOSER)));
	assert!(reserved >= spent);
	let genuine = propose(&mut chain, root(), remark(255));
	all_vote(&mut chain, genuine, Vote::Aye);
	let mut waited = 0;
	while runs(&mut chain, genuine) {
		chain.skip(1);
		waited += 1;
		assert!(
			waited <= info.decision_period + info.confirm_period + 10,
			"it waits for one decision"
		);
	}
	assert!(approved(&mut chain, genuine));
	// and each that was decided has cost what submitting it did
	let rejected = spam.iter().filter(|index| !runs(&mut chain, **index)).count();
	assert!(rejected > 0);
}

#[test]
fn neither_the_pot_nor_the_treasury_are_part_of_the_electorate() {
	let mut chain = parliament();
	let before = electorate(&mut chain);
	let pots = chain.query(|| {
		Balances::total_balance(&configs::CommunityPotAccount::get())
			+ Balances::total_balance(&treasury())
	});
	// the treasury's deposit counts, and what it got in the block itself
	assert!(before.abs_diff(TOTAL_ISSUANCE - pots) < OPEN, "{before}");
	fund_treasury(&mut chain, 100_000 * OPEN);
	chain.skip(1);
	let after = electorate(&mut chain);
	assert!((before - after).abs_diff(100_000 * OPEN) < OPEN);
}

#[test]
fn alarms_that_fill_a_block_cost_nobody_a_decision() {
	let mut chain = parliament();
	let dummy = propose(&mut chain, root(), remark(0));
	prepare(&mut chain, dummy);
	chain.skip(1);
	let since = chain.query(|| configs::tally(dummy)).unwrap().deciding.expect("it is decided");
	let info = chain.query(|| configs::Tracks::info(0).unwrap().into_owned());
	let rejected_at = since + info.decision_period;
	// the block after, in which its place on the track is freed, is full
	chain.meddle(|| fill_block(rejected_at + 1));
	end(&mut chain, dummy);
	chain.skip(3);
	let deciding = chain.query(|| pallet_referenda::DecidingCount::<Runtime>::get(0));
	assert_eq!(deciding, 0, "the place is free again");

	// nor is what was voted lost when the block of its enactment is full
	let genuine = propose(
		&mut chain,
		root(),
		frame_system::Call::set_storage { items: vec![(b"voted".to_vec(), b"yes".to_vec())] },
	);
	all_vote(&mut chain, genuine, Vote::Aye);
	let confirmed_at = loop {
		chain.skip(1);
		match chain.query(|| configs::tally(genuine)).unwrap().confirming {
			Some(until) => break until,
			None => continue,
		}
	};
	chain.meddle(|| fill_block(confirmed_at + info.min_enactment_period));
	end(&mut chain, genuine);
	chain.skip(info.min_enactment_period + 2);
	let stored = chain.query(|| frame_support::storage::unhashed::get_raw(b"voted"));
	assert_eq!(stored.as_deref(), Some(&b"yes"[..]));
}

/// Puts as many tasks on a block as it takes.
fn fill_block(at: BlockNumber) {
	let full = |call: RuntimeCall| {
		Scheduler::schedule(RuntimeOrigin::root(), at, None, 200, Box::new(call))
	};
	while full(remark(1).into()).is_ok() {}
}

#[test]
fn a_batch_spends_no_more_than_one_spend() {
	let mut chain = parliament();
	fund_treasury(&mut chain, 100_000 * OPEN);
	let spend = |amount: Balance| -> RuntimeCall {
		pallet_treasury::Call::spend {
			asset_kind: Box::new(()),
			amount,
			beneficiary: Box::new(account(STRANGER)),
			valid_from: None,
		}
		.into()
	};
	for _ in 0..2 {
		let propose = pallet_bounties::Call::propose_bounty {
			value: 10_000 * OPEN,
			description: b"work".to_vec(),
		};
		chain.send(PROPOSER, propose).unwrap();
	}
	let bounty =
		|bounty_id| -> RuntimeCall { pallet_bounties::Call::approve_bounty { bounty_id }.into() };
	let batch = |calls: Vec<RuntimeCall>| pallet_utility::Call::force_batch { calls };
	let calls = vec![bounty(0), bounty(1), spend(OPEN), spend(OPEN)];
	enact(&mut chain, origin(Origin::SmallSpender), batch(calls));
	let approved = chain.query(pallet_bounties::BountyApprovals::<Runtime>::get);
	assert_eq!(approved.into_inner(), [0], "the first alone");
	assert_eq!(chain.query(pallet_treasury::SpendCount::<Runtime>::get), 0);

	// root is bound by nothing
	enact(&mut chain, root(), batch(vec![bounty(1), spend(OPEN)]));
	assert_eq!(chain.query(pallet_treasury::SpendCount::<Runtime>::get), 1);
}

#[test]
fn no_pause_stops_what_could_end_it() {
	let mut chain = parliament();
	for (pallet, call) in [
		("Gopen", "vote"),
		("Referenda", "submit"),
		("Preimage", "note_preimage"),
		("Multisig", "as_multi"),
		("Proxy", "proxy"),
		("Utility", "batch_all"),
		("Staking", "cancel_slash"),
		("Datanets", "commit_verdict"),
		("Datanets", "reveal_verdict"),
	] {
		let name = |name: &str| name.as_bytes().to_vec().try_into().unwrap();
		let full_name = (name(pallet), name(call));
		chain.query(|| {
			let root = RuntimeOrigin::root();
			let refused = TxPause::pause(root, full_name).unwrap_err();
			assert_eq!(refused, pallet_tx_pause::Error::<Runtime>::Unpausable.into());
		});
	}
	let extend = pallet_safe_mode::Call::force_extend {};
	let batch = vec![pallet_safe_mode::Call::force_enter {}.into(), extend.into()];
	enact(
		&mut chain,
		origin(Origin::Emergency),
		pallet_utility::Call::force_batch { calls: batch },
	);
	let until =
		chain.query(pallet_safe_mode::EnteredUntil::<Runtime>::get).expect("it is safe mode");
	let once = HOURS * 4;
	assert!(until <= chain.height() + once, "an emergency lasts once");
}

#[test]
fn what_else_there_is_can_be_paused() {
	let mut chain = parliament();
	chain.meddle(|| {
		for (pallet, call) in [("Staking", "bond"), ("Datanets", "contribute")] {
			let name = |name: &str| name.as_bytes().to_vec().try_into().unwrap();
			TxPause::pause(RuntimeOrigin::root(), (name(pallet), name(call))).unwrap();
		}
	});
}

#[test]
fn a_pause_of_disputes_stops_the_clock_of_jobs() {
	let mut chain = parliament();
	let is_paused = <<Runtime as openledger_clock::Config>::IsPaused as Get<bool>>::get;
	assert!(!chain.query(is_paused));
	chain.meddle(|| {
		let name = |name: &str| name.as_bytes().to_vec().try_into().unwrap();
		TxPause::pause(RuntimeOrigin::root(), (name("Attribution"), name("dispute"))).unwrap();
	});
	assert!(chain.query(is_paused), "else what nobody could dispute would be final");
}

#[test]
fn no_vote_is_kept_for_a_later_emergency() {
	let mut chain = parliament();
	let later = DispatchTime::At(chain.height() + 50_000);
	let enter = pallet_safe_mode::Call::force_enter {};
	let emergency = submit_for(&mut chain, origin(Origin::Emergency), enter, later);
	let policy = openledger_datanets::Call::delist { datanet: DatanetId(9) };
	let other = submit_for(&mut chain, origin(Origin::DatanetPolicy), policy, later);
	for index in [emergency, other] {
		let deposit = pallet_referenda::Call::place_decision_deposit { index };
		chain.send(PROPOSER, deposit).unwrap();
		all_vote(&mut chain, index, Vote::Aye);
	}
	if runs(&mut chain, emergency) {
		end(&mut chain, emergency);
	}
	let hour = chain.query(|| Gopen::paced(HOURS));
	chain.skip(hour);
	assert!(chain.query(pallet_safe_mode::EnteredUntil::<Runtime>::exists));
	if runs(&mut chain, other) {
		end(&mut chain, other);
	}
	let longest = chain.height() + chain.query(|| Gopen::paced(28 * DAYS));
	let last = chain.query(|| pallet_scheduler::Agenda::<Runtime>::iter_keys().max());
	assert!(last.is_some_and(|last| last > chain.height() && last <= longest), "{last:?}");
}

#[test]
fn what_waits_in_a_queue_beyond_its_time_is_ended_by_anyone() {
	let mut chain = parliament();
	chain.skip(40);
	let info = chain.query(|| configs::Tracks::info(3).unwrap().into_owned());
	let spend = || origin(Origin::MediumSpender);
	let all: Vec<_> =
		(0..=info.max_deciding).map(|n| propose(&mut chain, spend(), remark(n as u8))).collect();
	let last = *all.last().unwrap();
	prepare(&mut chain, last);
	let time_out = openledger_gopen::Call::time_out { referendum: last };
	let early = Error::<Runtime>::NotTimedOut.into();
	assert_eq!(chain.send(STRANGER, time_out.clone()), Err(early));
	chain.send("//Alice", vote(all[0], Vote::Aye)).unwrap();
	let patience = <Runtime as pallet_referenda::Config>::UndecidingTimeout::get;
	let patience: BlockNumber = chain.query(patience);
	chain.meddle(|| {
		// as if it had waited since then
		pallet_referenda::ReferendumInfoFor::<Runtime>::mutate(last, |info| {
			if let Some(pallet_referenda::ReferendumInfo::Ongoing(status)) = info {
				status.submitted = System::block_number().saturating_sub(patience + 1);
			}
		});
	});
	assert_eq!(chain.send(STRANGER, time_out), Ok(()));
	assert!(!runs(&mut chain, last));
	let refund = pallet_referenda::Call::refund_decision_deposit { index: last };
	assert_eq!(chain.send(STRANGER, refund), Ok(()));
}
