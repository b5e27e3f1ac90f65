//! Sequences of calls, random, valid and adversarial, against the real runtime: whatever is sent,
//! after every block everything adds up. See `docs/fuzzing.md`.

#[path = "../common/mod.rs"]
mod common;

mod author;
mod calls;
mod dice;
mod episode;
mod ledger;
mod memory;
mod people;
mod scene;
mod settings;
mod setup;
mod tally;
mod view;
mod watch;

use episode::Episode;
use settings::Settings;
use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	sync::{
		atomic::{AtomicUsize, Ordering},
		Mutex,
	},
	time::Instant,
};
use tally::{Name, Tally};

/// Calls that have to succeed, or nothing of what follows from them is tried.
const MAIN_PATH: &[Name] = &[
	("Datanets", "create"),
	("Datanets", "contribute"),
	("Datanets", "commit_verdict"),
	("Datanets", "reveal_verdict"),
	("Datanets", "appeal"),
	("Datanets", "commit_duplicate"),
	("Datanets", "prove_duplicate"),
	("Datanets", "withdraw_duplicate"),
	("Datanets", "revoke"),
	("Datanets", "release_bond"),
	("Datanets", "set_data_fee"),
	("Datanets", "set_kinds"),
	("Datanets", "publish_clusters"),
	("Models", "register"),
	("Models", "register_adapter"),
	("Models", "set_price"),
	("Models", "set_status"),
	("Models", "record_evaluation"),
	("Models", "attest_evaluation"),
	("Models", "retire"),
	("Inference", "request"),
	("Inference", "cancel"),
	("Inference", "serve"),
	("Inference", "withdraw"),
	("Attribution", "commit"),
	("Attribution", "reveal"),
	("Attribution", "dispute"),
	("Attribution", "claim"),
	("Attribution", "claim_for"),
	("Staking", "bond"),
	("Staking", "bond_extra"),
	("Staking", "unbond"),
	("Staking", "withdraw_unbonded"),
	("Staking", "delegate"),
	("Staking", "undelegate"),
	("Staking", "withdraw_undelegated"),
	("Staking", "claim_rewards"),
	("Staking", "set_worker_key"),
	("Staking", "chill"),
	("Staking", "set_commission"),
	("Staking", "cancel_slash"),
	("Models", "list"),
	("Models", "delist"),
	("Launches", "post_call"),
	("Launches", "claim_call"),
	("Launches", "close_call"),
	("Launches", "propose"),
	("Launches", "approve"),
	("Launches", "withdraw"),
	("Launches", "deliver"),
	("Launches", "expire"),
	("Gopen", "deposit"),
	("Gopen", "withdraw"),
	("Gopen", "complete_withdrawal"),
	("Gopen", "delegate_votes"),
	("Gopen", "undelegate_votes"),
	("Gopen", "vote"),
	("Gopen", "remove_vote"),
	("Referenda", "submit"),
	("Referenda", "place_decision_deposit"),
	("Balances", "transfer_keep_alive"),
	("Utility", "batch"),
	("Proxy", "proxy"),
	("Session", "set_keys"),
	("Parameters", "set_parameter"),
];

/// Runs episodes until none is left or one breaks something.
fn work(settings: &Settings, next: &AtomicUsize, total: &Mutex<Tally>) {
	let episodes = settings.episodes();
	while let Some((seed, calls)) = episodes.get(next.fetch_add(1, Ordering::Relaxed)) {
		let begun = Instant::now();
		let (mut episode, ext) = Episode::new(*seed, settings.every);
		let run = catch_unwind(AssertUnwindSafe(|| episode.run(ext, *calls)));
		if run.is_err() {
			next.store(usize::MAX / 2, Ordering::Relaxed);
			panic!("{}", episode.explain());
		}
		let (seconds, blocks) = (begun.elapsed().as_secs_f64(), episode.tally.marked("blocks"));
		println!("seed {seed}: {calls} calls in {blocks} blocks, {seconds:.1} s");
		total.lock().expect("nobody broke anything").add(episode.tally);
	}
}

#[test]
fn whatever_is_sent_everything_adds_up_after_every_block() {
	let settings = Settings::read();
	let (next, total) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
	let begun = Instant::now();
	std::thread::scope(|scope| {
		for _ in 0..settings.threads {
			scope.spawn(|| work(&settings, &next, &total));
		}
	});
	let tally = total.into_inner().expect("nobody broke anything");
	println!("{tally}");
	println!("{settings:?}: {:.1} s", begun.elapsed().as_secs_f64());
	if settings.bounded {
		assert_eq!(tally.untried(), [], "every call of our pallets is tried");
		assert_eq!(tally.failed(MAIN_PATH), [], "what has to succeed does");
		for what in ["frozen blocks", "sessions", "episodes in which everything ended"] {
			assert!(tally.marked(what) > 0, "no {what}");
		}
	}
}

#[test]
fn the_same_seed_sends_the_same_calls_to_the_same_end() {
	let tally = |seed| {
		let (mut episode, ext) = Episode::new(seed, u32::MAX);
		episode.run(ext, 400);
		episode.tally
	};
	assert_eq!(tally(7), tally(7));
	assert_ne!(tally(7), tally(8));
}
