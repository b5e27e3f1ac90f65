//! Benchmarks of every call and hook, each at its costliest: the largest committee with the largest
//! audit, the longest reports, the model with the longest lineage and the most Datanets.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod setup;

use crate::{
	audit::is_chosen,
	penalties,
	rounds::Terms,
	types::{
		Decision, Due, SeatKind, MAX_AUDIT_SEATS, MAX_PAYOUTS, MAX_RECEIPT_SEATS, MAX_ROUND_SEATS,
	},
	AuditQueue, Call, Claimable, CommitQueue, Config, DisputeQueue, Disputes, Expiring, Maturing,
	Overdue, Pallet, Receipts, RevealQueue, Rounds, SettledRounds,
};
use alloc::vec::Vec;
use codec::Encode;
use openledger_primitives::{
	fixtures::{BondFixtures, ChanceFixtures, JobFixtures, ModelFixtures},
	parameters::RoundParameters,
	report::MAX_INFLUENCE,
	traits::{Clock, Datanets, Role, StakeRewards, MAX_DISPUTE_SEATS},
	worker::Phase,
	JobId, Task, OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::{
		pallet_prelude::TransactionSource,
		traits::{fungible::Mutate, Authorize, Get},
		weights::Weight,
	},
	frame_system::RawOrigin,
};
use setup::*;

/// The seat that comes last: an auditor's.
const LAST: u32 = MAX_ROUND_SEATS - 1;
/// The most workers that one draw is tried for.
const TRIES: u32 = MAX_AUDIT_SEATS;

