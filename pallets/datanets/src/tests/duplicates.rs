use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{
	merkle::Hash, traits::Datanets as _, Balance, ContributionId, DatanetId, DatanetVersion, Ppm,
	OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, TokenError},
};

/// 2,000 bytes start two KiB.
const BOND: Balance = 10 * OPEN + 2 * OPEN / 100;

fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

fn bond_of(id: ContributionId) -> Balance {
	Contributions::<Test>::get(id).unwrap().bond
}

fn state(id: ContributionId) -> ContributionState {
	Contributions::<Test>::get(id).unwrap().state
}

fn withdraw(who: AccountId, id: ContributionId) -> Result<(), DispatchError> {
	Datanets::withdraw_duplicate(RuntimeOrigin::signed(who), id)
}

/// ALICE's forty records, accepted, and BOB's forty, of which the last ten are hers.
struct Copied {
	original: ContributionId,
	copy: ContributionId,
	hers: Vec<Hash>,
	his: Vec<Hash>,
}

impl Copied {
	fn new() -> Self {
		create();
		let (hers, his) = (records(0..40), records(30..70));
		let his = his[10..].iter().chain(&his[..10]).copied().collect::<Vec<_>>();
		let original = accept_records(ALICE, &hers);
		let copy = accept_records(BOB, &his);
		Self { original, copy, hers, his }
	}

	/// Evidence for records number `from` to `to` − 1 of the ten.
	fn evidence(&self, from: usize, to: usize) -> Evidence {
		let shared = &self.his[30..][from..to];
		evidence((BOB, &self.his), (ALICE, &self.hers), shared)
	}

	fn commit(&self, prover: AccountId) {
		commit_duplicate(prover, self.copy, self.original);
	}

	fn prove(&self, prover: AccountId, from: usize, to: usize) -> Result<(), DispatchError> {
		prove(prover, self.copy, self.original, self.evidence(from, to))
	}

	fn committed(prover: AccountId) -> Self {
		let copied = Self::new();
		copied.commit(prover);
		run_to(now() + small().proof_delay);
		copied
	}
}

#[test]
fn a_proven_duplicate_is_struck_out_and_pays_in_proportion() {
	test(|| {
		let copied = Copied::committed(CAROL);
		let (alice, carol, treasury) = (free(ALICE), free(CAROL), free(TREASURY));
		let version = crate::Datanets::<Test>::get(NET).unwrap().version;
		// a quarter of forty: ten
		assert_ok!(copied.prove(CAROL, 0, 10));

		let penalty = BOND * 10 / 40;
		let reward = penalty * 3 / 10;
		let half = (penalty - reward) / 2;
		assert_eq!(free(CAROL), carol + reward);
		assert_eq!(free(ALICE), alice + half);
		assert_eq!(free(TREASURY), treasury + penalty - reward - half);
		assert_eq!(bond_of(copied.copy), BOND - penalty);
		assert_eq!(held(HoldReason::Contribution, BOB), BOND - penalty);
		assert!(events().contains(&Event::DuplicatePenalised {
			contribution: copied.copy,
			contributor: BOB,
			prover: CAROL,
			reward,
			originals: half,
			treasury: penalty - reward - half,
		}));
		assert!(events().contains(&Event::OriginalPaid {
			contribution: copied.copy,
			original: copied.original,
			contributor: ALICE,
			amount: half,
		}));

		let bond_until = now() + small().exit_window;
		let struck = ContributionState::Struck {
			acceptance: Acceptance { version: 2, leaf: 1, quality: Ppm(900_000), bytes: 2_000 },
			revocation: Revocation { version: version + 1, bond_until },
			strike: Strike { bond: BOND, proven: 10 },
		};
		assert_eq!(state(copied.copy), struck);
		let latest = Versions::<Test>::get(NET, version + 1).unwrap();
		assert_eq!((latest.accepted, latest.removed, latest.records), (2, 1, 40));
		let at = [DatanetVersion { datanet: NET, version }];
		assert_eq!(Datanets::payee(copied.copy, &at), None);
		assert_eq!(Datanets::payee(copied.original, &at), Some(ALICE));
		assert!(Roots::<Test>::contains_key(Contributions::<Test>::get(copied.copy).unwrap().root));
		// curators cannot have every original at hand
		assert_eq!(penalties(), []);

		let revoke = Datanets::revoke(RuntimeOrigin::signed(BOB), copied.copy);
		assert_eq!(revoke, Err(Error::<Test>::NotAccepted.into()));
		let release = || Datanets::release_bond(RuntimeOrigin::signed(BOB), copied.copy);
		assert_noop!(release(), Error::<Test>::ExitWindowOpen);
		run_to(bond_until);
		assert_ok!(release());
		assert_eq!(held(HoldReason::Contribution, BOB), 0);
	});
}

