//! What the state of the best block says, as gauges.

use super::{
	gauges::{gauge, gauges, open, Gauge, Gauges},
	reader::Storage,
	Workers,
};
use codec::Encode;
use frame_support::{Blake2_128Concat, StorageHasher};
use openledger_attribution::types::Round;
use openledger_primitives::{
	traits::Role,
	worker::{Phase, WORKER_KEY_TYPE},
	WorkerKey,
};
use openledger_runtime::{
	configs::{AttributionPotId, CommunityPotId, LaunchesPotId, StakingPotId, TreasuryPotId},
	opaque::Block,
	AccountId, Balance, BlockNumber, Runtime, TOTAL_ISSUANCE,
};
use polkadot_sdk::*;
use sp_blockchain::Info;
use sp_consensus_babe::AuthorityId;
use sp_core::crypto::{key_types::BABE, Ss58Codec, UncheckedFrom};
use sp_keystore::KeystorePtr;
use sp_runtime::traits::AccountIdConversion;
use substrate_prometheus_endpoint::{PrometheusError, Registry};

/// The most workers of one node that are looked at.
const MAX_WORKERS: usize = 16;
/// The most rounds that are sorted by phase.
const MAX_ROUNDS: usize = 2_048;
/// The most jobs without a committee that are counted: as many as the market lets wait.
const MAX_WAITING: usize = 10_000;

/// Roles and what labels call them.
const ROLES: [(Role, &str); 3] =
	[(Role::Collator, "collator"), (Role::Worker, "worker"), (Role::Curator, "curator")];

/// The gauges.
pub struct State {
	block_timestamp: Gauges,
	finality_lag: Gauge,
	spec_version: Gauge,
	jobs: Gauges,
	queues: Gauges,
	bonds: Gauges,
	bonded: Gauges,
	slashes: Gauge,
	collators: Gauge,
	disabled: Gauge,
	authoring: Gauge,
	session: Gauge,
	pots: Gauges,
	owed: Gauge,
	issuance: Gauge,
	drift: Gauge,
	worker_active: Gauges,
	worker_jailed: Gauges,
	worker_seats: Gauges,
}

impl State {
	/// Registers them.
	pub fn register(r: &Registry) -> Result<Self, PrometheusError> {
		Ok(Self {
			block_timestamp: gauges(
				r,
				"openledger_block_timestamp_seconds",
				"When the block says that it was made, in Unix time",
				&["block"],
			)?,
			finality_lag: gauge(
				r,
				"openledger_finality_lag_blocks",
				"Blocks between the best and the last finalised one",
			)?,
			spec_version: gauge(r, "openledger_runtime_spec_version", "Version of the runtime")?,
			jobs: gauges(
				r,
				"openledger_jobs_open",
				"Jobs that are not settled, and disputes that are not decided, by phase",
				&["phase"],
			)?,
			queues: gauges(
				r,
				"openledger_queue_entries",
				"Entries of the chain's queues, those that became void included",
				&["queue"],
			)?,
			bonds: gauges(r, "openledger_bonds", "Bonds that are not chilled", &["role"])?,
			bonded: gauges(
				r,
				"openledger_bonded_open",
				"OPEN of bonds that are not chilled and of active delegations to them",
				&["role"],
			)?,
			slashes: gauge(
				r,
				"openledger_slashes_pending",
				"Slashes that wait, cancelled ones too",
			)?,
			collators: gauge(r, "openledger_collators", "Collators of this session")?,
			disabled: gauge(
				r,
				"openledger_collators_disabled",
				"Collators that are disabled for the rest of this session",
			)?,
			authoring: gauge(
				r,
				"openledger_collator_authoring",
				"1 while this node has the BABE key of a collator of this session, else 0",
			)?,
			session: gauge(r, "openledger_session_index", "Number of the session")?,
			pots: gauges(
				r,
				"openledger_pot_open",
				"Free OPEN of the chain's own accounts",
				&["pot"],
			)?,
			owed: gauge(
				r,
				"openledger_payouts_owed_open",
				"OPEN of payouts that were not claimed, matured or not",
			)?,
			issuance: gauge(r, "openledger_issuance_open", "All OPEN there is")?,
			drift: gauge(
				r,
				"openledger_issuance_drift_planck",
				"All planck there are, less what genesis made: anything but 0 is a broken promise",
			)?,
			worker_active: gauges(
				r,
				"openledger_worker_active",
				"1 while this node's worker has a bond that is neither chilled nor jailed, else 0",
				&["worker"],
			)?,
			worker_jailed: gauges(
				r,
				"openledger_worker_jailed",
				"1 while this node's worker is jailed, else 0",
				&["worker"],
			)?,
			worker_seats: gauges(
				r,
				"openledger_worker_seats",
				"Seats of this node's worker in rounds that are not over",
				&["worker"],
			)?,
		})
	}