#[benchmarks(where T: Fixtures)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn authorize_commit() -> Result<(), BenchmarkError> {
		let (job, _, contributions) = job::<T>();
		let report = report(job, 1, &contributions);
		let round = audited::<T>(Phase::Commit, &report, 1, Did::Nothing);
		let worker = member::<T>(LAST);
		let commitment = report.commitment(&salt(), &worker);
		let signature = sign::<T>(LAST, &round, Phase::Commit, job, &commitment.encode());
		let call = Call::<T>::commit { job, worker, commitment, signature };

		#[block]
		{
			call.authorize(TransactionSource::External).ok_or("commitments are authorized")??;
		}
		Ok(())
	}

	// all but the last commit
	#[benchmark]
	fn commit() {
		let (job, _, contributions) = job::<T>();
		let report = report(job, 1, &contributions);
		audited::<T>(Phase::Commit, &report, 2, Did::Nothing);
		let worker = member::<T>(LAST);

		#[extrinsic_call]
		_(RawOrigin::Authorized, job, worker.clone(), [1; 32], any_signature());

		let round = Rounds::<T>::get(job).unwrap();
		assert!(round.seat(&worker).unwrap().commitment.is_some());
		assert_eq!(round.phase, Phase::Commit);
	}

	// without an audit: then reveals open at once
	#[benchmark]
	fn close_commits() {
		let (job, _, contributions) = job::<T>();
		let round = committed::<T>(&report(job, 1, &contributions));
		let rate = Pallet::<T>::parameters().audit_rate;
		let seed = (0..u8::MAX).map(|byte| [byte; 32]).find(|seed| !is_chosen(seed, job, rate));
		T::Chance::set_seed(NOW, seed.expect("not every job is audited"));

		#[block]
		{
			Pallet::<T>::close_commits(job, round).expect("there is room");
			Pallet::<T>::decide_audits();
		}

		assert_eq!(Rounds::<T>::get(job).unwrap().phase, Phase::Reveal);
	}

	#[benchmark]
	fn authorize_reveal() -> Result<(), BenchmarkError> {
		let (job, _, contributions) = job::<T>();
		let report = report(job, 1, &contributions);
		let round = audited::<T>(Phase::Reveal, &report, 1, Did::Committed);
		let worker = member::<T>(LAST);
		let salt = salt();
		let signature = sign::<T>(LAST, &round, Phase::Reveal, job, &(&report, &salt).encode());
		let call = Call::<T>::reveal { job, worker, report, salt, signature };

		#[block]
		{
			call.authorize(TransactionSource::External).ok_or("reports are authorized")??;
		}
		Ok(())
	}

	// all but the last report
	#[benchmark]
	fn reveal() {
		let (job, _, contributions) = job::<T>();
		let report = report(job, 1, &contributions);
		audited::<T>(Phase::Reveal, &report, 2, Did::Committed);
		let worker = member::<T>(LAST);

		#[extrinsic_call]
		_(RawOrigin::Authorized, job, worker.clone(), report, salt(), any_signature());

		assert!(Rounds::<T>::get(job).unwrap().seat(&worker).unwrap().report.is_some());
	}

	#[benchmark]
	fn settle(c: Linear<0, { MAX_INFLUENCE }>) {
		let (job, _, contributions) = job::<T>();
		let report = report(job, 1, &contributions[..c as usize]);
		let round = audited::<T>(Phase::Reveal, &report, 0, Did::Revealed);

		#[block]
		{
			Pallet::<T>::settle(job, round).expect("settled");
		}

		assert_eq!(Receipts::<T>::get(job).unwrap().influence.len() as u32, c);
	}

	#[benchmark]
	fn decide_stood() {
		let (job, _, contributions) = settled::<T>();
		let disputer: T::AccountId = account("disputer", 0, 0);
		T::Currency::set_balance(&disputer, WEALTH);
		Pallet::<T>::do_dispute(disputer, job).expect("disputed");
		Disputes::<T>::mutate_extant(job, |open| open.overdue = true);
		let round = disputed::<T>(&report(job, 1, &contributions));

		#[block]
		{
			Pallet::<T>::decide_dispute(job, Some(round)).expect("decided");
		}

		assert_eq!(Receipts::<T>::get(job).unwrap().dispute, Some(Decision::Stood));
	}

	#[benchmark]
	fn decide_overturned(c: Linear<0, { MAX_INFLUENCE }>) {
		let (job, _, contributions) = settled::<T>();
		let disputer: T::AccountId = account("disputer", 0, 0);
		T::Currency::set_balance(&disputer, WEALTH);
		Pallet::<T>::do_dispute(disputer, job).expect("disputed");
		Disputes::<T>::mutate_extant(job, |open| open.overdue = true);
		let round = disputed::<T>(&report(job, 2, &contributions[..c as usize]));

		#[block]
		{
			Pallet::<T>::decide_dispute(job, Some(round)).expect("decided");
		}

		assert_eq!(Receipts::<T>::get(job).unwrap().dispute, Some(Decision::Overturned));
	}

	#[benchmark]
	fn dispute() {
		let (job, ..) = settled::<T>();
		let disputer: T::AccountId = whitelisted_caller();
		T::Currency::set_balance(&disputer, WEALTH);

		#[extrinsic_call]
		_(RawOrigin::Signed(disputer), job);

		assert!(Disputes::<T>::contains_key(job));
	}

	// for an account that does not exist yet
	#[benchmark]
	fn claim() {
		let account: T::AccountId = account("payee", 0, 0);
		fill_pot::<T>(2 * OPEN);
		Claimable::<T>::insert(&account, OPEN);
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		claim_for(RawOrigin::Signed(caller), account.clone());

		assert!(!Claimable::<T>::contains_key(&account));
	}

	// nothing is due yet
	#[benchmark]
	fn on_initialize() {
		go_to::<T>(NOW);
		let later = Due { at: u32::MAX, job: JobId(0) };
		CommitQueue::<T>::push(later);
		RevealQueue::<T>::push(later);
		AuditQueue::<T>::push(later);
		DisputeQueue::<T>::push(later);
		Maturing::<T>::push(later);
		Overdue::<T>::push(later);
		Expiring::<T>::push(later);

		#[block]
		{
			Pallet::<T>::work_queues();
			Pallet::<T>::decide_audits();
		}

		assert_eq!(Maturing::<T>::len(), 1);
	}

	// of a round that goes on
	#[benchmark]
	fn pass_deadline() {
		let (job, _, contributions) = job::<T>();
		audited::<T>(Phase::Reveal, &report(job, 1, &contributions), 1, Did::Committed);
		let active = T::Clock::active_blocks();
		RevealQueue::<T>::push(Due { at: active, job });

		#[block]
		{
			Pallet::<T>::close_phases(active);
		}

		assert_eq!(RevealQueue::<T>::len(), 0);
		assert!(Rounds::<T>::contains_key(job));
	}

	// for a dispute; only the last try finds enough workers
	#[benchmark]
	fn draw(n: Linear<1, { TRIES }>) {
		let (job, model, _) = settled::<T>();
		T::Jobs::serve_fully(model);
		T::Chance::set_seed(NOW, [5; 32]);
		let disputer: T::AccountId = account("disputer", 0, 0);
		T::Currency::set_balance(&disputer, WEALTH);
		Pallet::<T>::do_dispute(disputer.clone(), job).expect("disputed");
		let mut without: Vec<_> = (0..MAX_ROUND_SEATS).map(member::<T>).collect();
		without.push(disputer);
		let sizes = (1..n).map(|_| u32::MAX).chain([MAX_DISPUTE_SEATS]);
		let tries;

		#[block]
		{
			DisputeQueue::<T>::pop().unwrap();
			Disputes::<T>::get(job).unwrap();
			let first = SettledRounds::<T>::get(job).unwrap();
			let (drawn, tried) = Pallet::<T>::draw_workers(job, NOW, sizes, &without);
			tries = tried;
			let terms = Terms {
				request_hash: first.request_hash,
				engine_version: first.engine_version,
				task: Task::Classify,
			};
			Pallet::<T>::open_round(job, terms, drawn.unwrap(), SeatKind::Dispute).expect("open");
		}

		assert_eq!(tries, n);
		assert_eq!(Rounds::<T>::get(job).unwrap().seats.len() as u32, MAX_DISPUTE_SEATS);
	}

	// treasury and stake are paid
	#[benchmark]
	fn mature(j: Linear<1, { T::MaxQueueWork::get() }>, p: Linear<1, { MAX_PAYOUTS - 2 }>) {
		let receipts = receipts::<T>(j, p);
		let active = T::Clock::active_blocks();
		for (job, receipt) in receipts {
			fill_pot::<T>(receipt.payouts.iter().map(|payout| payout.amount).sum());
			Receipts::<T>::insert(job, receipt);
			Maturing::<T>::push(Due { at: active, job });
		}

		#[block]
		{
			Pallet::<T>::mature(NOW, active, Weight::MAX);
		}

		assert_eq!(Maturing::<T>::len(), 0);
		assert_eq!(Expiring::<T>::len(), u64::from(j));
	}

	#[benchmark]
	fn reward_stake(n: Linear<1, 64>) {
		go_to::<T>(NOW);
		let workers: Vec<_> = (0..n).map(bonded::<T>).collect();

		#[block]
		{
			for worker in &workers {
				T::StakeRewards::reward(Role::Worker, worker, OPEN);
			}
		}
	}

	// all in different Datanets
	#[benchmark]
	fn note_earnings(n: Linear<1, { MAX_INFLUENCE }>) {
		go_to::<T>(NOW);
		let (_, contributions) = T::Models::deepest_model();
		let payer = account("caller", 0, 0);

		#[block]
		{
			for id in &contributions[..n as usize] {
				T::Datanets::note_earning(*id, &payer, OPEN);
			}
		}
	}

	// each slash finds the list of those that wait full, and executes the oldest
	#[benchmark]
	fn penalise(n: Linear<1, { MAX_RECEIPT_SEATS }>) {
		go_to::<T>(NOW);
		(0..n).for_each(|index| {
			bonded::<T>(index);
		});
		T::Bonding::fill_slashes(n);
		go_to::<T>(NOW);
		let receipt = receipt::<T>(Vec::new(), n);
		let parameters = penalties::ordered(RoundParameters::default());
		let penalised;

		#[block]
		{
			penalised = Pallet::<T>::penalise(JobId(0), &receipt, &parameters);
		}

		assert_eq!(penalised, n);
	}

	#[benchmark]
	fn prune(r: Linear<0, { T::MaxQueueWork::get() }>) {
		go_to::<T>(NOW);
		for job in (0..u64::from(r)).map(JobId) {
			Receipts::<T>::insert(job, receipt::<T>(Vec::new(), 0));
			Expiring::<T>::push(Due { at: NOW, job });
		}

		#[block]
		{
			Pallet::<T>::prune(NOW);
		}

		assert_eq!(Expiring::<T>::len(), 0);
	}
}