#[test]
fn below_the_threshold_nothing_happens_until_calls_add_up() {
	test(|| {
		let copied = Copied::committed(CAROL);
		assert_ok!(copied.prove(CAROL, 0, 4));
		assert_ok!(copied.prove(CAROL, 4, 9));
		assert!(matches!(state(copied.copy), ContributionState::Accepted(_)));
		assert_eq!(bond_of(copied.copy), BOND);
		assert_eq!(
			events().last(),
			Some(&Event::DuplicatesProven {
				contribution: copied.copy,
				original: copied.original,
				prover: CAROL,
				records: 5,
				proven: 9,
			})
		);
		assert_ok!(copied.prove(CAROL, 9, 10));
		assert!(matches!(state(copied.copy), ContributionState::Struck { .. }));
		assert_eq!(bond_of(copied.copy), BOND - BOND / 4);
	});
}

#[test]
fn no_record_counts_twice() {
	test(|| {
		let copied = Copied::committed(CAROL);
		assert_ok!(copied.prove(CAROL, 0, 4));
		let out_of_order = Error::<Test>::EvidenceOutOfOrder;
		assert_noop!(copied.prove(CAROL, 0, 4), out_of_order);
		let out_of_order = Error::<Test>::EvidenceOutOfOrder;
		assert_noop!(copied.prove(CAROL, 3, 6), out_of_order);
		let mut twice = copied.evidence(4, 6).into_inner();
		twice[1] = twice[0].clone();
		let twice = Evidence::try_from(twice).unwrap();
		let proven = prove(CAROL, copied.copy, copied.original, twice);
		assert_noop!(proven, Error::<Test>::EvidenceOutOfOrder);
	});
}

#[test]
fn evidence_has_to_hold_in_both_contributions() {
	test(|| {
		let copied = Copied::committed(CAROL);
		let attempt = |change: &dyn Fn(&mut SharedRecord)| {
			let mut evidence = copied.evidence(0, 2).into_inner();
			change(&mut evidence[1]);
			prove(CAROL, copied.copy, copied.original, evidence.try_into().unwrap())
		};
		let wrong = |change: &dyn Fn(&mut SharedRecord)| {
			assert_noop!(attempt(change), Error::<Test>::EvidenceWrong);
		};
		wrong(&|shared| shared.record = [9; 32]);
		wrong(&|shared| shared.copy.index += 1);
		wrong(&|shared| shared.copy.index = 99);
		wrong(&|shared| shared.original.index += 1);
		wrong(&|shared| shared.copy.siblings[0] = [9; 32]);
		wrong(&|shared| shared.original.siblings[0] = [9; 32]);
		wrong(&|shared| shared.copy.siblings.truncate(1));
		wrong(&|shared| shared.copy.siblings.try_push([9; 32]).unwrap());
		let nothing = prove(CAROL, copied.copy, copied.original, Evidence::default());
		assert_noop!(nothing, Error::<Test>::EvidenceMissing);
		assert_ok!(attempt(&|_| ()));
	});
}

#[test]
fn a_proof_is_committed_to_first() {
	test(|| {
		let copied = Copied::new();
		assert_noop!(copied.prove(CAROL, 0, 1), Error::<Test>::ProofNotCommitted);
		copied.commit(CAROL);
		assert_eq!(held(HoldReason::Record, CAROL), RECORD_DEPOSIT);
		assert_noop!(copied.prove(CAROL, 0, 1), Error::<Test>::ProofTooEarly);
		run_to(now() + small().proof_delay - 1);
		assert_noop!(copied.prove(CAROL, 0, 1), Error::<Test>::ProofTooEarly);
		next_block();
		// who sees the proof cannot prove it faster, nor with the commitment
		let copied_commitment = duplicate_commitment(copied.copy, copied.original, &SALT, &CAROL);
		let origin = RuntimeOrigin::signed(15);
		assert_ok!(Datanets::commit_duplicate(origin, copied.copy, copied_commitment));
		run_to(now() + small().proof_delay);
		assert_noop!(copied.prove(15, 0, 1), Error::<Test>::CommitmentMismatch);
		let other = prove(CAROL, copied.copy, ContributionId(77), copied.evidence(0, 1));
		assert_noop!(other, Error::<Test>::CommitmentMismatch);
		assert_ok!(copied.prove(CAROL, 0, 1));
	});
}

