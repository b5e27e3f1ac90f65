//! A delegate's vote takes as much whether one delegates to it or ten thousand do.

use crate::common::{account, Chain};
use crate::parliament::{prepare, propose, root, vote};
use openledger_gopen::Vote;
use openledger_primitives::OPEN;
use openledger_runtime::*;
use polkadot_sdk::{
	frame_support::{assert_ok, dispatch::GetDispatchInfo, traits::fungible::Mutate},
	*,
};
use std::time::{Duration, Instant};

const DELEGATORS: u32 = 10_000;
const SAMPLES: u32 = 200;

/// Lets `number` accounts deposit and delegate to `to`.
fn delegate_to(chain: &mut Chain, to: &str, number: u32) {
	let to = account(to);
	chain.meddle(|| {
		for n in 0..number {
			let mut id = [0xd0; 32];
			id[..4].copy_from_slice(&n.to_le_bytes());
			let who = AccountId::from(id);
			let pot = configs::CommunityPotAccount::get();
			let keep = frame_support::traits::tokens::Preservation::Preserve;
			assert_ok!(<Balances as Mutate<_>>::transfer(&pot, &who, 3 * OPEN, keep));
			let origin = || RuntimeOrigin::signed(who.clone());
			assert_ok!(Gopen::deposit(origin(), 2 * OPEN));
			assert_ok!(Gopen::delegate_votes(origin(), 0, to.clone()));
		}
	});
}

/// What a vote takes here, the quickest of many.
fn time_of_vote(chain: &mut Chain, who: &str, index: u32) -> Duration {
	let who = account(who);
	let once = |chain: &mut Chain| {
		chain.query(|| {
			let before = Instant::now();
			assert_ok!(Gopen::vote(RuntimeOrigin::signed(who.clone()), index, Vote::Aye));
			before.elapsed()
		})
	};
	(0..SAMPLES).map(|_| once(chain)).min().unwrap()
}

#[test]
fn a_vote_for_ten_thousand_is_one_vote() {
	let mut chain = Chain::dev();
	chain.always_checked = false;
	let lone = openledger_gopen::Call::deposit { amount: 2 * OPEN };
	chain.send("//Heidi", lone).unwrap();
	delegate_to(&mut chain, "//Grace", DELEGATORS);
	chain.skip(3);
	let index = propose(&mut chain, root(), frame_system::Call::remark { remark: vec![] });
	prepare(&mut chain, index);
	let weight = vote(index, Vote::Aye).get_dispatch_info().call_weight;
	let [one, many] = ["//Heidi", "//Grace"].map(|who| time_of_vote(&mut chain, who, index));
	println!(
		"a vote weighs {} us; it took {one:?} with own gOPEN and {many:?} with that of {DELEGATORS} others",
		weight.ref_time() / 1_000_000,
	);
	chain.send("//Grace", vote(index, Vote::Aye)).unwrap();
	let tally = chain.query(|| configs::tally(index)).unwrap();
	assert_eq!(tally.ayes, Balance::from(DELEGATORS) * 2 * OPEN);
	// it reads what one delegator's delegate reads
	assert_eq!(chain.query(|| openledger_gopen::Received::<Runtime>::iter().count()), 1);
	chain.everything_adds_up();
}
