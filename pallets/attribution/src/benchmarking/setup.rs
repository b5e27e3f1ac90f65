//! Jobs, rounds and receipts as large as they may be.

use crate::{
	types::{
		Outcome, Part, Payout, Receipt, Round, Seat, SeatKind, SettledSeat, MAX_AUDIT_SEATS,
		MAX_RECEIPT_SEATS,
	},
	Assignments, Config, Pallet, Rounds, SettledRounds,
};
use alloc::{vec, vec::Vec};
use openledger_primitives::{
	fixtures::{BondFixtures, ChanceFixtures, JobFixtures, ModelFixtures},
	traits::{Jobs, Misconduct, Role, MAX_DISPUTE_SEATS, MAX_SEATS},
	worker::{Phase, WorkerSignature},
	Balance, BlockNumber, ContributionId, InfluenceVector, JobId, ModelId, Ppm, Report, Task,
	WorkerKey, MAX_ANSWER, MAX_INFLUENCE, OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::account,
	frame_support::traits::fungible::{Inspect, Mutate},
	frame_system, sp_application_crypto, sp_core, sp_runtime,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::BoundedVec;

pub(super) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// The runtime's pallets, as far as benchmarks set them up.
pub trait Fixtures:
	Config<
	Jobs: JobFixtures<AccountIdOf<Self>>,
	Models: ModelFixtures,
	Bonding: BondFixtures<AccountIdOf<Self>>,
	Chance: ChanceFixtures,
>
{
}

impl<T> Fixtures for T where
	T: Config<
		Jobs: JobFixtures<AccountIdOf<T>>,
		Models: ModelFixtures,
		Bonding: BondFixtures<AccountIdOf<T>>,
		Chance: ChanceFixtures,
	>
{
}

/// The block of every benchmark.
pub(super) const NOW: BlockNumber = 10_000;
/// More than any disputer needs, in planck.
pub(super) const WEALTH: Balance = 1_000_000 * OPEN;
/// Above every bond at genesis: who has it enters a full role. Planck.
const BOND: Balance = 10_000_000 * OPEN;

const SALT: [u8; 32] = [6; 32];

pub(super) fn go_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
}

/// Who sits in place `index` of committee and audit, or of a dispute's committee after them.
pub(super) fn member<T: Config>(index: u32) -> AccountIdOf<T> {
	account("worker", index, 0)
}

/// A bonded worker with delegations.
pub(super) fn bonded<T: Fixtures>(index: u32) -> AccountIdOf<T> {
	let who = member::<T>(index);
	T::Bonding::bond(Role::Worker, &who, BOND);
	T::Bonding::delegate(Role::Worker, &account("delegator", index, 0), &who, BOND);
	who
}

/// A job of the costliest model whose committee was drawn, and the contributions that may be paid.
pub(super) fn job<T: Fixtures>() -> (JobId, ModelId, Vec<ContributionId>) {
	go_to::<T>(NOW);
	let (model, contributions) = T::Models::deepest_model();
	let job = T::Jobs::drawn_job(model, &account("caller", 0, 0), MAX_SEATS as u8);
	(job, model, contributions)
}

/// The longest report with this answer, on these contributions alike.
pub(super) fn report(job: JobId, answer: u8, contributions: &[ContributionId]) -> Report {
	let share = Ppm(Ppm::ONE.0 / MAX_INFLUENCE);
	let influence: Vec<_> = contributions.iter().map(|id| (*id, share)).collect();
	Report {
		job,
		answer: BoundedVec::truncate_from(vec![answer; MAX_ANSWER as usize]),
		output: None,
		query_features: [8; 32],
		engine_version: 1,
		influence: InfluenceVector::truncate_from(influence),
	}
}

/// What seats of this round did so far, in the order of seats.
#[derive(Clone, Copy)]
pub(super) enum Did {
	/// Nothing.
	Nothing,
	/// Committed to its report.
	Committed,
	/// Revealed its report.
	Revealed,
}

fn seat<T: Config>(index: u32, kind: SeatKind, report: &Report, did: Did) -> Seat<AccountIdOf<T>> {
	let worker = member::<T>(index);
	let commitment = match did {
		Did::Nothing => None,
		_ => Some(report.commitment(&SALT, &worker)),
	};
	let revealed = matches!(did, Did::Revealed).then(|| report.clone());
	Seat { worker, kind, commitment, report: revealed }
}

/// A round of `job` with these seats, and its entries in state.
fn open<T: Config>(
	job: JobId,
	phase: Phase,
	seats: Vec<Seat<AccountIdOf<T>>>,
) -> Round<AccountIdOf<T>> {
	let request_hash = T::Jobs::job(job).expect("the job is known").request_hash;
	let (deadline, frozen) = Pallet::<T>::deadline_after(100);
	let round = Round {
		phase,
		closed: true,
		assigned_at: NOW,
		deadline,
		frozen,
		request_hash,
		engine_version: 1,
		task: Task::Classify,
		seats: seats.try_into().expect("as many seats as a round has"),
	};
	Rounds::<T>::insert(job, &round);
	round.seats.iter().for_each(|seat| Assignments::<T>::insert(&seat.worker, job, ()));
	round
}

/// The largest committee with the largest audit: the last `late` auditors did `last`, all others have
/// done what `phase` asks for. `Commit` means that the audit commits.
pub(super) fn audited<T: Config>(
	phase: Phase,
	report: &Report,
	late: u32,
	last: Did,
) -> Round<AccountIdOf<T>> {
	let done = match phase {
		Phase::Commit => Did::Committed,
		Phase::Reveal => Did::Revealed,
	};
	let all = MAX_SEATS + MAX_AUDIT_SEATS;
	let seats = (0..all).map(|index| {
		let kind = if index < MAX_SEATS { SeatKind::Committee } else { SeatKind::Audit };
		seat::<T>(index, kind, report, if index < all - late { done } else { last })
	});
	open::<T>(report.job, phase, seats.collect())
}