#[test]
fn an_impossible_commitment_is_refused() {
	test(|| {
		let copied = Copied::new();
		let commit =
			|who, id, n| Datanets::commit_duplicate(RuntimeOrigin::signed(who), id, [n; 32]);
		assert_noop!(commit(CAROL, ContributionId(9), 1), Error::<Test>::UnknownContribution);
		for n in 0..MAX_ORIGINALS as u8 {
			assert_ok!(commit(CAROL, copied.copy, n));
		}
		assert_eq!(held(HoldReason::Record, CAROL), RECORD_DEPOSIT);
		assert_noop!(commit(CAROL, copied.copy, 99), Error::<Test>::TooManyOriginals);
		assert_noop!(commit(77, copied.copy, 1), TokenError::FundsUnavailable);
	});
}

#[test]
fn an_original_is_earlier_and_stands() {
	test(|| {
		let copied = Copied::new();
		let attempt = |copy, original, evidence| {
			commit_duplicate(CAROL, copy, original);
			run_to(now() + small().proof_delay);
			prove(CAROL, copy, original, evidence)
		};
		// the later cannot strike out the earlier
		let backwards = evidence((ALICE, &copied.hers), (BOB, &copied.his), &copied.hers[30..31]);
		let refused = Err(Error::<Test>::NotAnOriginal.into());
		assert_eq!(attempt(copied.original, copied.copy, backwards), refused);
		assert_eq!(attempt(copied.copy, ContributionId(99), copied.evidence(0, 1)), refused);
		assert_eq!(attempt(copied.copy, copied.copy, copied.evidence(0, 1)), refused);

		// what is struck out is nobody's original
		copied.commit(15);
		run_to(now() + small().proof_delay);
		assert_ok!(copied.prove(15, 0, 10));
		let third = accept_records(CAROL, &copied.his[5..]);
		let again = evidence((CAROL, &copied.his[5..]), (BOB, &copied.his), &copied.his[5..6]);
		assert_eq!(attempt(third, copied.copy, again), refused);

		// nor what is under review
		let pending = offer(BOB, NET, &records(100..110));
		let same = offer(ALICE, NET, &records(100..110));
		let (shared, all) = (records(100..101), records(100..110));
		let again = evidence((ALICE, &all), (BOB, &all), &shared);
		assert_eq!(attempt(same, pending, again), refused);
	});
}

#[test]
fn a_revoked_contribution_is_an_original_still() {
	test(|| {
		let copied = Copied::committed(CAROL);
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(ALICE), copied.original));
		assert_ok!(copied.prove(CAROL, 0, 10));
		assert!(matches!(state(copied.copy), ContributionState::Struck { .. }));
	});
}

#[test]
fn duplicates_are_found_across_datanets() {
	test(|| {
		create();
		create();
		let all = records(0..8);
		let original = accept_records(ALICE, &all);
		let copy = offer(BOB, DatanetId(1), &all);
		run_to(now() + DRAW_DELAY + 1);
		judge_finally(copy, [accepting(); 3]);
		commit_duplicate(CAROL, copy, original);
		run_to(now() + small().proof_delay);
		assert_ok!(prove(CAROL, copy, original, evidence((BOB, &all), (ALICE, &all), &all)));
		assert_eq!(bond_of(copy), 0);
		assert_eq!(Versions::<Test>::get(DatanetId(1), 2).unwrap().removed, 1);
		assert_eq!(crate::Datanets::<Test>::get(NET).unwrap().version, 1);
	});
}

