//! What stays in state, and what hooks take, however many jobs there are.

mod common;

use common::{account, stage::*, Chain};
use openledger_inference::DRAW_DELAY;
use openledger_primitives::{parameters::RoundParameters, JobId};
use openledger_runtime::{
	parameters::dynamic_params::attribution, AllPalletsWithSystem, Attribution, Babe, Datanets,
	Inference, Models, Runtime, RuntimeEvent, RuntimeOrigin, RuntimeParameters, Staking, System,
};
use polkadot_sdk::{
	frame_support::{
		dispatch::DispatchClass,
		traits::{Get, OnInitialize, PalletsInfoAccess},
		weights::Weight,
	},
	frame_system, pallet_parameters, pallet_sudo,
	sp_io::hashing::twox_128,
	sp_runtime::traits::Dispatchable,
};
use std::collections::BTreeMap;

/// Jobs answered together.
const BATCH: usize = 16;
/// Bytes that may differ between two states without work: lengths of compact numbers.
const SLACK: i64 = 256;
/// Of pallets that keep something for each block or session, whatever happens in it.
const OF_TIME: [&str; 6] = ["System", "Babe", "Session", "Historical", "Grandpa", "Chance"];

/// A number from the environment, for long runs.
fn many(name: &str, otherwise: usize) -> usize {
	std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number of jobs"))
}

/// Bytes of keys and values of each pallet.
fn sizes(chain: &mut Chain) -> BTreeMap<String, i64> {
	let pallets: BTreeMap<_, _> = AllPalletsWithSystem::infos()
		.into_iter()
		.map(|info| (twox_128(info.name.as_bytes()).to_vec(), info.name.to_owned()))
		.collect();
	let mut sizes = BTreeMap::new();
	for (key, value) in chain.state() {
		if let Some(name) = key.get(..16).and_then(|prefix| pallets.get(prefix)) {
			*sizes.entry(name.clone()).or_insert(0) += (key.len() + value.len()) as i64;
		}
	}
	sizes
}

fn keep_receipts_for(stage: &mut Stage, blocks: u32) {
	let rounds = stage.chain.query(attribution::Rounds::get);
	let rounds = RoundParameters { receipt_retention: blocks, ..rounds };
	let key_value = RuntimeParameters::Attribution(attribution::Parameters::Rounds(
		attribution::Rounds,
		Some(rounds),
	));
	let call = Box::new(pallet_parameters::Call::set_parameter { key_value }.into());
	stage.chain.send("//Alice", pallet_sudo::Call::sudo { call }).unwrap();
}

/// Has `jobs` jobs asked, answered, matured and pruned.
fn work(stage: &mut Stage, jobs: usize) {
	let mut left = jobs;
	while left > 0 {
		let batch = left.min(BATCH);
		left -= batch;
		answer_together(stage, batch);
		if left % 1_024 < BATCH && left > 0 {
			eprintln!("{left} jobs to go, block {}", stage.chain.height());
		}
	}
	stage.mature();
	let retention = stage.chain.query(attribution::Rounds::get).receipt_retention;
	stage.chain.skip(retention + 2);
}

/// Lets the session end where it ends within `blocks`: a block that ends one takes no transactions,
/// since the session pallet declares all of its weight.
fn keep_off_the_sessions_end(stage: &mut Stage, blocks: u64) {
	let left = stage.chain.query(|| *Babe::next_epoch().start_slot - *Babe::current_slot());
	if left <= blocks {
		stage.chain.skip(left as u32 + 1);
	}
}

fn answer_together(stage: &mut Stage, jobs: usize) {
	keep_off_the_sessions_end(stage, u64::from(DRAW_DELAY) + 4);
	let quote = stage.chain.query(|| Inference::quote(stage.base, 1)).unwrap();
	stage.chain.all_succeed((0..jobs).map(|_| (CALLER, request(stage.base, quote, 1))).collect());
	stage.chain.skip(DRAW_DELAY);
	let drawn = stage.chain.query(|| {
		let drawn = System::events().into_iter().filter_map(|record| match record.event {
			RuntimeEvent::Inference(openledger_inference::Event::CommitteeDrawn {
				job,
				committee,
				..
			}) => Some((job, committee)),
			_ => None,
		});
		drawn.collect::<Vec<_>>()
	});
	assert_eq!(drawn.len(), jobs);
	let seats: Vec<(JobId, &str)> = drawn
		.into_iter()
		.map(|(job, committee)| {
			let seated = |path: &&str| account(path) == committee[0];
			(job, WORKERS.into_iter().find(seated).unwrap())
		})
		.collect();
	let [a, b, c] = stage.contributions;
	let said = |job| report(job, &[(a, 400_000), (b, 300_000), (c, 100_000)]);
	let commits = seats
		.iter()
		.map(|(job, worker)| {
			let commitment = said(*job).commitment(&SALT, &account(worker));
			stage.chain.commit(*job, worker, commitment)
		})
		.collect();
	assert!(stage.chain.build(commits).into_iter().all(|result| result == Ok(Ok(()))));
	let reveals = seats
		.iter()
		.map(|(job, worker)| stage.chain.reveal(*job, worker, said(*job), SALT))
		.collect();
	assert!(stage.chain.build(reveals).into_iter().all(|result| result == Ok(Ok(()))));
}

