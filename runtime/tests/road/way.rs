//! Requests that are answered: every planck arrives where the documentation says.

use crate::common::{account, stage::*, Chain};
use openledger_attribution::types::{Outcome, Part, Payout};
use openledger_primitives::{BlobId, Ppm, OPEN};
use openledger_runtime::*;
use std::collections::BTreeMap;

fn treasury() -> AccountId {
	configs::TreasuryAccount::get()
}

fn payout(who: &str, part: Part, amount: Balance) -> Payout<AccountId> {
	Payout { account: account(who), part, amount }
}

/// Whether `who` claims this from the attribution pot; what stake earns moves to staking.
fn claimed_by(payout: &Payout<AccountId>, who: &str) -> bool {
	payout.account == account(who) && payout.part != Part::Delegators
}

fn claim_for(who: &str) -> RuntimeCall {
	openledger_attribution::Call::claim_for { account: account(who) }.into()
}

/// What everyone but the callers of transactions has.
fn balances(chain: &mut Chain, people: &[&'static str]) -> BTreeMap<&'static str, Balance> {
	people.iter().map(|who| (*who, chain.total(&account(who)))).collect()
}

#[test]
fn three_seats_answer_and_every_planck_arrives() {
	let mut stage = Stage::set();
	let earners = [CONTRIBUTORS.as_slice(), &WORKERS, &[BUILDER, CALLER]].concat();
	let before = balances(&mut stage.chain, &earners);
	let (treasury_before, fees_before) = (stage.chain.total(&treasury()), stage.chain.fees);

	let (job, committee) = stage.draw(stage.base, 3);
	let fees_of_request = stage.chain.fees - fees_before;
	let fee = BASE_PRICE + 4 * OPEN / 100;
	let held = stage.chain.holds()[&account(CALLER)].clone();
	assert_eq!(
		held,
		[(RuntimeHoldReason::Inference(openledger_inference::HoldReason::Fee), fee)],
		"one price and four parts of a floor of 0.01 OPEN each"
	);
	let mut seated = committee.clone();
	seated.sort();
	assert_eq!(seated, WORKERS, "all that serve are needed");

	// the last seat sees things a little differently, within the tolerance
	let [c0, c1, c2] = stage.contributions;
	let agreed = report(job, &[(c0, 500_000), (c1, 250_000), (c2, 100_000)]);
	let close = report(job, &[(c0, 500_500), (c1, 250_000), (c2, 100_000)]);
	let [a, b, c] = [committee[0], committee[1], committee[2]];
	stage.answer(job, &[(a, agreed.clone()), (b, agreed.clone()), (c, close)]);

	// 10 OPEN + 7 are split 50/20/15/5/10; of what is left by rounding down, the treasury's 0.7 and
	// the contributors' 0.5 get one planck each. A third of 1.5 OPEN + 1 is 0.5 OPEN; a third of 0.5
	// OPEN is rounded down.
	let seat = OPEN / 2 + OPEN / 100;
	let stake = 166_666_666_666_666_666;
	let unattributed = 3 * OPEN / 4 + 1;
	let for_treasury = OPEN + 1 + OPEN / 100 + unattributed + 1 + 2;
	let expected = vec![
		payout(CONTRIBUTORS[0], Part::Contribution(c0), 5 * OPEN / 2 + 2),
		payout(CONTRIBUTORS[1], Part::Contribution(c1), 5 * OPEN / 4 + 1),
		payout(CONTRIBUTORS[2], Part::Contribution(c2), OPEN / 2),
		payout(BUILDER, Part::Model(stage.base), 2 * OPEN + 1),
		payout(a, Part::Worker, seat),
		payout(a, Part::Delegators, stake),
		payout(b, Part::Worker, seat),
		payout(b, Part::Delegators, stake),
		payout(c, Part::Worker, seat),
		payout(c, Part::Delegators, stake),
		Payout { account: treasury(), part: Part::Treasury, amount: for_treasury },
	];
	let receipt = stage.receipt(job);
	assert_eq!(receipt.payouts.to_vec(), expected);
	assert_eq!(expected.iter().map(|p| p.amount).sum::<Balance>(), fee);
	assert_eq!((receipt.fee, receipt.spent), (fee, fee));
	assert_eq!(receipt.outcome, Outcome::Answered);
	assert_eq!(receipt.answer, agreed.answer);
	assert_eq!(receipt.unattributed, unattributed);
	assert_eq!(
		receipt.influence.to_vec(),
		[(c0, Ppm(500_000)), (c1, Ppm(250_000)), (c2, Ppm(100_000))],
		"the median of each"
	);
	assert!(receipt.seats.iter().all(|seat| seat.paid));
	assert_eq!(receipt.settled_at, stage.chain.height(), "in the block of the last reveal");
	assert_eq!(receipt.settled_at - receipt.requested_at, 5, "3 for chance, 2 for the committee");

	let id = stage.chain.query(|| Attribution::receipt_id(job)).unwrap();
	let published = stage.chain.event(|event| match event {
		RuntimeEvent::Attribution(openledger_attribution::Event::Settled { receipt, .. }) => {
			Some(receipt)
		}
		_ => None,
	});
	assert_eq!(id, published, "whoever saw the event can check the receipt");
	assert_eq!(stage.chain.holds().get(&account(CALLER)), None, "nothing stays held");

	// before the window is over there is nothing to claim, after it there is all of it
	let nothing = openledger_attribution::Error::<Runtime>::NothingToClaim;
	assert_eq!(stage.chain.send(BYSTANDER, claim_for(BUILDER)), Err(nothing.into()));
	assert_eq!(stage.chain.query(|| Attribution::pending(&account(BUILDER))), 2 * OPEN + 1);
	stage.mature();
	assert_eq!(stage.chain.query(|| Attribution::claimable(&account(BUILDER))), 2 * OPEN + 1);
	let claims = earners.iter().filter(|who| **who != CALLER);
	stage.chain.all_succeed(claims.map(|who| (BYSTANDER, claim_for(who))).collect());

	for worker in WORKERS {
		let pools = stage.chain.query(|| Staking::pools_of(&account(worker)));
		let reward: Balance = pools.iter().map(|pool| pool.reward).sum();
		assert_eq!(reward, stake, "nobody delegates to {worker}, so it is its own");
	}
	for (who, before) in before {
		let earned = expected.iter().filter(|p| claimed_by(p, who)).map(|p| p.amount);
		let spent = if who == CALLER { fee + fees_of_request } else { 0 };
		let after = stage.chain.total(&account(who));
		assert_eq!(after, before + earned.sum::<Balance>() - spent, "{who}");
	}
	let fees = stage.chain.fees - fees_before;
	assert_eq!(stage.chain.total(&treasury()), treasury_before + for_treasury + fees);
	assert_eq!(stage.chain.everything_adds_up().owed, 0, "the pot keeps its deposit only");
}

#[test]
fn one_seat_answers_for_an_adapter_and_the_base_is_paid_first() {
	let mut stage = Stage::set();
	let people = [CONTRIBUTORS.as_slice(), &WORKERS, &[BUILDER]].concat();
	let before = balances(&mut stage.chain, &people);
	let (job, committee) = stage.draw(stage.adapter, 1);
	let [worker] = committee[..] else { panic!("one seat, not {committee:?}") };
	let [c0, _, c2] = stage.contributions;
	stage.answer(job, &[(worker, report(job, &[(c0, 333_333), (c2, 666_667)]))]);

	// the price is 0, so the least data fee of 1 OPEN + 1 makes the net: twice that. Rounding leaves
	// one planck, which the models' 0.4 gets. The base's tenth is rounded down.
	let fee = 2 * (OPEN + 1) + 2 * OPEN / 100;
	let expected = vec![
		payout(CONTRIBUTORS[0], Part::Contribution(c0), 333_333 * OPEN / 1_000_000),
		payout(CONTRIBUTORS[2], Part::Contribution(c2), 666_667 * OPEN / 1_000_000),
		payout(BUILDER, Part::Model(stage.base), 4 * OPEN / 100),
		payout(OWNER, Part::Model(stage.adapter), 36 * OPEN / 100 + 1),
		payout(worker, Part::Worker, 31 * OPEN / 100),
		payout(worker, Part::Delegators, OPEN / 10),
		Payout { account: treasury(), part: Part::Treasury, amount: OPEN / 5 + OPEN / 100 + 1 },
	];
	let receipt = stage.receipt(job);
	assert_eq!(receipt.payouts.to_vec(), expected);
	assert_eq!((receipt.fee, receipt.spent, receipt.unattributed), (fee, fee, 1));

	stage.mature();
	let owner_before = stage.chain.total(&account(OWNER));
	let claims = people
		.iter()
		.chain(&[OWNER])
		.filter(|who| expected.iter().any(|payout| payout.account == account(who)));
	stage.chain.all_succeed(claims.map(|who| (BYSTANDER, claim_for(who))).collect());
	for (who, before) in before.into_iter().chain([(OWNER, owner_before)]) {
		let earned = expected.iter().filter(|p| claimed_by(p, who)).map(|p| p.amount);
		assert_eq!(stage.chain.total(&account(who)), before + earned.sum::<Balance>(), "{who}");
	}
	assert_eq!(stage.chain.everything_adds_up().owed, 0);
}

#[test]
fn an_earner_claims_for_itself() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 1);
	stage.answer(job, &[(committee[0], report(job, &[]))]);
	stage.mature();
	let (before, fees) = (stage.chain.total(&account(BUILDER)), stage.chain.fees);
	stage.chain.send(BUILDER, openledger_attribution::Call::claim {}).unwrap();
	let paid = stage.chain.fees - fees;
	assert_eq!(stage.chain.total(&account(BUILDER)), before + 2 * OPEN + 1 - paid);
	let again = stage.chain.send(BUILDER, openledger_attribution::Call::claim {});
	let nothing = openledger_attribution::Error::<Runtime>::NothingToClaim;
	assert_eq!(again, Err(nothing.into()));
}