#[test]
fn what_is_under_review_is_rejected() {
	for drawn in [false, true] {
		test(|| {
			create();
			let all = records(0..8);
			let original = accept_records(ALICE, &all);
			let before = free(BOB);
			let copy = offer(BOB, NET, &all);
			if drawn {
				run_to(now() + DRAW_DELAY + 1);
			}
			commit_duplicate(CAROL, copy, original);
			run_to(now() + small().proof_delay);
			let shared = evidence((BOB, &all), (ALICE, &all), &all[..2]);
			assert_ok!(prove(CAROL, copy, original, shared));
			assert_eq!(rejection(copy), Some(RejectionReason::Duplicate));
			// a quarter of the bond, and all of the fee
			assert_eq!(fee_shares(copy), (0, OPEN + 1, 0));
			assert_eq!(free(BOB), before - (OPEN + 1) - BOND / 4);
			assert_eq!(Panels::<Test>::iter_keys().count(), 0);
			// its places in the queues are passed over
			run_to(now() + 30);
			assert_eq!(penalties(), []);
			// who proved it has its deposit back when it likes
			assert_noop!(
				prove(CAROL, copy, original, Evidence::default()),
				Error::<Test>::UnknownContribution
			);
			assert_ok!(withdraw(CAROL, copy));
			assert_eq!(held(HoldReason::Record, CAROL), 0);
		});
	}
}

#[test]
fn curators_who_judged_a_rejected_duplicate_are_paid() {
	test(|| {
		create();
		bond_others();
		let all = records(0..8);
		let original = accept_records(ALICE, &all);
		let before = free(BOB);
		let copy = offer(BOB, NET, &all);
		run_to(now() + DRAW_DELAY + 1);
		judge(copy, [accepting(); 3]);
		let judges = appealed(OWNER, copy);
		judges.iter().for_each(|who| commit(*who, copy, rejecting()));
		reveal(judges[0], copy, rejecting());
		let paid = free(judges[0]);
		commit_duplicate(CAROL, copy, original);
		run_to(now() + small().proof_delay);
		let shared = evidence((BOB, &all), (ALICE, &all), &all[..4]);
		assert_ok!(prove(CAROL, copy, original, shared));
		let share = (OPEN + 1) / 3;
		assert_eq!(appeal_shares(copy), (AppealResult::Moot, (0, 0, 10 * OPEN)));
		assert_eq!(free(OWNER), START - 100 * OPEN);
		assert_eq!(free(judges[0]), paid + share);
		assert_eq!(fee_shares(copy).2, 0);
		// what the fee lacked came from the bond
		let lacked = 4 * share - (OPEN + 1);
		assert_eq!(free(BOB), before - (OPEN + 1) - BOND / 2 - lacked);
	});
}

#[test]
fn revoked_data_stay_at_stake_for_the_exit_window() {
	test(|| {
		let copied = Copied::committed(CAROL);
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(BOB), copied.copy));
		let version = crate::Datanets::<Test>::get(NET).unwrap().version;
		let bond_until = now() + small().exit_window;
		run_to(bond_until - 1);
		assert_ok!(copied.prove(CAROL, 0, 10));
		assert_eq!(bond_of(copied.copy), BOND - BOND / 4);
		// it had left already, and its window is the same
		assert_eq!(crate::Datanets::<Test>::get(NET).unwrap().version, version);
		let revocation = Revocation { version, bond_until };
		assert_eq!(state(copied.copy).revocation(), Some(&revocation));
		next_block();
		assert_noop!(copied.prove(CAROL, 0, 1), Error::<Test>::BeyondProof);
		let commit = Datanets::commit_duplicate(RuntimeOrigin::signed(15), copied.copy, [1; 32]);
		assert_noop!(commit, Error::<Test>::BeyondProof);
		assert_ok!(Datanets::release_bond(RuntimeOrigin::signed(BOB), copied.copy));
	});
}

#[test]
fn what_is_proven_later_is_paid_for_later() {
	test(|| {
		Parameters::set(|p| p.duplicate_threshold = Ppm(100_000));
		let copied = Copied::committed(CAROL);
		copied.commit(15);
		run_to(now() + small().proof_delay);
		assert_ok!(copied.prove(CAROL, 0, 4));
		assert_eq!(bond_of(copied.copy), BOND - BOND * 4 / 40);
		assert_ok!(copied.prove(CAROL, 4, 6));
		assert_eq!(bond_of(copied.copy), BOND - BOND * 6 / 40);
		// another prover is paid for what goes beyond, whichever records it proves
		let before = free(15);
		assert_ok!(copied.prove(15, 0, 6));
		assert_eq!((free(15), bond_of(copied.copy)), (before, BOND - BOND * 6 / 40));
		assert_ok!(copied.prove(15, 6, 10));
		let more = BOND * 10 / 40 - BOND * 6 / 40;
		assert_eq!(free(15), before + more * 3 / 10);
		assert_eq!(bond_of(copied.copy), BOND - BOND / 4);
	});
}

