//! Genesis states: `dev` (one collator, three workers, a curator, sudo) and `local` (four
//! collators). Issuance is exactly [`TOTAL_ISSUANCE`] in each: what no account holds is in the
//! community pot.

use crate::{configs::*, *};
use alloc::vec;
use frame_support::build_struct_json_patch;
use openledger_primitives::{
	parameters::{
		AssemblyParameters, BondParameters, CurationParameters, GopenParameters, JobParameters,
		LaunchParameters, RoundParameters, DAYS,
	},
	Ppm, WorkerKey,
};
use serde_json::Value;
use sp_core::crypto::UncheckedInto;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::traits::AccountIdConversion;

mod accounts;

/// What every named account of a development network starts with, in planck.
pub const ENDOWMENT: Balance = 1_000_000 * OPEN;
/// What every operator of a development network has bonded, in planck.
const BOND: Balance = 100_000 * OPEN;

/// A development network's collator. Well-known seeds, named after the account.
fn collator(sr: Sr25519Keyring, ed: Ed25519Keyring) -> (AccountId, opaque::SessionKeys, Balance) {
	let keys = opaque::SessionKeys { babe: sr.public().into(), grandpa: ed.public().into() };
	(sr.to_account_id(), keys, BOND)
}

/// Who is there at genesis. Amounts in planck.
pub struct Network {
	/// Account, what it has, its bond included.
	pub endowed: Vec<(AccountId, Balance)>,
	/// Account, session keys, bond.
	pub collators: Vec<(AccountId, opaque::SessionKeys, Balance)>,
	/// Account, bond, hot key.
	pub workers: Vec<(AccountId, Balance, Option<WorkerKey>)>,
	/// Account, bond.
	pub curators: Vec<(AccountId, Balance)>,
	/// The technical committee.
	pub committee: Vec<AccountId>,
	/// What governance's periods are divided by.
	pub pace: u32,
	/// Who may do everything; for development alone.
	pub sudo: Option<AccountId>,
	/// Parameters that differ from their defaults.
	pub parameters: GenesisParametersConfig,
}

/// What accounts have at genesis, in planck: each of `endowed` what it is given, a deposit each pot,
/// and the community pot the rest of all OPEN.
pub fn balances(endowed: impl Iterator<Item = (AccountId, Balance)>) -> Vec<(AccountId, Balance)> {
	let pots = [
		TreasuryAccount::get(),
		AttributionPotId::get().into_account_truncating(),
		StakingPotId::get().into_account_truncating(),
		LaunchesPotId::get().into_account_truncating(),
	];
	let mut balances: Vec<(AccountId, Balance)> =
		endowed.chain(pots.into_iter().map(|pot| (pot, EXISTENTIAL_DEPOSIT))).collect();
	let given = balances.iter().map(|(_, amount)| *amount).fold(0, Balance::saturating_add);
	balances.push((CommunityPotAccount::get(), TOTAL_ISSUANCE.saturating_sub(given)));
	balances
}

impl Network {
	/// The genesis as a JSON patch.
	pub fn genesis(self) -> Value {
		let balances = balances(self.endowed.into_iter());
		build_struct_json_patch!(RuntimeGenesisConfig {
			balances: BalancesConfig { balances },
			session: SessionConfig {
				keys: self
					.collators
					.iter()
					.map(|(who, keys, _)| (who.clone(), who.clone(), keys.clone()))
					.collect(),
			},
			babe: BabeConfig { epoch_config: BABE_GENESIS_CONFIG },
			staking: StakingConfig {
				collators: self.collators.into_iter().map(|(who, _, bond)| (who, bond)).collect(),
				workers: self.workers,
				curators: self.curators,
			},
			technical_committee: TechnicalCommitteeConfig { members: self.committee },
			gopen: GopenConfig { deposits: Vec::new(), pace: self.pace },
			sudo: SudoConfig { key: self.sudo },
			genesis_parameters: self.parameters,
		})
	}
}

/// Everyone a development network knows.
fn well_known() -> Vec<(AccountId, Balance)> {
	Sr25519Keyring::well_known()
		.map(|k| k.to_account_id())
		.chain(accounts::CAST.iter().map(|(_, public)| AccountId::from(*public)))
		.map(|who| (who, ENDOWMENT))
		.collect()
}

/// Workers `//Bob`, `//Charlie` and `//Dave` with hot keys `//Bob//worker` and so on.
fn workers() -> Vec<(AccountId, Balance, Option<WorkerKey>)> {
	[Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave]
		.into_iter()
		.zip(accounts::WORKER_KEYS)
		.map(|(who, key)| (who.to_account_id(), BOND, Some(key.unchecked_into())))
		.collect()
}

/// Governance's periods are short enough to watch: a day takes three blocks.
const WATCHED_PACE: u32 = DAYS / 3;

/// `//Alice`, `//Bob` and `//Charlie`.
fn committee() -> Vec<AccountId> {
	[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie]
		.map(|member| member.to_account_id())
		.to_vec()
}

/// Periods short enough to watch; a panel of one; `min_collators` of which none may leave.
fn short_periods(min_collators: u32) -> GenesisParametersConfig {
	GenesisParametersConfig {
		curation: Some(CurationParameters {
			panel: 1,
			commit_period: 20,
			reveal_period: 20,
			exit_window: 10,
			appeal_window: 2,
			proof_delay: 2,
			..Default::default()
		}),
		jobs: Some(JobParameters {
			maturity: 3,
			notice: 1,
			attestation_period: 20,
			..Default::default()
		}),
		rounds: Some(RoundParameters {
			commit_period: 15,
			reveal_period: 10,
			dispute_window: 5,
			receipt_retention: 43_200,
			// three workers are too few for others to look after them
			audit_rate: Ppm(0),
			single_audit_rate: Ppm(0),
			// a worker whose engine was stopped to look at it is back at once
			jail: 0,
			..Default::default()
		}),
		split: None,
		bonds: Some(BondParameters {
			unbonding: 10,
			slash_delay: 5,
			commission_notice: 5,
			min_collators,
			..Default::default()
		}),
		gopen: Some(GopenParameters { cooldown: 10, ..Default::default() }),
		assembly: Some(AssemblyParameters {
			voting_period: 20,
			min_earned: 1,
			..Default::default()
		}),
		launches: Some(LaunchParameters {
			min_records: 10,
			grace: 40,
			maturity: 3,
			// more than a referendum takes at this pace
			approval_period: 100,
			..Default::default()
		}),
		..Default::default()
	}
}

fn dev() -> Value {
	Network {
		collators: vec![collator(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
		workers: workers(),
		curators: vec![(Sr25519Keyring::Eve.to_account_id(), BOND)],
		endowed: well_known(),
		committee: committee(),
		pace: WATCHED_PACE,
		sudo: Some(Sr25519Keyring::Alice.to_account_id()),
		parameters: short_periods(1),
	}
	.genesis()
}

fn local() -> Value {
	Network {
		collators: vec![
			collator(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
			collator(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
			collator(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
			collator(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
		],
		workers: workers(),
		curators: vec![(Sr25519Keyring::Eve.to_account_id(), BOND)],
		endowed: well_known(),
		committee: committee(),
		pace: WATCHED_PACE,
		sudo: None,
		parameters: short_periods(2),
	}
	.genesis()
}

/// The preset's genesis as a JSON patch.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		sp_genesis_builder::DEV_RUNTIME_PRESET => dev(),
		sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => local(),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// Presets there are.
pub fn preset_names() -> Vec<PresetId> {
	vec![
		PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
		PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
	]
}
