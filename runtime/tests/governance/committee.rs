//! The technical committee makes root referenda quicker. It decides none.

use crate::{common::account, parliament::*};
use openledger_gopen::Vote;
use openledger_runtime::{configs::governance::Origin, *};
use polkadot_sdk::{
	frame_support::traits::StorePreimage,
	sp_runtime::{
		traits::{BlakeTwo256, Hash as _},
		DispatchError,
	},
	*,
};

const MEMBERS: [&str; 3] = ["//Alice", "//Bob", "//Charlie"];

/// A call that only root may make.
fn decision() -> RuntimeCall {
	pallet_collective::Call::<Runtime, pallet_collective::Instance1>::set_members {
		new_members: vec![account("//Dave")],
		prime: None,
		old_count: 3,
	}
	.into()
}

/// Lets two of three members agree on `call`. What came of it.
fn agree(chain: &mut crate::common::Chain, call: RuntimeCall) -> sp_runtime::DispatchResult {
	use codec::Encode;
	let length_bound = call.encoded_size() as u32;
	let hash = BlakeTwo256::hash_of(&call);
	let index =
		chain.query(pallet_collective::ProposalCount::<Runtime, pallet_collective::Instance1>::get);
	type Motion = pallet_collective::Call<Runtime, pallet_collective::Instance1>;
	let proposal = Box::new(call);
	chain.send(MEMBERS[0], Motion::propose { threshold: 2, proposal, length_bound }).unwrap();
	for member in &MEMBERS[..2] {
		chain.send(member, Motion::vote { proposal: hash, index, approve: true }).unwrap();
	}
	let proposal_weight_bound =
		frame_support::weights::Weight::from_parts(10_000_000_000, 1_000_000);
	let close = Motion::close { proposal_hash: hash, index, proposal_weight_bound, length_bound };
	chain.send(MEMBERS[0], close).unwrap();
	chain.event(|event| match event {
		RuntimeEvent::TechnicalCommittee(pallet_collective::Event::Executed { result, .. }) => {
			Some(result)
		}
		_ => None,
	})
}

#[test]
fn what_it_agrees_on_has_no_power_but_to_whitelist() {
	let mut chain = parliament();
	assert_eq!(agree(&mut chain, decision()), Err(DispatchError::BadOrigin));
	let call_hash = BlakeTwo256::hash_of(&decision());
	let whitelist = pallet_whitelist::Call::whitelist_call { call_hash };
	assert_eq!(agree(&mut chain, whitelist.into()), Ok(()));
	// and what is on the whitelist waits for a referendum
	let dispatch = pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
		call: Box::new(decision()),
	};
	assert_eq!(agree(&mut chain, dispatch.into()), Err(DispatchError::BadOrigin));
}

#[test]
fn a_whitelisted_call_needs_the_votes_of_root_and_takes_less_time() {
	let mut chain = parliament();
	let dispatch = || pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
		call: Box::new(decision()),
	};
	// without the committee the vote brings nothing
	enact(&mut chain, origin(Origin::WhitelistedCaller), dispatch());
	let members = |chain: &mut crate::common::Chain| {
		chain.query(pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get)
	};
	assert_eq!(members(&mut chain).len(), 3);

	let call_hash = chain.query(|| Preimage::bound(decision())).unwrap().hash();
	let whitelist = pallet_whitelist::Call::whitelist_call { call_hash };
	assert_eq!(agree(&mut chain, whitelist.into()), Ok(()));
	let before = chain.height();
	enact(&mut chain, origin(Origin::WhitelistedCaller), dispatch());
	let quick = chain.height() - before;
	assert_eq!(members(&mut chain), [account("//Dave")]);

	let before = chain.height();
	enact(&mut chain, root(), frame_system::Call::remark { remark: vec![] });
	assert!(quick < chain.height() - before);
}

#[test]
fn whitelisting_without_votes_passes_nothing() {
	let mut chain = parliament();
	let call_hash = BlakeTwo256::hash_of(&decision());
	let whitelist = pallet_whitelist::Call::whitelist_call { call_hash };
	assert_eq!(agree(&mut chain, whitelist.into()), Ok(()));
	let dispatch = pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
		call: Box::new(decision()),
	};
	let index = propose(&mut chain, origin(Origin::WhitelistedCaller), dispatch);
	prepare(&mut chain, index);
	// the committee's own gOPEN is 15 % of all
	chain.all_succeed(MEMBERS.map(|who| (who, vote(index, Vote::Aye))).to_vec());
	end(&mut chain, index);
	assert!(!approved(&mut chain, index));
}