#[test]
fn several_originals_share_by_what_is_theirs() {
	test(|| {
		create();
		let (hers, others) = (records(0..10), records(20..30));
		let first = accept_records(ALICE, &hers);
		let second = accept_records(OWNER, &others);
		let mixed: Vec<_> = [&hers[..3], &others[..1], &hers[3..4], &records(50..56)].concat();
		let copy = accept_records(BOB, &mixed);
		commit_duplicate(CAROL, copy, first);
		commit_duplicate(CAROL, copy, second);
		run_to(now() + small().proof_delay);
		let (alice, owner) = (free(ALICE), free(OWNER));
		Parameters::set(|p| p.duplicate_threshold = Ppm(400_000));
		let from_first = |shared| evidence((BOB, &mixed), (ALICE, &hers), shared);
		assert_ok!(prove(CAROL, copy, first, from_first(&hers[..3])));
		let from_second = evidence((BOB, &mixed), (OWNER, &others), &others[..1]);
		assert_ok!(prove(CAROL, copy, second, from_second));
		assert_ok!(prove(CAROL, copy, first, from_first(&hers[3..4])));
		// two fifths of eleven take all five
		let penalty = BOND * 5 / 11;
		let half = (penalty - penalty * 3 / 10) / 2;
		let (to_alice, to_owner) = (free(ALICE) - alice, free(OWNER) - owner);
		assert_eq!(to_alice + to_owner, half);
		assert!(to_owner.abs_diff(half / 5) <= 1);
	});
}

#[test]
fn who_copies_itself_or_proves_it_itself_gets_nothing_of_the_penalty() {
	test(|| {
		create();
		let all = records(0..8);
		let original = accept_records(BOB, &all);
		let mixed = [&all[..], &records(50..51)].concat();
		let copy = accept_records(BOB, &mixed);
		commit_duplicate(BOB, copy, original);
		run_to(now() + small().proof_delay);
		let (before, treasury) = (free(BOB), free(TREASURY));
		assert_ok!(prove(BOB, copy, original, evidence((BOB, &mixed), (BOB, &all), &all)));
		assert_eq!(free(BOB), before);
		assert_eq!(free(TREASURY), treasury + BOND * 8 / 9);
	});
}

#[test]
fn a_proof_can_be_ended_by_its_prover() {
	test(|| {
		let copied = Copied::committed(CAROL);
		assert_noop!(withdraw(15, copied.copy), Error::<Test>::ProofNotCommitted);
		assert_ok!(copied.prove(CAROL, 0, 4));
		let before = free(CAROL);
		assert_ok!(withdraw(CAROL, copied.copy));
		assert_eq!(free(CAROL), before + RECORD_DEPOSIT);
		assert_eq!(
			events().last(),
			Some(&Event::DuplicateWithdrawn {
				contribution: copied.copy,
				prover: CAROL,
				deposit: RECORD_DEPOSIT,
			})
		);
		assert_noop!(copied.prove(CAROL, 4, 5), Error::<Test>::ProofNotCommitted);
	});
}

#[test]
fn a_victim_that_cannot_be_paid_leaves_its_part_to_the_treasury() {
	test(|| {
		let copied = Copied::committed(CAROL);
		// shares of a few planck are below the existential deposit of a dead account
		let paid: Balance = 40;
		Contributions::<Test>::mutate(copied.copy, |c| c.as_mut().unwrap().bond = paid);
		release(BOB, BOND - paid);
		let all = free(ALICE) + held(HoldReason::Contribution, ALICE);
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(ALICE), copied.original));
		run_to(now() + small().exit_window);
		assert_ok!(Datanets::release_bond(RuntimeOrigin::signed(ALICE), copied.original));
		assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(ALICE), OWNER, false));
		let treasury = free(TREASURY);
		assert_ok!(copied.prove(CAROL, 0, 10));
		assert_eq!(free(ALICE), 0);
		assert_eq!(free(TREASURY), treasury + 7);
		assert!(all > 0);
	});
}

fn release(who: AccountId, amount: Balance) {
	use polkadot_sdk::frame_support::traits::{fungible::MutateHold, tokens::Precision};
	let reason = HoldReason::Contribution.into();
	assert_ok!(Balances::release(&reason, &who, amount, Precision::Exact));
}