	/// Reads all of them but those of finality.
	pub fn update(&self, at: &impl Storage, keystore: &KeystorePtr, workers: &Workers) {
		if let Some(timestamp) = timestamp(at) {
			self.block_timestamp.with_label_values(&["best"]).set(timestamp);
		}
		// the version is all that is read of it: the rest may grow fields
		if let Some(upgrade) =
			at.get::<frame_system::LastRuntimeUpgradeInfo>(plain(b"System", b"LastRuntimeUpgrade"))
		{
			self.spec_version.set(f64::from(upgrade.spec_version.0));
		}
		self.jobs(at);
		self.queues(at);
		self.stakes(at);
		self.collators(at, keystore);
		self.money(at);
		self.workers(at, workers);
	}

	/// How far finality is behind, and since when; `finalised` reads the last finalised block.
	pub fn update_finality(&self, finalised: &impl Storage, info: &Info<Block>) {
		self.finality_lag.set(f64::from(info.best_number.saturating_sub(info.finalized_number)));
		if let Some(timestamp) = timestamp(finalised) {
			self.block_timestamp.with_label_values(&["finalised"]).set(timestamp);
		}
	}

	fn jobs(&self, at: &impl Storage) {
		let (mut commit, mut reveal, mut dispute) = (0u32, 0u32, 0u32);
		let prefix = plain(b"Attribution", b"Rounds");
		for key in at.keys(prefix, MAX_ROUNDS) {
			let Some(round) = at.get::<Round<AccountId>>(key) else { continue };
			let phase = match round.phase {
				_ if round.is_dispute() => &mut dispute,
				Phase::Commit => &mut commit,
				Phase::Reveal => &mut reveal,
			};
			*phase = phase.saturating_add(1);
		}
		let waiting = at.keys(plain(b"Inference", b"Waiting"), MAX_WAITING).len() as u32;
		let counts =
			[("waiting", waiting), ("commit", commit), ("reveal", reveal), ("dispute", dispute)];
		for (phase, count) in counts {
			self.jobs.with_label_values(&[phase]).set(f64::from(count));
		}
	}

	fn queues(&self, at: &impl Storage) {
		const QUEUES: [(&str, &[u8], &[u8]); 13] = [
			("commit_deadlines", b"Attribution", b"CommitQueueBounds"),
			("reveal_deadlines", b"Attribution", b"RevealQueueBounds"),
			("maturing_receipts", b"Attribution", b"MaturingBounds"),
			("overdue_receipts", b"Attribution", b"OverdueBounds"),
			("expiring_receipts", b"Attribution", b"ExpiringBounds"),
			("audit_draws", b"Attribution", b"AuditQueueBounds"),
			("dispute_draws", b"Attribution", b"DisputeQueueBounds"),
			("panel_draws", b"Datanets", b"DrawBounds"),
			("verdict_commits", b"Datanets", b"CommitBounds"),
			("verdict_reveals", b"Datanets", b"RevealBounds"),
			("appeals", b"Datanets", b"AppealBounds"),
			("attestor_draws", b"Models", b"DrawBounds"),
			("attestation_deadlines", b"Models", b"DeadlineBounds"),
		];
		for (queue, pallet, bounds) in QUEUES {
			let length = length(at.get(plain(pallet, bounds)));
			self.queues.with_label_values(&[queue]).set(length);
		}
		type Priorities = [(u64, u64); openledger_inference::PRIORITIES];
		let draws: Priorities =
			at.get(openledger_inference::QueueBounds::<Runtime>::hashed_key()).unwrap_or_default();
		let draws = draws.into_iter().map(|bounds| length(Some(bounds))).sum();
		self.queues.with_label_values(&["committee_draws"]).set(draws);
	}

	fn stakes(&self, at: &impl Storage) {
		for (role, label) in ROLES {
			let members: Vec<openledger_staking::Member<AccountId>> = at
				.get(openledger_staking::Members::<Runtime>::hashed_key_for(role))
				.unwrap_or_default();
			let total = members.iter().fold(0, |sum: Balance, m| sum.saturating_add(m.amount));
			self.bonds.with_label_values(&[label]).set(members.len() as f64);
			self.bonded.with_label_values(&[label]).set(open(total));
		}
		let pending = at.get(openledger_staking::SlashBounds::<Runtime>::hashed_key());
		self.slashes.set(length(pending));
	}

