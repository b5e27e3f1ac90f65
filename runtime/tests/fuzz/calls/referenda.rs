//! Referenda, and what those that pass may do.

use crate::{
	people::PEOPLE,
	scene::{anybody, Mode, Plan, Scene},
};
use openledger_primitives::OPEN;
use openledger_runtime::{
	configs::governance::Origin, OriginCaller, Preimage, Runtime, RuntimeCall,
};
use polkadot_sdk::{
	frame_support::traits::{schedule::DispatchTime, StorePreimage},
	frame_system, pallet_referenda, pallet_treasury,
};

type Referenda = pallet_referenda::Call<Runtime>;

/// Longest proposal that needs no preimage, in bytes.
const INLINE: usize = 128;

/// What a referendum is about, and who it speaks as.
fn proposal(scene: &mut Scene) -> (OriginCaller, RuntimeCall) {
	let own = |origin| OriginCaller::Origins(origin);
	match scene.dice.below(6) {
		0 => {
			let id = scene.dice.pick(&scene.view.slashes).copied().unwrap_or_default();
			let call = openledger_staking::Call::cancel_slash { id };
			(own(Origin::SlashCanceller), call.into())
		}
		1 => {
			let call = pallet_treasury::Call::spend {
				asset_kind: Box::new(()),
				amount: scene.dice.planck(12_000 * OPEN),
				beneficiary: Box::new(PEOPLE.account(anybody(&mut scene.dice))),
				valid_from: None,
			};
			(own(Origin::SmallSpender), call.into())
		}
		2 => {
			let running = scene.dice.pick(&scene.view.running).copied();
			let index = running.unwrap_or_default();
			let call = match scene.dice.below(2) {
				0 => Referenda::cancel { index },
				_ => Referenda::kill { index },
			};
			(own(Origin::Emergency), call.into())
		}
		_ => {
			let remark = vec![scene.dice.below(256) as u8; scene.dice.below(100) as usize];
			let root = OriginCaller::system(frame_system::RawOrigin::Root);
			(root, frame_system::Call::remark { remark }.into())
		}
	}
}

pub fn submit(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	use codec::Encode;
	let who = scene.payer(2_000 * OPEN);
	let who = scene.person(mode, who.as_ref())?;
	let (origin, call) = proposal(scene);
	if call.encoded_size() > INLINE {
		return None;
	}
	let proposal = Preimage::bound(call).ok()?;
	let after = scene.dice.below(5) as u32;
	let submit = Referenda::submit {
		proposal_origin: Box::new(origin),
		proposal,
		enactment_moment: DispatchTime::After(after),
	};
	Plan::signed(who, submit)
}

pub fn place_decision_deposit(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = scene.payer(11_000 * OPEN);
	let who = scene.person(mode, who.as_ref())?;
	let running = scene.dice.pick(&scene.view.running).copied();
	let index = scene.number(mode, running)?;
	Plan::signed(who, Referenda::place_decision_deposit { index })
}

pub fn refund(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = anybody(&mut scene.dice);
	let ended = scene.dice.pick(&scene.view.ended).copied();
	let index = scene.number(mode, ended)?;
	match scene.dice.below(2) {
		0 => Plan::signed(who, Referenda::refund_decision_deposit { index }),
		_ => Plan::signed(who, Referenda::refund_submission_deposit { index }),
	}
}

pub fn payout(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = anybody(&mut scene.dice);
	let spend = pallet_treasury::Spends::<Runtime>::iter_keys().next();
	let index = scene.number(mode, spend)?;
	Plan::signed(who, pallet_treasury::Call::payout { index })
}
