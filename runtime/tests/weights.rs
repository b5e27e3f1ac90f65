//! What a job costs the chain, by the generated weights: database, transaction extensions and the
//! base of every transaction included.

use openledger_attribution::WeightInfo as _;
use openledger_inference::WeightInfo as _;
use openledger_primitives::{traits::Input, JobId, ModelId, Report, MAX_INFLUENCE, OPEN};
use openledger_runtime::{
	configs::BlockWeights, AccountId, Runtime, RuntimeCall, UncheckedExtrinsic,
};
use polkadot_sdk::{
	frame_support::{dispatch::GetDispatchInfo, traits::Get, weights::Weight},
	frame_system::offchain::{CreateAuthorizedTransaction, CreateTransaction},
	pallet_balances,
	sp_core::sr25519,
};

type Committee = openledger_attribution::weights::SubstrateWeight<Runtime>;
type Market = openledger_inference::weights::SubstrateWeight<Runtime>;

/// Seats of the job.
const SEATS: u64 = 3;
/// Contributions behind its answer, each of somebody else.
const CONTRIBUTORS: u32 = 16;
/// Workers that serve its model.
const SERVERS: u32 = 16;

fn nobody() -> AccountId {
	AccountId::new([1; 32])
}

/// What a transaction weighs besides its call: its base, and its extensions, which check signatures.
fn around(call: &RuntimeCall) -> Weight {
	let extension = <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_extension();
	let transaction: UncheckedExtrinsic =
		<Runtime as CreateTransaction<RuntimeCall>>::create_transaction(call.clone(), extension);
	let info = transaction.get_dispatch_info();
	info.extension_weight + BlockWeights::get().get(info.class).base_extrinsic
}

fn transfer() -> Weight {
	let transfer =
		pallet_balances::Call::transfer_allow_death { dest: nobody().into(), value: OPEN };
	let call = RuntimeCall::from(transfer);
	call.get_dispatch_info().call_weight + around(&call)
}

fn request() -> Weight {
	let input = Input::Inline(Default::default());
	let request = openledger_inference::Call::request {
		model: ModelId(0),
		input,
		max_fee: OPEN,
		committee: 3,
	};
	let call = RuntimeCall::from(request);
	call.get_dispatch_info().call_weight + around(&call)
}

fn signature() -> openledger_primitives::worker::WorkerSignature {
	sr25519::Signature::from_raw([0; 64]).into()
}

fn commit() -> Weight {
	let commit = openledger_attribution::Call::commit {
		job: JobId(0),
		worker: nobody(),
		commitment: [0; 32],
		signature: signature(),
	};
	Committee::commit() + around(&commit.into())
}

fn reveal() -> Weight {
	let report = Report {
		job: JobId(0),
		answer: Default::default(),
		output: None,
		query_features: [0; 32],
		engine_version: 0,
		influence: Default::default(),
	};
	let reveal = openledger_attribution::Call::reveal {
		job: JobId(0),
		worker: nobody(),
		report,
		salt: [0; 32],
		signature: signature(),
	};
	Committee::reveal() + around(&reveal.into())
}

/// From the request to the receipt.
fn job() -> Weight {
	request()
		+ Market::draw_assigned(SERVERS)
		+ commit() * SEATS
		+ Committee::close_commits()
		+ reveal() * SEATS
		+ Committee::settle(CONTRIBUTORS)
}

#[test]
fn a_job_of_three_seats_and_sixteen_contributors_weighs_at_most_twenty_five_transfers() {
	let (job, transfer) = (job().ref_time(), transfer().ref_time());
	println!("a job weighs {:.1} transfers of {} ps", job as f64 / transfer as f64, transfer);
	assert!(job <= 25 * transfer, "{job} ps against {transfer} ps");
}

#[test]
fn a_settlement_with_sixty_four_contributors_takes_at_most_a_twentieth_of_a_block() {
	let block = BlockWeights::get().max_block.ref_time();
	let settlement = Committee::settle(MAX_INFLUENCE).ref_time();
	println!("a settlement takes {:.2} % of a block", 100.0 * settlement as f64 / block as f64);
	assert!(settlement <= block / 20, "{settlement} ps of {block} ps");
}

/// What hooks are declared to weigh where every queue is long and every list full.
fn heaviest_hooks() -> [(&'static str, Weight); 5] {
	use openledger_datanets::WeightInfo as _;
	use openledger_models::WeightInfo as _;
	use openledger_staking::WeightInfo as _;
	type Curation = openledger_datanets::weights::SubstrateWeight<Runtime>;
	type Catalogue = openledger_models::weights::SubstrateWeight<Runtime>;
	type Stake = openledger_staking::weights::SubstrateWeight<Runtime>;

	let times = |weight: Weight, count: u32| weight.saturating_mul(count.into());
	let slashes = times(Stake::execute_slash(), openledger_staking::SLASHES_PER_BLOCK);
	let staking = Stake::pending_slashes() + slashes;

	let curators: u32 = <Runtime as openledger_datanets::Config>::MaxCurators::get();
	let panels: u32 = <Runtime as openledger_datanets::Config>::MaxDrawsPerBlock::get();
	let deadlines: u32 = <Runtime as openledger_datanets::Config>::MaxDeadlinesPerBlock::get();
	// of three queues
	let ends = 3 * deadlines;
	let panel = Curation::draw_panel(curators).max(Curation::fail_draw(curators));
	let datanets = Curation::look(panels + ends)
		+ Curation::candidates(curators)
		+ times(panel, panels)
		+ times(Curation::end_phase(), ends);

	let evaluations: u32 = <Runtime as openledger_models::Config>::MaxEvaluationWork::get();
	let workers: u32 = <Runtime as openledger_models::Config>::MaxWorkers::get();
	let evaluation = Catalogue::draw_attesters(workers) + Catalogue::pass_deadline();
	let models = Catalogue::look(evaluations) + times(evaluation, evaluations);

	let draws: u32 = <Runtime as openledger_inference::Config>::MaxDrawsPerBlock::get();
	let inference =
		Market::look(draws) + <Runtime as openledger_inference::Config>::DrawWeight::get();

	let entries: u32 = <Runtime as openledger_attribution::Config>::MaxQueueWork::get();
	let paying = <Runtime as openledger_attribution::Config>::QueueWeight::get();
	let attribution =
		Committee::on_initialize() + paying + (paying / 4) * 2 + Committee::prune(entries);
	[
		("Staking", staking),
		("Datanets", datanets),
		("Models", models),
		("Inference", inference),
		("Attribution", attribution),
	]
}

#[test]
fn hooks_leave_room_for_reports_even_where_every_queue_is_long() {
	let block = BlockWeights::get().max_block.ref_time();
	let mut all = 0;
	for (pallet, weight) in heaviest_hooks() {
		println!("{pallet}: {:.1} % of a block", 100.0 * weight.ref_time() as f64 / block as f64);
		all += weight.ref_time();
	}
	assert!(all <= block / 20 * 17, "{all} ps of {block} ps");
}
