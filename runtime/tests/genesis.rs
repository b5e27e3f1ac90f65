//! What each preset begins with, and what the runtime shows to the world.

mod common;

use codec::{Decode, Encode};
use common::{account, authorised, genesis, sign, Chain};
use frame_metadata::{v15::RuntimeMetadataV15, RuntimeMetadata, RuntimeMetadataPrefixed};
use openledger_primitives::{parameters::Clamp, JobId, OPEN};
use openledger_runtime::{parameters::dynamic_params as dynamic, *};
use polkadot_sdk::{
	frame_support::traits::{Get, GetStorageVersion},
	frame_system, pallet_balances, pallet_sudo, pallet_utility,
	sp_core::crypto::{Ss58AddressFormat, Ss58Codec},
	sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET},
	sp_runtime::{traits::AccountIdConversion, DispatchError},
};

const PRESETS: [&str; 2] = [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET];

#[test]
fn presets_are_known_by_name_and_no_other() {
	let names: Vec<String> = presets::preset_names().iter().map(ToString::to_string).collect();
	assert_eq!(names, PRESETS);
	assert!(presets::get_preset(&"mainnet".into()).is_none());
}

#[test]
fn issuance_is_a_billion_and_pots_have_their_deposits() {
	for preset in PRESETS {
		genesis(preset).execute_with(|| {
			assert_eq!(Balances::total_issuance(), 10u128.pow(27), "{preset}");
			let pot = |id: polkadot_sdk::frame_support::PalletId| -> AccountId {
				id.into_account_truncating()
			};
			let total = |who: &AccountId| {
				let data = frame_system::Account::<Runtime>::get(who).data;
				data.free + data.reserved
			};
			assert_eq!(total(&configs::TreasuryAccount::get()), EXISTENTIAL_DEPOSIT);
			for id in [configs::AttributionPotId::get(), configs::LaunchesPotId::get()] {
				assert_eq!(total(&pot(id)), EXISTENTIAL_DEPOSIT);
			}
			let community = total(&pot(configs::CommunityPotId::get()));
			assert!(community > 900_000_000 * OPEN && community < 1_000_000_000 * OPEN);
		});
		// all invariants, those of accounts' sums among them
		Chain::new(preset);
	}
}

#[test]
fn only_a_development_chain_has_sudo() {
	let key = |preset| genesis(preset).execute_with(pallet_sudo::Key::<Runtime>::get);
	assert_eq!(key(DEV_RUNTIME_PRESET), Some(account("//Alice")));
	assert_eq!(key(LOCAL_TESTNET_RUNTIME_PRESET), None);
}

#[test]
fn addresses_have_the_prefix_of_openledger() {
	assert_eq!(<<Runtime as frame_system::Config>::SS58Prefix as Get<u16>>::get(), 1612);
	let format = Ss58AddressFormat::custom(SS58_PREFIX);
	let address = account("//Alice").to_ss58check_with_version(format);
	let read = AccountId::from_ss58check_with_version(&address).unwrap();
	assert_eq!(read, (account("//Alice"), format));
}

#[test]
fn collators_are_the_sessions_validators_and_bonded() {
	let expected: [&[&str]; 2] = [&["//Alice"], &["//Alice", "//Bob", "//Charlie", "//Dave"]];
	for (preset, paths) in PRESETS.into_iter().zip(expected) {
		let mut expected: Vec<AccountId> = paths.iter().map(|path| account(path)).collect();
		expected.sort();
		genesis(preset).execute_with(|| {
			let mut validators = Session::validators();
			validators.sort();
			assert_eq!(validators, expected, "{preset}");
			let role = openledger_primitives::traits::Role::Collator;
			let members = Staking::active_members(role);
			assert_eq!(members.into_iter().map(|m| m.who).collect::<Vec<_>>(), expected);
			let keys = Session::queued_keys();
			assert_eq!(keys.len(), paths.len());
			let babe: Vec<_> = Babe::authorities().into_iter().map(|(key, _)| key).collect();
			assert!(keys.iter().all(|(_, keys)| babe.contains(&keys.babe)));
			assert_eq!(Grandpa::grandpa_authorities().len(), paths.len());
		});
	}
}

