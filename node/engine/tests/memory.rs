//! What is said of memory before it is taken, against what an allocator counts.
#![allow(missing_docs)]

mod common;

use common::{head, Random};
use openledger_engine::{
	artifact::{Label, TrainingFeatures},
	head::{Head, HeadTask},
	jobs::{kind, Peek, Resources},
	onnx::write::{floats, linear_head, model, node, value, Form},
	watch::Watch,
};
use openledger_primitives::{api::JobModel, merkle::blob_id, ContributionId};
use prost::Message;
use std::{
	alloc::{GlobalAlloc, Layout, System},
	sync::atomic::{AtomicUsize, Ordering},
};

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is the system's allocator's work; beside it only counters change.
unsafe impl GlobalAlloc for Counting {
	unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
		let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
		MOST.fetch_max(now, Ordering::Relaxed);
		// SAFETY: as the caller promises.
		unsafe { System.alloc(layout) }
	}

	unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
		NOW.fetch_sub(layout.size(), Ordering::Relaxed);
		// SAFETY: as the caller promises.
		unsafe { System.dealloc(pointer, layout) }
	}
}

/// What `work` left allocated, and the most that was allocated meanwhile.
fn measured<T>(work: impl FnOnce() -> T) -> (T, usize, usize) {
	let before = NOW.load(Ordering::Relaxed);
	MOST.store(before, Ordering::Relaxed);
	let result = work();
	let after = NOW.load(Ordering::Relaxed);
	(result, after.saturating_sub(before), MOST.load(Ordering::Relaxed) - before)
}

struct Case {
	name: &'static str,
	file: Vec<u8>,
	features: Vec<u8>,
	model: JobModel,
}

fn case(name: &'static str, file: Vec<u8>, inputs: usize, head: &Head, records: usize) -> Case {
	let mut random = Random::new(5);
	let (width, classes) = (head.features(), head.outputs());
	let features = TrainingFeatures {
		task: head.task(),
		scale: 4,
		l2: 0.1,
		classes: classes as u32,
		dimensions: width as u32,
		contributions: (0..records).map(|i| ContributionId(i as u64 / 100)).collect(),
		hashes: vec![[0; 32]; records],
		labels: (0..records)
			.map(|_| match head.task() {
				HeadTask::Classify => Label::Class(random.below(classes) as u32),
				HeadTask::Regress => Label::Value(random.unit()),
			})
			.collect(),
		features: (0..records * width).map(|_| random.below(64) as i16).collect(),
	};
	let features = features.to_bytes().unwrap();
	let model = JobModel {
		artifact: blob_id(&file),
		features: blob_id(&features),
		task: head.task().into(),
		input_bytes: 4 * inputs as u32,
		feature_scale: 4,
		answer_scale: 0,
	};
	Case { name, file, features, model }
}

fn linear(name: &'static str, records: usize, features: usize, classes: usize) -> Case {
	let head = head(1, features, classes);
	let file = model(linear_head(&head, Form::Gemm)).encode_to_vec();
	case(name, file, features, &head, records)
}

/// Two wide layers before the head: most of the memory is the graph's.
fn network() -> Case {
	let (inputs, wide, last) = (600, 1500, head(2, 20, 4));
	let mut random = Random::new(3);
	let mut weights = |n: usize| (0..n).map(|_| random.unit() as f32 - 0.5).collect::<Vec<_>>();
	let mut graph = linear_head(&last, Form::Gemm);
	graph.input = vec![value("input", &[None, Some(inputs)])];
	graph.initializer.push(floats("first", &[inputs, wide], weights(inputs * wide)));
	graph.initializer.push(floats("second", &[wide, wide], weights(wide * wide)));
	graph.initializer.push(floats("third", &[wide, 20], weights(wide * 20)));
	let layers = [
		node("MatMul", &["input", "first"], "a"),
		node("Relu", &["a"], "b"),
		node("MatMul", &["b", "second"], "c"),
		node("Relu", &["c"], "d"),
		node("MatMul", &["d", "third"], "x"),
	];
	graph.node.splice(0..0, layers);
	case("network", model(graph).encode_to_vec(), inputs, &last, 200)
}

#[test]
fn what_is_taken_is_said_before_and_not_much_more() {
	let cases = [
		linear("many records", 1_500, 4, 3),
		linear("a large Hessian", 300, 59, 20),
		linear("wide features", 200, 1_100, 1),
		network(),
	];
	for Case { name, file, features, model } in cases {
		let head = features[..features.len().min(Peek::BYTES)].to_vec();
		let artifact = Peek { size: file.len(), head: vec![] };
		let peek = Peek { size: features.len(), head };
		let kind = kind(model.task);
		let need = kind.need(&model, &artifact, &peek).unwrap();
		let resources = Resources::cpu(2);
		let input = vec![0; model.input_bytes as usize];
		let (prepared, kept, most) = measured(|| {
			// as they come from the store
			let (file, features) = (file.clone(), features.clone());
			kind.prepare(&model, file, features, resources, &Watch::new()).unwrap()
		});
		let said = prepared.memory();
		let (_, _, working) = measured(|| prepared.answer(&input, &Watch::new()).unwrap());
		let may = prepared.working_memory();
		println!("{name}: need {need} most {most}, kept {kept} said {said}, {working} of {may}");
		assert!(most <= need, "{name}: {most} bytes were taken, {need} were said to be needed");
		assert!(need <= 3 * most + (6 << 20), "{name}: {need} for {most} bytes");
		assert!(kept <= said + said / 8, "{name}: {kept} bytes are kept, {said} were said");
		assert!(said <= 2 * kept + (1 << 20), "{name}: {said} for {kept} bytes");
		assert!(working <= may, "{name}: an answer took {working} bytes of {may}");
	}
}
