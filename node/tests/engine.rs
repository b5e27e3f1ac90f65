//! The engine beside the node: it comes back from whatever ends it, and goes when the node goes.

mod common;

use common::{fail, is_running, signal, Node};

#[test]
fn an_engine_comes_back_and_goes_with_its_node() {
	let mut node = Node::start(&["--dev"]);
	let up = |node: &Node| node.metric("openledger_engine_up") == Some(1.0);
	let restarts = |node: &Node| node.metric("openledger_engine_restarts_total");
	node.wait_until("the engine is up", up);
	assert_eq!(restarts(&node), Some(0.0));
	node.wait_until("it is asked for its health", |node| {
		node.metric("openledger_engine_health_seconds_count") > Some(0.0)
	});

	// killed, as by the kernel when memory runs out
	let first = node.engine().expect("an engine");
	signal(first, "-KILL");
	node.wait_until("another engine is up", |node| {
		restarts(node) == Some(1.0) && up(node) && node.engine().is_some_and(|pid| pid != first)
	});

	// hanging: alive, but silent
	let second = node.engine().expect("an engine");
	signal(second, "-STOP");
	node.wait_until("the hanging engine is replaced", |node| {
		restarts(node) == Some(2.0) && up(node) && node.engine().is_some_and(|pid| pid != second)
	});
	assert!(!is_running(second));
	assert!(node.log().contains("it hangs"));

	// the chain went on meanwhile
	node.wait_until("blocks are finalised", |node| node.finalised() >= 2);

	let third = node.engine().expect("an engine");
	node.kill();
	let started = std::time::Instant::now();
	while is_running(third) {
		assert!(started.elapsed() < common::PATIENCE, "the engine outlives its node");
		std::thread::sleep(std::time::Duration::from_millis(50));
	}
}

#[test]
fn an_external_engine_that_is_not_there_stops_nothing() {
	// a port of the reserved range, where nothing listens
	let node = Node::start(&["--dev", "--engine-url", "http://127.0.0.1:1"]);
	node.wait_until("its absence is noticed", |node| {
		node.log().contains("No engine at http://127.0.0.1:1")
	});
	assert_eq!(node.metric("openledger_engine_up"), Some(0.0));
	assert_eq!(node.engine(), None);
	node.wait_until("blocks are made", |node| node.best() >= 1);
}

#[test]
fn the_engine_is_a_command_of_its_own() {
	let help = common::succeed(&["engine", "--help"]);
	for command in ["serve", "infer", "influence"] {
		assert!(help.contains(command), "{command} is missing in:\n{help}");
	}
	assert!(fail(&["engine", "no-such-command"]).contains("no-such-command"));
}

#[test]
fn an_engine_that_finds_no_gpu_says_which_flag_to_change() {
	// ordinary builds have no CUDA runtime, and where one is, machines have no GPU
	if std::path::Path::new("/dev/nvidia0").exists() {
		return;
	}
	let node = Node::start(&["--dev", "--engine-device", "cuda"]);
	node.wait_until("the engine's end is explained", |node| {
		node.log().contains("it finds no GPU that works (--engine-device cuda)")
			&& node.log().contains("use --engine-device auto or cpu")
	});
	assert_eq!(node.metric("openledger_engine_up"), Some(0.0));
	node.wait_until("blocks are made", |node| node.best() >= 1);
}