#[test]
fn workers_have_hot_keys_one_to_one() {
	use openledger_primitives::{traits::Bonding, worker::WorkerPair};
	use polkadot_sdk::sp_core::Pair;
	for preset in PRESETS {
		genesis(preset).execute_with(|| {
			for path in common::stage::WORKERS {
				let pair = WorkerPair::from_string(&format!("{path}//worker"), None).unwrap();
				let worker = account(path);
				let key = <Staking as Bonding<AccountId>>::worker_key(&worker);
				assert_eq!(key, Some(pair.public()), "{preset} {path}");
				assert_eq!(Staking::worker_of(&pair.public()), Some(worker));
			}
			let keys = openledger_staking::WorkerKeys::<Runtime>::iter().count();
			assert_eq!(keys, common::stage::WORKERS.len());
		});
	}
}

#[test]
fn parameters_lie_within_their_bounds_and_are_the_presets() {
	fn stored<V: Clamp + PartialEq + core::fmt::Debug + Copy>(value: V) -> V {
		assert_eq!(value, value.clamped(), "a preset states what will be read");
		value
	}
	for preset in PRESETS {
		genesis(preset).execute_with(|| {
			let curation = stored(dynamic::datanets::Curation::get());
			assert_eq!((curation.panel, curation.exit_window), (1, 10));
			assert_eq!(stored(dynamic::inference::Jobs::get()).maturity, 3);
			let rounds = stored(dynamic::attribution::Rounds::get());
			assert_eq!((rounds.commit_period, rounds.reveal_period), (15, 10));
			assert_eq!(rounds.dispute_window, 5);
			assert_eq!(stored(dynamic::staking::Bonds::get()).unbonding, 10);
			assert_eq!(stored(dynamic::gopen::Wrapping::get()).cooldown, 10);
			assert_eq!(stored(dynamic::assembly::Voting::get()).voting_period, 20);
			assert_eq!(stored(dynamic::launches::Launches::get()).grace, 40);
			// not stated, hence the default
			let split = stored(dynamic::attribution::FeeSplit::get());
			assert_eq!(split, Default::default());
		});
	}
}

#[test]
fn a_panel_is_no_larger_than_there_are_curators_for() {
	for preset in PRESETS {
		genesis(preset).execute_with(|| {
			let role = openledger_primitives::traits::Role::Curator;
			let curators = Staking::active_members(role).len();
			let panel = dynamic::datanets::Curation::get().panel;
			assert!(panel as usize <= curators, "{preset}: nothing would ever be accepted");
		});
	}
}

#[test]
fn storage_versions_are_what_the_code_expects() {
	fn check<P: GetStorageVersion>(version: u16)
	where
		P::InCodeStorageVersion: Into<polkadot_sdk::frame_support::traits::StorageVersion>,
	{
		let in_code = P::in_code_storage_version().into();
		assert_eq!(P::on_chain_storage_version(), in_code);
		assert_eq!(in_code, version);
	}
	genesis(DEV_RUNTIME_PRESET).execute_with(|| {
		check::<Clock>(1);
		check::<Chance>(1);
		check::<Staking>(3);
		check::<Datanets>(1);
		check::<Models>(1);
		check::<Inference>(1);
		check::<Attribution>(1);
		check::<Gopen>(2);
		check::<Assembly>(1);
		check::<Launches>(1);
	});
}

#[test]
fn nobody_can_burn() {
	let mut chain = Chain::dev();
	let burn = || pallet_balances::Call::burn { value: OPEN, keep_alive: true };
	let filtered = DispatchError::from(frame_system::Error::<Runtime>::CallFiltered);
	assert_eq!(chain.send("//Ivan", burn()), Err(filtered));
	let wrapped = pallet_utility::Call::batch_all { calls: vec![burn().into()] };
	assert_eq!(chain.send("//Ivan", wrapped), Err(filtered));
}

#[test]
fn dust_and_fees_go_to_the_treasury() {
	let mut chain = Chain::dev();
	let treasury = configs::TreasuryAccount::get();
	let transfer = |to: &str, value| pallet_balances::Call::transfer_allow_death {
		dest: account(to).into(),
		value,
	};
	let before = chain.total(&treasury);
	chain.send("//Ivan", transfer("//Dusty", OPEN)).unwrap();
	chain.send("//Dusty", transfer("//Ivan", OPEN / 4)).unwrap();
	let fee = chain.fees / 2;
	assert!(fee > 0);
	assert_eq!(chain.total(&treasury), before + chain.fees);

	// all but about half of what an account needs to live
	let value = chain.total(&account("//Dusty")) - fee - EXISTENTIAL_DEPOSIT / 2;
	chain.send("//Dusty", transfer("//Ivan", value)).unwrap();
	assert_eq!(chain.total(&account("//Dusty")), 0);
	let dust = chain.total(&treasury) - before - chain.fees;
	assert!(dust > 0 && dust < EXISTENTIAL_DEPOSIT, "{dust}");
}

