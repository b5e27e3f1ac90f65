//! What happened in finalised blocks since this node started, as counters.

use super::{
	gauges::{counter, counters, open, open_counter, Counter, Counters, OpenCounter, OpenCounters},
	reader::Storage,
	Workers,
};
use openledger_attribution::{
	types::{Decision, Outcome},
	Event as Attribution,
};
use openledger_inference::Event as Inference;
use openledger_primitives::traits::{Misconduct, RefundReason, Role};
use openledger_runtime::{Hash, Runtime, RuntimeEvent};
use polkadot_sdk::*;
use sp_core::crypto::Ss58Codec;
use substrate_prometheus_endpoint::{self as prometheus, Opts, PrometheusError, Registry};

const OUTCOMES: [&str; 8] = [
	"answered",
	"no_committee",
	"no_answer",
	"no_majority",
	"input_unavailable",
	"model_gone",
	"value_too_high",
	"cancelled",
];
const DECISIONS: [&str; 3] = ["stood", "overturned", "undecided"];
const FAULTS: [&str; 8] = [
	"equivocation",
	"not_committed",
	"withheld",
	"outlier",
	"wrong_answer",
	"no_verdict",
	"missed_known_item",
	"overturned",
];
const DECIDED: [&str; 5] = ["approved", "rejected", "timed_out", "cancelled", "killed"];
const ROLES: [&str; 3] = ["collator", "worker", "curator"];

/// The counters.
pub struct Events {
	blocks: Counter,
	skipped: Counter,
	transactions: Counters,
	requested: Counter,
	ended: Counters,
	disputed: Counter,
	decided: Counters,
	spent: OpenCounter,
	returned: OpenCounter,
	unattributed: OpenCounter,
	claimed: OpenCounter,
	faults: Counters,
	slashed: OpenCounters,
	offences: Counter,
	referenda: Counters,
	reports: Counters,
	worker_faults: Counters,
}

impl Events {
	/// Registers them.
	pub fn register(r: &Registry) -> Result<Self, PrometheusError> {
		let results = ["succeeded", "failed"];
		Ok(Self {
			blocks: counter(
				r,
				"openledger_finalised_blocks_total",
				"Finalised blocks whose events were counted since this node started",
			)?,
			skipped: counter(
				r,
				"openledger_finalised_blocks_uncounted_total",
				"Finalised blocks whose events were not counted: too many at once, or without state",
			)?,
			transactions: counters(
				r,
				"openledger_transactions_total",
				"Transactions in finalised blocks, what authors put in themselves included",
				"result",
				&results,
			)?,
			requested: counter(r, "openledger_jobs_requested_total", "Jobs that were requested")?,
			ended: counters(
				r,
				"openledger_jobs_settled_total",
				"Jobs that ended, by how; all but `answered` were refunded",
				"outcome",
				&OUTCOMES,
			)?,
			disputed: counter(r, "openledger_disputes_total", "Settlements that were disputed")?,
			decided: counters(
				r,
				"openledger_disputes_decided_total",
				"Disputes that ended, by how",
				"decision",
				&DECISIONS,
			)?,
			spent: open_counter(
				r,
				"openledger_fees_spent_open_total",
				"OPEN of fees that settlements spent",
			)?,
			returned: open_counter(
				r,
				"openledger_fees_returned_open_total",
				"OPEN of fees that settlements gave back to callers",
			)?,
			unattributed: open_counter(
				r,
				"openledger_fees_unattributed_open_total",
				"OPEN of the contributors' part that nobody earned, as first settled",
			)?,
			claimed: open_counter(
				r,
				"openledger_payouts_claimed_open_total",
				"OPEN of payouts that were claimed",
			)?,
			faults: counters(
				r,
				"openledger_slashes_total",
				"Slashes that were reported, by what for",
				"fault",
				&FAULTS,
			)?,
			slashed: slashed(r)?,
			offences: counter(
				r,
				"openledger_offences_total",
				"Offences against consensus that were reported",
			)?,
			referenda: counters(
				r,
				"openledger_referenda_ended_total",
				"Referenda that ended, by how",
				"outcome",
				&DECIDED,
			)?,
			reports: labelled(
				r,
				"openledger_worker_reports_total",
				"What this node's worker had to report, and did: assigned, committed, revealed",
				&["worker", "step"],
			)?,
			worker_faults: labelled(
				r,
				"openledger_worker_faults_total",
				"What this node's worker was penalised for",
				&["worker", "fault"],
			)?,
		})
	}

	/// Blocks that nobody looked at.
	pub fn skipped(&self, blocks: u64) {
		self.skipped.inc_by(blocks);
	}

	/// Counts what happened in one block; `workers` are this node's.
	pub fn count(&self, block: &impl Storage, workers: &Workers) {
		type Record = frame_system::EventRecord<RuntimeEvent, Hash>;
		self.prepare(workers);
		let key = frame_support::storage::storage_prefix(b"System", b"Events");
		let Some(records) = block.get::<Vec<Box<Record>>>(key) else {
			self.skipped.inc();
			return;
		};
		self.blocks.inc();
		for record in records {
			match record.event {
				RuntimeEvent::System(event) => self.system(&event),
				RuntimeEvent::Inference(event) => self.inference(&event),
				RuntimeEvent::Attribution(event) => self.attribution(&event, workers),
				RuntimeEvent::Staking(event) => self.staking(&event),
				RuntimeEvent::Offences(_) => self.offences.inc(),
				RuntimeEvent::Referenda(event) => self.referenda(&event),
				_ => {}
			}
		}
	}