#[test]
fn a_liar_and_an_outlier_earn_nothing_and_the_treasury_gets_their_pay() {
	let mut stage = Stage::set();
	let [c0, c1, _] = stage.contributions;
	let (job, committee) = stage.draw(stage.base, 3);
	let honest = report(job, &[(c0, 600_000)]);
	let mut lie = honest.clone();
	lie.answer = 4u32.to_le_bytes().to_vec().try_into().unwrap();
	let answers = [(committee[0], lie), (committee[1], honest.clone()), (committee[2], honest)];
	stage.answer(job, &answers);
	let receipt = stage.receipt(job);
	assert_eq!(receipt.outcome, Outcome::Answered);
	let paid = |receipt: &openledger_attribution::types::Receipt<AccountId>| {
		receipt.seats.iter().map(|seat| seat.paid).collect::<Vec<_>>()
	};
	assert_eq!(paid(&receipt), [false, true, true]);
	assert!(receipt.payouts.iter().all(|payout| payout.account != account(committee[0])));
	assert_eq!(receipt.payouts.iter().map(|p| p.amount).sum::<Balance>(), receipt.fee);

	// the right answer, but credit for a friend: half the distance is 300,000 ppm
	let (job, committee) = stage.draw(stage.base, 3);
	let honest = report(job, &[(c0, 600_000)]);
	let outlier = report(job, &[(c0, 300_000), (c1, 300_000)]);
	let answers = [(committee[0], honest.clone()), (committee[1], outlier), (committee[2], honest)];
	stage.answer(job, &answers);
	let receipt = stage.receipt(job);
	assert_eq!(paid(&receipt), [true, false, true]);
	assert_eq!(receipt.influence.to_vec(), [(c0, Ppm(600_000))]);
}