	fn collators(&self, at: &impl Storage, keystore: &KeystorePtr) {
		let collators: Vec<AccountId> =
			at.get(pallet_session::Validators::<Runtime>::hashed_key()).unwrap_or_default();
		let disabled: Vec<(u32, sp_staking::offence::OffenceSeverity)> =
			at.get(pallet_session::DisabledValidators::<Runtime>::hashed_key()).unwrap_or_default();
		let session: Option<u32> = at.get(pallet_session::CurrentIndex::<Runtime>::hashed_key());
		let authorities: Vec<(AuthorityId, u64)> =
			at.get(pallet_babe::Authorities::<Runtime>::hashed_key()).unwrap_or_default();
		let own = keystore.sr25519_public_keys(BABE);
		let authors = authorities.iter().any(|(key, _)| own.contains(key.as_ref()));
		self.collators.set(collators.len() as f64);
		self.disabled.set(disabled.len() as f64);
		self.session.set(session.map_or(0.0, f64::from));
		self.authoring.set(f64::from(u8::from(authors)));
	}

	fn money(&self, at: &impl Storage) {
		let pots = [
			("community", CommunityPotId::get()),
			("treasury", TreasuryPotId::get()),
			("payouts", AttributionPotId::get()),
			("delegations", StakingPotId::get()),
			("calls", LaunchesPotId::get()),
		];
		for (label, id) in pots {
			let account: AccountId = id.into_account_truncating();
			self.pots.with_label_values(&[label]).set(open(free_balance(at, &account)));
		}
		let owed: Option<Balance> = at.get(openledger_attribution::Owed::<Runtime>::hashed_key());
		self.owed.set(open(owed.unwrap_or_default()));
		let issuance = pallet_balances::TotalIssuance::<Runtime>::hashed_key();
		if let Some(issuance) = at.get::<Balance>(issuance) {
			self.issuance.set(open(issuance));
			let less = TOTAL_ISSUANCE.saturating_sub(issuance) as f64;
			self.drift.set(issuance.saturating_sub(TOTAL_ISSUANCE) as f64 - less);
		}
	}

	fn workers(&self, at: &impl Storage, workers: &Workers) {
		let now: BlockNumber = at.get(plain(b"System", b"Number")).unwrap_or_default();
		let members: Vec<openledger_staking::Member<AccountId>> = at
			.get(openledger_staking::Members::<Runtime>::hashed_key_for(Role::Worker))
			.unwrap_or_default();
		for worker in workers {
			let jail: BlockNumber = at
				.get(openledger_staking::Jails::<Runtime>::hashed_key_for(Role::Worker, worker))
				.unwrap_or_default();
			let jailed = jail > now;
			let active = !jailed && members.iter().any(|member| member.who == *worker);
			let mut seats = plain(b"Attribution", b"Assignments").to_vec();
			seats.extend(worker.using_encoded(Blake2_128Concat::hash));
			let seats = at.keys(seats, MAX_ROUNDS).len();
			let label = worker.to_ss58check();
			self.worker_active.with_label_values(&[&label]).set(f64::from(u8::from(active)));
			self.worker_jailed.with_label_values(&[&label]).set(f64::from(u8::from(jailed)));
			self.worker_seats.with_label_values(&[&label]).set(seats as f64);
		}
	}
}

/// The workers whose hot keys this node has.
pub fn local_workers(at: &impl Storage, keystore: &KeystorePtr) -> Workers {
	let keys = keystore.sr25519_public_keys(WORKER_KEY_TYPE);
	let owner = |key: sp_core::sr25519::Public| {
		let key = WorkerKey::unchecked_from(key.0);
		at.get(openledger_staking::KeyOwners::<Runtime>::hashed_key_for(key))
	};
	keys.into_iter().filter_map(owner).take(MAX_WORKERS).collect()
}

/// Where a value, or all values of a map, of a pallet are stored.
fn plain(pallet: &[u8], item: &[u8]) -> [u8; 32] {
	frame_support::storage::storage_prefix(pallet, item)
}

/// Entries between head and tail.
fn length(bounds: Option<(u64, u64)>) -> f64 {
	bounds.map_or(0.0, |(head, tail)| tail.saturating_sub(head) as f64)
}

/// A block's time, in seconds.
fn timestamp(at: &impl Storage) -> Option<f64> {
	let millis: u64 = at.get(pallet_timestamp::Now::<Runtime>::hashed_key())?;
	Some(millis as f64 / 1_000.0)
}

fn free_balance(at: &impl Storage, account: &AccountId) -> Balance {
	type Account =
		frame_system::AccountInfo<openledger_runtime::Nonce, pallet_balances::AccountData<Balance>>;
	at.get::<Account>(frame_system::Account::<Runtime>::hashed_key_for(account))
		.map_or(0, |account| account.data.free)
}
