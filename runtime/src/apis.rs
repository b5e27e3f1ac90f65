//! Runtime APIs: what the node and users ask the chain.

use crate::*;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	traits::KeyOwnerProofSystem,
	weights::Weight,
};
use openledger_assembly::{runtime_api::VoteView, Ballot as AssemblyBallot};
use openledger_datanets::{
	runtime_api::{
		ContributionRank, ContributionView, DatanetRank, DatanetView, MembershipView, PanelView,
		VersionView,
	},
	Policy,
};
use openledger_gopen::{
	BallotView, Delegation, GopenBalance, PowerHistory, ReferendumIndex, TallyView, TrackId,
};
use openledger_inference::runtime_api::{JobView, ServerView};
use openledger_launches::{
	runtime_api::{CallView, LaunchView},
	Unclaimable,
};
use openledger_models::runtime_api::{EvaluationView, ModelView};
use openledger_primitives::{
	traits::Role, ContributionId, DataCallId, DatanetId, JobId, LaunchId, ModelId,
};
use pallet_grandpa::AuthorityList as GrandpaAuthorityList;
use sp_api::impl_runtime_apis;
use sp_core::OpaqueMetadata;
use sp_runtime::{
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult,
};
use sp_session::OpaqueGeneratedSessionKeys;

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block);
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(
			block: <Block as BlockT>::LazyBlock,
			data: sp_inherents::InherentData,
		) -> sp_inherents::CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			tx: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, tx, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			opaque::SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, sp_core::crypto::KeyTypeId)>> {
			opaque::SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl sp_consensus_babe::BabeApi<Block> for Runtime {
		fn configuration() -> sp_consensus_babe::BabeConfiguration {
			let epoch = Babe::epoch_config().unwrap_or(BABE_GENESIS_CONFIG);
			sp_consensus_babe::BabeConfiguration {
				slot_duration: Babe::slot_duration(),
				epoch_length: EPOCH_SLOTS,
				c: epoch.c,
				authorities: Babe::authorities().to_vec(),
				randomness: Babe::randomness(),
				allowed_slots: epoch.allowed_slots,
			}
		}

		fn current_epoch_start() -> sp_consensus_babe::Slot {
			Babe::current_epoch_start()
		}

		fn current_epoch() -> sp_consensus_babe::Epoch {
			Babe::current_epoch()
		}

		fn next_epoch() -> sp_consensus_babe::Epoch {
			Babe::next_epoch()
		}

		fn generate_key_ownership_proof(
			_slot: sp_consensus_babe::Slot,
			authority_id: sp_consensus_babe::AuthorityId,
		) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
			use codec::Encode;
			Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
				.map(|p| p.encode())
				.map(sp_consensus_babe::OpaqueKeyOwnershipProof::new)
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
			key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> GrandpaAuthorityList {
			Grandpa::grandpa_authorities()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			pallet_grandpa::CurrentSetId::<Runtime>::get()
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_grandpa::EquivocationProof<
				<Block as BlockT>::Hash,
				NumberFor<Block>,
			>,
			key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Grandpa::submit_unsigned_equivocation_report(
				equivocation_proof,
				key_owner_proof.decode()?,
			)
		}

		fn generate_key_ownership_proof(
			_set_id: sp_consensus_grandpa::SetId,
			authority_id: sp_consensus_grandpa::AuthorityId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			use codec::Encode;
			Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
				.map(|p| p.encode())
				.map(sp_consensus_grandpa::OpaqueKeyOwnershipProof::new)
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
		fn query_info(
			uxt: <Block as BlockT>::Extrinsic,
			len: u32,
		) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(uxt, len)
		}

		fn query_fee_details(
			uxt: <Block as BlockT>::Extrinsic,
			len: u32,
		) -> pallet_transaction_payment::FeeDetails<Balance> {
			TransactionPayment::query_fee_details(uxt, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl openledger_datanets::runtime_api::DatanetsApi<Block, AccountId> for Runtime {
		fn datanet(id: DatanetId) -> Option<DatanetView<AccountId>> {
			Datanets::datanet_view(id)
		}

		fn contributions(id: DatanetId, from: u64, limit: u32) -> Vec<ContributionView<AccountId>> {
			Datanets::contributions_view(id, from, limit)
		}

		fn contribution(id: ContributionId) -> Option<ContributionView<AccountId>> {
			Datanets::contribution_view(id)
		}

		fn versions(id: DatanetId, from: u32, limit: u32) -> Vec<VersionView> {
			Datanets::versions_view(id, from, limit)
		}

		fn membership(contribution: ContributionId, version: u32) -> Option<MembershipView> {
			Datanets::membership_view(contribution, version)
		}

		fn leaderboard(from: u32, limit: u32) -> Vec<DatanetRank> {
			Datanets::leaderboard_view(from, limit)
		}

		fn top_contributions(
			id: DatanetId,
			from: u32,
			limit: u32,
		) -> Vec<ContributionRank<AccountId>> {
			Datanets::top_contributions_view(id, from, limit)
		}

		fn panels(account: AccountId) -> Vec<PanelView> {
			Datanets::panels_view(&account)
		}

		fn policy(id: DatanetId) -> Option<Policy> {
			Datanets::policy_view(id)
		}

		fn is_delisted(id: DatanetId) -> bool {
			Datanets::is_delisted(id)
		}

		fn earned(id: DatanetId, account: AccountId, window: u32) -> Balance {
			Datanets::earned_view(id, &account, window)
		}

		fn earned_by_all(id: DatanetId, window: u32) -> Balance {
			Datanets::earned_by_all_view(id, window)
		}

		fn earning_window() -> u32 {
			Datanets::earning_window()
		}
	}

	impl openledger_assembly::runtime_api::AssemblyApi<Block, AccountId, Policy> for Runtime {
		fn vote(datanet: DatanetId) -> Option<VoteView<AccountId, Policy>> {
			Assembly::vote_view(datanet)
		}

		fn weight(datanet: DatanetId, account: AccountId) -> Balance {
			Assembly::weight_view(datanet, &account)
		}

		fn ballot(datanet: DatanetId, account: AccountId) -> Option<AssemblyBallot> {
			Assembly::ballot_view(datanet, &account)
		}
	}

	impl openledger_models::runtime_api::ModelsApi<Block, AccountId> for Runtime {
		fn model(id: ModelId) -> Option<ModelView<AccountId>> {
			Models::model_view(id)
		}

		fn models(from: ModelId, limit: u32) -> Vec<ModelView<AccountId>> {
			Models::models_view(from, limit)
		}

		fn evaluations(id: ModelId) -> Vec<EvaluationView<AccountId>> {
			Models::evaluations_view(id)
		}
	}

	impl openledger_inference::runtime_api::InferenceApi<Block, AccountId> for Runtime {
		fn job(job: JobId) -> Option<JobView<AccountId>> {
			Inference::job_view(job)
		}

		fn request(job: JobId) -> Option<JobView<AccountId>> {
			Inference::request_view(job)
		}

		fn quote(model: ModelId, committee: u8) -> Option<Balance> {
			Inference::quote(model, committee)
		}

		fn servers(model: ModelId) -> Vec<ServerView<AccountId>> {
			Inference::server_views(model)
		}

		fn served(worker: AccountId) -> Vec<ModelId> {
			Inference::served_by(&worker)
		}
	}

	impl openledger_attribution::runtime_api::AttributionApi<Block, AccountId> for Runtime {
		fn round(job: JobId) -> Option<openledger_attribution::types::Round<AccountId>> {
			Attribution::round_of(job)
		}

		fn round_deadline(job: JobId) -> Option<BlockNumber> {
			Attribution::round_deadline(job)
		}

		fn disputable_until(job: JobId) -> Option<BlockNumber> {
			Attribution::disputable_until(job)
		}

		fn dispute(job: JobId) -> Option<openledger_attribution::types::Dispute<AccountId>> {
			Attribution::dispute_of(job)
		}

		fn seats(key: openledger_primitives::WorkerKey) -> Option<(AccountId, Vec<JobId>)> {
			Attribution::seats_of(&key)
		}

		fn receipt(job: JobId) -> Option<openledger_attribution::types::Receipt<AccountId>> {
			Attribution::receipt_of(job)
		}

		fn receipt_id(job: JobId) -> Option<[u8; 32]> {
			Attribution::receipt_id(job)
		}

		fn claimable(account: AccountId) -> Balance {
			Attribution::claimable(&account)
		}

		fn pending(account: AccountId) -> Balance {
			Attribution::pending(&account)
		}
	}

	impl openledger_staking::runtime_api::StakingApi<Block, AccountId> for Runtime {
		fn bonds(account: AccountId) -> Vec<openledger_staking::BondView> {
			Staking::bonds_of(&account)
		}

		fn members(role: Role) -> Vec<openledger_staking::Member<AccountId>> {
			Staking::active_members(role)
		}

		fn pools(operator: AccountId) -> Vec<openledger_staking::PoolView> {
			Staking::pools_of(&operator)
		}

		fn delegations(account: AccountId) -> Vec<openledger_staking::DelegationView<AccountId>> {
			Staking::delegations_of(&account)
		}

		fn pending_slashes() -> Vec<openledger_staking::SlashView<AccountId>> {
			Staking::pending_slashes()
		}
	}

	impl openledger_launches::runtime_api::LaunchesApi<Block, AccountId> for Runtime {
		fn call(id: DataCallId) -> Option<CallView<AccountId>> {
			Launches::call_view(id)
		}

		fn calls(from: DataCallId, limit: u32) -> Vec<CallView<AccountId>> {
			Launches::calls_view(from, limit)
		}

		fn claimable(
			call: DataCallId,
			contribution: ContributionId,
		) -> Result<Balance, Unclaimable> {
			Launches::claimable_view(call, contribution)
		}

		fn launch(id: LaunchId) -> Option<LaunchView<AccountId>> {
			Launches::launch_view(id)
		}

		fn launches(from: LaunchId, limit: u32) -> Vec<LaunchView<AccountId>> {
			Launches::launches_view(from, limit)
		}
	}

	impl openledger_gopen::runtime_api::GopenApi<Block, AccountId> for Runtime {
		fn balance(account: AccountId) -> GopenBalance {
			Gopen::balance_of(&account)
		}

		fn power(account: AccountId, track: TrackId) -> Balance {
			Gopen::power_history(&account, track).now
		}

		fn power_history(account: AccountId, track: TrackId) -> PowerHistory {
			Gopen::power_history(&account, track)
		}

		fn power_on(account: AccountId, referendum: ReferendumIndex) -> Balance {
			Gopen::power_on(&account, referendum)
		}

		fn delegations(account: AccountId) -> Vec<Delegation<AccountId>> {
			openledger_gopen::Delegations::<Runtime>::get(account).into_inner()
		}

		fn ballots(account: AccountId) -> Vec<BallotView> {
			Gopen::ballots_of(&account)
		}

		fn locked(account: AccountId) -> Balance {
			Gopen::locked_of(&account)
		}

		fn tally(referendum: ReferendumIndex) -> Option<TallyView> {
			configs::tally(referendum)
		}

		fn pace() -> u32 {
			Gopen::pace()
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(config)
		}

		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, presets::get_preset)
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			presets::preset_names()
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(extra: bool) -> (
			Vec<frame_benchmarking::BenchmarkList>,
			Vec<frame_support::traits::StorageInfo>,
		) {
			use frame_support::traits::StorageInfoTrait;
			let mut list = Vec::<frame_benchmarking::BenchmarkList>::new();
			list_benchmarks!(list, extra);
			(list, AllPalletsWithSystem::storage_info())
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			use frame_support::traits::WhitelistedStorageKeys;
			let mut whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
			// every fee goes there, so a block reads and writes it once
			let treasury = configs::TreasuryAccount::get();
			whitelist.push(frame_system::Account::<Runtime>::hashed_key_for(treasury).into());
			let mut batches = Vec::<frame_benchmarking::BenchmarkBatch>::new();
			let params = (&config, &whitelist);
			add_benchmarks!(params, batches);
			Ok(batches)
		}
	}
}