/// A call's name, index and arguments.
type Signature = (&'static str, u8, &'static [&'static str]);

/// Every pallet of ours that has calls, with its index.
const CALLS: [(&str, u8, &[Signature]); 8] = [
	(
		"Staking",
		51,
		&[
			("bond", 0, &["role", "amount"]),
			("bond_extra", 1, &["role", "amount"]),
			("unbond", 2, &["role", "amount"]),
			("withdraw_unbonded", 3, &["role"]),
			("delegate", 4, &["role", "to", "amount"]),
			("undelegate", 5, &["role", "to", "amount"]),
			("set_worker_key", 6, &["key", "proof"]),
			("chill", 7, &[]),
			("set_commission", 8, &["role", "commission"]),
			("withdraw_undelegated", 9, &["role", "operator"]),
			("claim_rewards", 10, &["role", "operator"]),
			("cancel_slash", 11, &["id"]),
		],
	),
	(
		"Datanets",
		52,
		&[
			("create", 0, &["kind", "metadata"]),
			("contribute", 1, &["datanet", "root", "records", "bytes", "uri"]),
			("commit_verdict", 2, &["contribution", "commitment"]),
			("reveal_verdict", 3, &["contribution", "verdict", "salt"]),
			("appeal", 4, &["contribution"]),
			("commit_duplicate", 5, &["contribution", "commitment"]),
			("prove_duplicate", 6, &["contribution", "original", "evidence", "salt"]),
			("revoke", 7, &["contribution"]),
			("set_metadata", 8, &["datanet", "metadata"]),
			("set_permission", 9, &["datanet", "permission"]),
			("set_data_fee", 10, &["datanet", "fee"]),
			("release_bond", 11, &["contribution"]),
			("set_kinds", 12, &["kinds"]),
			("set_terms", 13, &["datanet", "terms"]),
			("publish_clusters", 14, &["datanet", "version", "blob"]),
			("withdraw_duplicate", 15, &["contribution"]),
			("close", 16, &["datanet"]),
			("set_policy", 17, &["datanet", "policy"]),
			("delist", 18, &["datanet"]),
			("relist", 19, &["datanet"]),
			("strike", 20, &["contribution"]),
			("forget_earnings", 21, &["datanet", "account"]),
		],
	),
	(
		"Models",
		53,
		&[
			("register", 0, &["manifest"]),
			("register_adapter", 1, &["base", "manifest"]),
			("set_price", 2, &["model", "price"]),
			("set_status", 3, &["model", "active"]),
			("record_evaluation", 4, &["model", "evaluation"]),
			("set_unit_price", 5, &["model", "unit_price"]),
			("set_engine_version", 6, &["model", "version", "at"]),
			("attest_evaluation", 7, &["model", "number", "value"]),
			("retire", 8, &["model"]),
			("list", 9, &["model"]),
			("delist", 10, &["model"]),
		],
	),
	(
		"Inference",
		54,
		&[
			("request", 0, &["model", "input", "max_fee", "committee"]),
			("cancel", 1, &["job"]),
			("serve", 2, &["model"]),
			("withdraw", 3, &["model"]),
		],
	),
	(
		"Attribution",
		55,
		&[
			("commit", 0, &["job", "worker", "commitment", "signature"]),
			("reveal", 1, &["job", "worker", "report", "salt", "signature"]),
			("dispute", 2, &["job"]),
			("claim", 3, &[]),
			("claim_for", 4, &["account"]),
		],
	),
	(
		"Gopen",
		56,
		&[
			("deposit", 0, &["amount"]),
			("withdraw", 1, &["amount"]),
			("complete_withdrawal", 2, &[]),
			("delegate_votes", 3, &["track", "to"]),
			("undelegate_votes", 4, &["track"]),
			("vote", 5, &["referendum", "vote"]),
			("remove_vote", 6, &["referendum"]),
			("forget", 7, &["who", "track"]),
			("time_out", 8, &["referendum"]),
		],
	),
	(
		"Assembly",
		57,
		&[
			("propose", 0, &["datanet", "policy"]),
			("vote", 1, &["datanet", "aye"]),
			("remove_vote", 2, &["datanet"]),
			("close", 3, &["datanet"]),
		],
	),
	(
		"Launches",
		58,
		&[
			("post_call", 0, &["datanet", "terms"]),
			("fund_call", 1, &["datanet", "terms"]),
			("claim_call", 2, &["call", "contribution", "least"]),
			("close_call", 3, &["call"]),
			("propose", 4, &["launch"]),
			("approve", 5, &["launch"]),
			("withdraw", 6, &["launch"]),
			("deliver", 7, &["launch", "model"]),
			("conclude", 8, &["launch"]),
			("expire", 9, &["launch"]),
		],
	),
];

fn metadata() -> RuntimeMetadataV15 {
	// constants may depend on the state: the pace of governance does
	let opaque = genesis(DEV_RUNTIME_PRESET)
		.execute_with(|| Runtime::metadata_at_version(15))
		.expect("wallets ask for it");
	match RuntimeMetadataPrefixed::decode(&mut opaque.as_slice()).unwrap().1 {
		RuntimeMetadata::V15(metadata) => metadata,
		other => panic!("version {} instead of 15", other.version()),
	}
}

#[test]
fn metadata_has_every_call_by_name_index_and_arguments() {
	let metadata = metadata();
	for (name, index, expected) in CALLS {
		let pallet = metadata.pallets.iter().find(|pallet| pallet.name == name).expect(name);
		assert_eq!(pallet.index, index, "{name}");
		let calls = metadata.types.resolve(pallet.calls.as_ref().unwrap().ty.id).unwrap();
		let scale_info::TypeDef::Variant(calls) = &calls.type_def else { panic!("{name}") };
		let found: Vec<_> = calls
			.variants
			.iter()
			.map(|call| {
				let arguments = call.fields.iter().map(|f| f.name.clone().unwrap()).collect();
				(call.name.clone(), call.index, arguments)
			})
			.collect();
		let expected: Vec<(String, u8, Vec<String>)> = expected
			.iter()
			.map(|(call, index, arguments)| {
				let arguments = arguments.iter().map(|argument| argument.to_string()).collect();
				(call.to_string(), *index, arguments)
			})
			.collect();
		assert_eq!(found, expected, "{name}");
	}
}

#[test]
fn metadata_documents_every_call_event_and_error_of_ours() {
	let metadata = metadata();
	for pallet in metadata.pallets.iter().filter(|pallet| pallet.index >= 50) {
		let types = [
			pallet.calls.as_ref().map(|calls| calls.ty.id),
			pallet.event.as_ref().map(|event| event.ty.id),
			pallet.error.as_ref().map(|error| error.ty.id),
		];
		for id in types.into_iter().flatten() {
			let ty = metadata.types.resolve(id).unwrap();
			let scale_info::TypeDef::Variant(variants) = &ty.type_def else { panic!("{id}") };
			for variant in &variants.variants {
				assert!(!variant.docs.is_empty(), "{}::{}", pallet.name, variant.name);
			}
		}
	}
}

#[test]
fn metadata_names_our_runtime_apis_and_the_authorisation_first() {
	let metadata = metadata();
	let apis: Vec<_> = metadata.apis.iter().map(|api| api.name.as_str()).collect();
	for api in [
		"DatanetsApi",
		"ModelsApi",
		"InferenceApi",
		"AttributionApi",
		"StakingApi",
		"GopenApi",
		"LaunchesApi",
		"AssemblyApi",
	] {
		assert!(apis.contains(&api), "{api} is not among {apis:?}");
	}
	let extensions: Vec<_> =
		metadata.extrinsic.signed_extensions.iter().map(|e| e.identifier.as_str()).collect();
	assert_eq!(extensions.first(), Some(&"AuthorizeCall"));
	assert_eq!(extensions.last(), Some(&"WeightReclaim"));
}

#[test]
fn a_commitment_is_a_general_transaction_of_version_5() {
	genesis(DEV_RUNTIME_PRESET).execute_with(|| {
		let transaction = authorised(openledger_attribution::Call::commit {
			job: JobId(7),
			worker: account("//Bob"),
			commitment: [1; 32],
			signature: sign("//Bob", &[2; 32]),
		});
		let bytes = transaction.encode();
		let content = <Vec<u8>>::decode(&mut bytes.as_slice()).expect("its length comes first");
		// version 5 and the bit of a general transaction, version 0 of the extensions; then an
		// immortal era, nonce 0, tip 0 and no metadata hash, the other extensions being empty; then
		// pallet, call and the job in 8 bytes
		let expected = [0x45, 0, 0, 0, 0, 0, 55, 0, 7, 0, 0, 0, 0, 0, 0, 0];
		assert_eq!(content[..expected.len()], expected);
		assert_eq!(content.len(), expected.len() + 32 + 32 + 64, "worker, commitment, signature");
		let read = UncheckedExtrinsic::decode(&mut bytes.as_slice()).unwrap();
		assert_eq!(read, transaction);
	});
}
