//! ONNX models: read, split, loaded by the runtime or differentiated, and run on one record.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{
	influence::network::Graph, linalg::Compute, memory::Bounded, onnx::Model, progress::Progress,
};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

/// Larger inputs only take time.
const MAX_INPUT: usize = 1 << 12;
const MAX_ELEMENTS: usize = 1 << 22;

fuzz_target!(|data: &[u8]| {
	let Ok(model) = Model::parse(data, None) else { return };
	let elements = model.input().elements();
	if elements > MAX_INPUT || model.input().batch.is_some_and(|batch| batch > 16) {
		return;
	}
	if let Ok(head) = model.head() {
		assert!(head.weights().iter().chain(head.bias()).all(|w| w.is_finite()));
	}
	if let Ok(graph) = Graph::read(&model) {
		if graph.elements() <= MAX_ELEMENTS {
			let compute = Compute::canonical().with_threads(1);
			if let Ok(out) = graph.run(compute, &vec![0.5; elements]) {
				assert_eq!(out.len(), graph.outputs());
			}
		}
	}
	for graph in [model.extractor(), model.whole()].into_iter().flatten() {
		if let Ok(out) = graph.run(&vec![0.5; elements], 1, &Progress::none()) {
			assert_eq!(out.len(), graph.outputs());
		}
	}
});