#[test]
fn a_sleeping_seat_holds_nobody_up_for_longer_than_the_deadlines() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 3);
	let answer = report(job, &[]);
	let awake = [(committee[0], answer.clone()), (committee[1], answer)];
	stage.commit_to(job, &awake);
	let round = stage.chain.query(|| Attribution::round_of(job)).unwrap();
	stage.chain.skip(round.deadline + 1 - stage.chain.height());
	stage.reveal(job, &awake);
	let receipt = stage.receipt(job);
	assert_eq!(receipt.outcome, Outcome::Answered);
	let paid: Vec<_> = receipt.seats.iter().map(|seat| seat.paid).collect();
	assert_eq!(paid, [true, true, false]);
}

#[test]
fn a_report_is_worth_more_to_the_pool_than_any_tip_and_is_held_once() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 1);
	let answer = report(job, &[]);
	let commitment = answer.commitment(&SALT, &account(committee[0]));
	let first = stage.chain.commit(job, committee[0], commitment);
	let again = stage.chain.commit(job, committee[0], commitment);
	assert_ne!(first, again, "sr25519 signs differently each time");
	let (first, again) = (stage.chain.validate(first), stage.chain.validate(again));
	let (first, again) = (first.unwrap(), again.unwrap());
	assert_eq!(first.provides, again.provides, "one job, worker and phase: one place in the pool");
	assert!(first.propagate);
	let ordinary = stage.chain.signed(vec![(CALLER, request(stage.base, 100 * OPEN, 1))]);
	let ordinary = stage.chain.validate(ordinary[0].clone()).unwrap();
	assert!(first.priority > ordinary.priority);
	assert!(first.longevity < ordinary.longevity);
}

#[test]
fn an_answer_that_is_inline_names_no_blob_and_receipts_are_pruned_in_time() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 1);
	let mut answer = report(job, &[]);
	answer.output = Some(BlobId([9; 32]));
	stage.commit_to(job, &[(committee[0], answer.clone())]);
	let reveal = stage.chain.reveal(job, committee[0], answer, SALT);
	let unexpected = openledger_attribution::Rejection::UnexpectedOutput;
	assert_eq!(stage.chain.refused(reveal), unexpected.into());

	let (job, committee) = stage.draw(stage.base, 1);
	stage.answer(job, &[(committee[0], report(job, &[]))]);
	stage.mature();
	let expiring: Vec<_> = stage
		.chain
		.query(|| openledger_attribution::ExpiringItems::<Runtime>::iter_values().collect());
	let expected = stage.chain.height() + 43_200;
	assert_eq!(expiring.iter().map(|due| (due.job, due.at)).collect::<Vec<_>>(), [(job, expected)]);
}