#[test]
fn settled_jobs_leave_nothing_behind_but_what_accounts_and_contributions_earned() {
	let jobs = many("GROWTH_JOBS", 256);
	let mut stage = Stage::set();
	stage.chain.always_checked = false;
	keep_receipts_for(&mut stage, 10);
	// whoever can be paid has an entry from now on
	work(&mut stage, 2 * BATCH);
	let before = sizes(&mut stage.chain);
	work(&mut stage, jobs);
	let after = sizes(&mut stage.chain);
	stage.chain.everything_adds_up();

	let mut grown = 0;
	println!("{:24} {:>10} {:>10}", "bytes of", "before", format!("+{jobs} jobs"));
	for (pallet, size) in &after {
		let was = before.get(pallet).copied().unwrap_or_default();
		println!("{pallet:24} {was:10} {size:10}");
		if !OF_TIME.contains(&pallet.as_str()) {
			grown += size - was;
		}
	}
	println!("{:.3} bytes a job", grown as f64 / jobs as f64);
	assert!(grown <= SLACK, "{grown} bytes stay of {jobs} jobs");
}

#[test]
fn a_long_queue_is_worked_off_within_a_bounded_weight_a_block() {
	let jobs = many("GROWTH_QUEUE", 2_000);
	let mut stage = Stage::set();
	stage.chain.always_checked = false;
	let quote = stage.chain.query(|| Inference::quote(stage.base, 1)).unwrap();
	let call = request(stage.base, quote, 1);
	let caller = account(CALLER);
	stage.chain.meddle(|| {
		for _ in 0..jobs {
			let origin = RuntimeOrigin::signed(caller.clone());
			call.clone().dispatch(origin).expect("the queue has room");
		}
	});
	let waiting = |chain: &mut Chain| {
		chain.query(|| openledger_inference::Waiting::<Runtime>::iter_keys().count())
	};
	assert_eq!(waiting(&mut stage.chain), jobs);
	let most = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
	let mut heaviest = 0.0f64;
	let mut slowest = std::time::Duration::ZERO;
	while waiting(&mut stage.chain) > 0 || open_rounds(&mut stage.chain) > 0 {
		let start = std::time::Instant::now();
		stage.chain.skip(1);
		// built and imported
		slowest = slowest.max(start.elapsed() / 2);
		if stage.chain.query(|| Babe::current_slot() == Babe::current_epoch_start()) {
			// the session pallet declares a whole block
			continue;
		}
		let used = stage.chain.query(System::block_weight);
		let hooks = used.get(DispatchClass::Mandatory);
		let time = hooks.ref_time() as f64 / most.ref_time() as f64;
		heaviest = heaviest.max(time);
		assert!(
			time <= 0.75,
			"hooks take {time:.2} of a block; of the next, in ms: {:.1?}",
			stage.chain.query(next_hooks)
		);
	}
	stage.chain.everything_adds_up();
	println!(
		"{jobs} queued: at most {:.1} ms declared and {:.1} ms taken, natively, by an empty block",
		heaviest * most.ref_time() as f64 / 1e9,
		slowest.as_secs_f64() * 1e3
	);
}

/// What the hooks of the next block are declared to weigh, in milliseconds.
fn next_hooks() -> [(&'static str, f64); 5] {
	let next = System::block_number() + 1;
	System::set_block_number(next);
	let milliseconds = |weight: Weight| weight.ref_time() as f64 / 1e9;
	[
		("Staking", milliseconds(Staking::on_initialize(next))),
		("Datanets", milliseconds(Datanets::on_initialize(next))),
		("Models", milliseconds(Models::on_initialize(next))),
		("Inference", milliseconds(Inference::on_initialize(next))),
		("Attribution", milliseconds(Attribution::on_initialize(next))),
	]
}

fn open_rounds(chain: &mut Chain) -> usize {
	chain.query(|| openledger_attribution::Rounds::<Runtime>::iter_keys().count())
}