	/// Counters of a worker begin at 0 when it appears.
	fn prepare(&self, workers: &Workers) {
		for worker in workers {
			let worker = worker.to_ss58check();
			for step in ["assigned", "committed", "revealed"] {
				self.reports.with_label_values(&[&worker, step]);
			}
			for fault in ["not_committed", "withheld", "outlier", "wrong_answer"] {
				self.worker_faults.with_label_values(&[&worker, fault]);
			}
		}
	}

	fn system(&self, event: &frame_system::Event<Runtime>) {
		let result = match event {
			frame_system::Event::ExtrinsicSuccess { .. } => "succeeded",
			frame_system::Event::ExtrinsicFailed { .. } => "failed",
			_ => return,
		};
		self.transactions.with_label_values(&[result]).inc();
	}

	fn inference(&self, event: &Inference<Runtime>) {
		match event {
			Inference::JobRequested { .. } => self.requested.inc(),
			Inference::JobCancelled { .. } | Inference::JobReturned { .. } => {
				self.ended.with_label_values(&["cancelled"]).inc()
			}
			_ => {}
		}
	}

	fn attribution(&self, event: &Attribution<Runtime>, workers: &Workers) {
		let own = |worker| workers.contains(worker);
		match event {
			Attribution::Settled { outcome, fee, spent, unattributed, .. } => {
				self.ended.with_label_values(&[outcome_label(outcome)]).inc();
				self.spent.inc_by(open(*spent));
				self.returned.inc_by(open(fee.saturating_sub(*spent)));
				self.unattributed.inc_by(open(*unattributed));
			}
			Attribution::Disputed { .. } => self.disputed.inc(),
			Attribution::DisputeDecided { decision, .. } => {
				self.decided.with_label_values(&[decision_label(*decision)]).inc()
			}
			Attribution::Claimed { amount, .. } => self.claimed.inc_by(open(*amount)),
			Attribution::RoundOpened { committee, .. } => {
				committee.iter().filter(|w| own(w)).for_each(|w| self.report(w, "assigned"))
			}
			Attribution::AuditDrawn { auditors, .. } => {
				auditors.iter().filter(|w| own(w)).for_each(|w| self.report(w, "assigned"))
			}
			Attribution::Committed { worker, .. } if own(worker) => {
				self.report(worker, "committed")
			}
			Attribution::Revealed { worker, .. } if own(worker) => self.report(worker, "revealed"),
			Attribution::Penalised { worker, fault, .. } if own(worker) => {
				let labels = [&worker.to_ss58check()[..], fault_label(*fault)];
				self.worker_faults.with_label_values(&labels).inc();
			}
			_ => {}
		}
	}

	fn staking(&self, event: &openledger_staking::Event<Runtime>) {
		use openledger_staking::Event;
		match event {
			Event::SlashDeferred { why, .. } => {
				self.faults.with_label_values(&[fault_label(*why)]).inc()
			}
			Event::Slashed { role, amount, .. } => {
				self.slashed.with_label_values(&[role_label(*role)]).inc_by(open(*amount))
			}
			_ => {}
		}
	}

	fn referenda(&self, event: &pallet_referenda::Event<Runtime>) {
		use pallet_referenda::Event;
		let outcome = match event {
			Event::Confirmed { .. } => "approved",
			Event::Rejected { .. } => "rejected",
			Event::TimedOut { .. } => "timed_out",
			Event::Cancelled { .. } => "cancelled",
			Event::Killed { .. } => "killed",
			_ => return,
		};
		self.referenda.with_label_values(&[outcome]).inc();
	}

	fn report(&self, worker: &openledger_runtime::AccountId, step: &str) {
		self.reports.with_label_values(&[&worker.to_ss58check()[..], step]).inc();
	}
}

fn slashed(r: &Registry) -> Result<OpenCounters, PrometheusError> {
	let opts = Opts::new("openledger_slashed_open_total", "OPEN of stake that was slashed");
	let slashed = OpenCounters::new(opts, &["role"])?;
	for role in ROLES {
		slashed.with_label_values(&[role]);
	}
	prometheus::register(slashed, r)
}

fn labelled(
	r: &Registry,
	name: &str,
	help: &str,
	labels: &[&str],
) -> Result<Counters, PrometheusError> {
	prometheus::register(Counters::new(Opts::new(name, help), labels)?, r)
}

fn outcome_label(outcome: &Outcome) -> &'static str {
	match outcome {
		Outcome::Answered => "answered",
		Outcome::Refunded(RefundReason::NoCommittee) => "no_committee",
		Outcome::Refunded(RefundReason::NoAnswer) => "no_answer",
		Outcome::Refunded(RefundReason::NoMajority) => "no_majority",
		Outcome::Refunded(RefundReason::InputUnavailable) => "input_unavailable",
		Outcome::Refunded(RefundReason::ModelGone) => "model_gone",
		Outcome::Refunded(RefundReason::ValueTooHigh) => "value_too_high",
	}
}

fn decision_label(decision: Decision) -> &'static str {
	match decision {
		Decision::Stood => "stood",
		Decision::Overturned => "overturned",
		Decision::Undecided => "undecided",
	}
}

fn fault_label(fault: Misconduct) -> &'static str {
	match fault {
		Misconduct::Equivocation => "equivocation",
		Misconduct::NotCommitted => "not_committed",
		Misconduct::Withheld => "withheld",
		Misconduct::Outlier => "outlier",
		Misconduct::WrongAnswer => "wrong_answer",
		Misconduct::NoVerdict => "no_verdict",
		Misconduct::MissedKnownItem => "missed_known_item",
		Misconduct::Overturned => "overturned",
	}
}

fn role_label(role: Role) -> &'static str {
	match role {
		Role::Collator => "collator",
		Role::Worker => "worker",
		Role::Curator => "curator",
	}
}