/// The largest committee, all of which committed, without an audit.
pub(super) fn committed<T: Config>(report: &Report) -> Round<AccountIdOf<T>> {
	let seats = (0..MAX_SEATS)
		.map(|index| seat::<T>(index, SeatKind::Committee, report, Did::Committed))
		.collect();
	let mut round = open::<T>(report.job, Phase::Commit, seats);
	round.closed = false;
	round
}

/// The largest committee of a dispute, which revealed `report`.
pub(super) fn disputed<T: Config>(report: &Report) -> Round<AccountIdOf<T>> {
	let first = MAX_SEATS + MAX_AUDIT_SEATS;
	let seats = (first..first + MAX_DISPUTE_SEATS)
		.map(|index| seat::<T>(index, SeatKind::Dispute, report, Did::Revealed))
		.collect();
	open::<T>(report.job, Phase::Reveal, seats)
}

/// A job that the largest committee and audit settled, and the contributions that may be paid.
pub(super) fn settled<T: Fixtures>() -> (JobId, ModelId, Vec<ContributionId>) {
	let (job, model, contributions) = job::<T>();
	let round = audited::<T>(Phase::Reveal, &report(job, 1, &contributions), 0, Did::Revealed);
	Pallet::<T>::settle(job, round).expect("settled");
	(job, model, contributions)
}

/// What the worker in place `index` signs with, and its signature of `content`.
pub(super) fn sign<T: Fixtures>(
	index: u32,
	round: &Round<AccountIdOf<T>>,
	phase: Phase,
	job: JobId,
	content: &[u8],
) -> WorkerSignature {
	let key = WorkerKey::generate_pair(None);
	T::Bonding::set_worker_key(&member::<T>(index), &key);
	let payload = Pallet::<T>::payload(round, phase, job, content);
	key.sign(&payload).expect("the key is in the keystore")
}

/// A signature that dispatch does not look at.
pub(super) fn any_signature() -> WorkerSignature {
	sp_core::sr25519::Signature::from_raw([0; 64]).into()
}

/// The salt of every report.
pub(super) fn salt() -> [u8; 32] {
	SALT
}

/// Puts `amount` planck into the pot, besides the existential deposit.
pub(super) fn fill_pot<T: Config>(amount: Balance) {
	let least = T::Currency::minimum_balance();
	T::Currency::mint_into(&Pallet::<T>::pot(), amount.saturating_add(least)).expect("minted");
	crate::Owed::<T>::mutate(|owed| *owed = owed.saturating_add(amount));
}

/// The largest receipt with these payouts, the first `faulty` of whose seats did not commit.
pub(super) fn receipt<T: Config>(
	payouts: Vec<Payout<AccountIdOf<T>>>,
	faulty: u32,
) -> Receipt<AccountIdOf<T>> {
	let seats: Vec<_> = (0..MAX_RECEIPT_SEATS)
		.map(|index| SettledSeat {
			worker: member::<T>(index),
			kind: SeatKind::Dispute,
			paid: index >= faulty,
			fault: (index < faulty).then_some(Misconduct::NotCommitted),
		})
		.collect();
	let ids: Vec<_> = (0..u64::from(MAX_INFLUENCE)).map(ContributionId).collect();
	let Report { answer, output, influence, .. } = report(JobId(0), 1, &ids);
	Receipt {
		model: ModelId(0),
		caller: account("caller", 0, 0),
		request_hash: [2; 32],
		answer,
		output,
		outcome: Outcome::Answered,
		influence,
		fee: WEALTH,
		spent: WEALTH,
		unattributed: 0,
		seats: seats.try_into().expect("as many seats as a receipt has"),
		payouts: payouts.try_into().expect("no more payouts than a receipt has"),
		requested_at: 0,
		settled_at: 1,
		matures_at: NOW,
		frozen: 0,
		dispute: None,
	}
}

/// Closed jobs of different models whose receipts pay `accounts` accounts among them, all but the first
/// receipt at least one; the first pays treasury and stake too.
pub(super) fn receipts<T: Fixtures>(
	receipts: u32,
	accounts: u32,
) -> Vec<(JobId, Receipt<AccountIdOf<T>>)> {
	go_to::<T>(NOW);
	let caller = account("caller", 0, 0);
	let any_job = T::Jobs::closed_job(ModelId(0), &caller);
	let ids: Vec<_> = (0..u64::from(MAX_INFLUENCE)).map(ContributionId).collect();
	let round = audited::<T>(Phase::Reveal, &report(any_job, 1, &ids), 0, Did::Revealed);
	let pay = |account: AccountIdOf<T>, part| Payout { account, part, amount: OPEN };
	let worker = bonded::<T>(0);
	(0..receipts)
		.map(|index| {
			let mut payouts: Vec<_> = (index..accounts.max(index.saturating_add(1)))
				.step_by(receipts as usize)
				.map(|payee| payee.min(accounts.saturating_sub(1)))
				.map(|payee| pay(account("payee", payee, 0), Part::Worker))
				.collect();
			if index == 0 {
				payouts.push(pay(worker.clone(), Part::Delegators));
				payouts.push(pay(account("treasury", 0, 0), Part::Treasury));
			}
			let job = T::Jobs::closed_job(ModelId(index + 1), &caller);
			SettledRounds::<T>::insert(job, &round);
			(job, receipt::<T>(payouts, 0))
		})
		.collect()
}
