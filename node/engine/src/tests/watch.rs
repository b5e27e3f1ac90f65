//! Work that is told to stop, and says how far it is.

use super::fixtures::{clouds, L2};
use crate::{
	attribution::Evidence,
	head::Head,
	influence::{canonical, Targets},
	linalg::{
		cholesky::Factor,
		gemm::{product, Rows, View},
		threads, Compute,
	},
	onnx::{
		write::{floats, linear_head, model, node, value, Form},
		Model,
	},
	progress::Progress,
	quiet,
	tools::extract,
	watch::{self, Stopped, Watch},
};
use openledger_primitives::ContributionId;
use prost::Message;
use std::{
	ops::Range,
	sync::atomic::{AtomicUsize, Ordering},
};

#[test]
fn work_that_is_told_to_stop_ends_at_its_next_look() {
	let watch = Watch::new();
	assert_eq!(watch.run(|| 7), Ok(7));
	let ended = watch.run(|| {
		watch::check();
		watch.stop();
		watch::check();
		unreachable!("it went on")
	});
	assert_eq!(ended, Err::<(), _>(Stopped));
	assert_eq!(watch.run(|| unreachable!("it began")), Err::<(), _>(Stopped));
	// without a watch there is nothing to look at
	watch::check();
	assert!(watch::current().is_none());
}

#[test]
fn a_panic_goes_on_as_it_was() {
	let caught = quiet::catch(|| Watch::new().run(|| panic!("on purpose")));
	assert_eq!(caught.err().as_deref(), Some("on purpose"));
	assert!(watch::current().is_none());
	// nor does being told to stop pass for an error of foreign code
	let watch = Watch::new();
	let ended = watch.run(|| {
		quiet::catch(|| {
			watch.stop();
			watch::check();
		})
	});
	assert_eq!(ended, Err(Stopped));
}

#[test]
fn threads_belong_to_the_work_that_started_them() {
	let watch = Watch::new();
	let looked = AtomicUsize::new(0);
	let ended = watch.run(|| {
		threads::map((0..4).collect(), |piece| {
			looked.fetch_add(1, Ordering::SeqCst);
			if piece == 0 {
				watch.stop();
			}
			while !watch.is_stopped() {
				std::hint::spin_loop();
			}
			watch::check();
			unreachable!("it went on")
		});
	});
	assert_eq!((ended, looked.into_inner()), (Err(Stopped), 4));
}

#[test]
fn stages_are_listed_in_order_with_those_of_what_is_waited_for() {
	let (own, other) = (Watch::new(), Watch::new());
	own.stage("first", 0).add(3);
	own.follow(&other);
	other.run(|| Progress::new("second", 10).add(4)).unwrap();
	other.stage("third", 2).add(9);
	own.stage("fourth", 1);
	let told: Vec<_> = own.stages().iter().map(|s| (s.name, s.done, s.total)).collect();
	assert_eq!(told, [("first", 0, 0), ("second", 4, 10), ("third", 2, 2), ("fourth", 0, 1)]);
	for _ in 0..1000 {
		own.stage("again", 0);
	}
	assert!(own.stages().len() < 100, "however often it is told");
}

/// Rows that stop the work once so many were read.
struct Stopping<'a> {
	rows: usize,
	left: AtomicUsize,
	watch: &'a Watch,
}

impl Rows for Stopping<'_> {
	fn rows(&self) -> usize {
		self.rows
	}

	fn pack<const R: usize>(&self, _: Range<usize>, _: Range<usize>, out: &mut [[f64; R]]) {
		out.fill([1.0; R]);
		if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
			self.watch.stop();
		}
	}
}

#[test]
fn a_product_stops_among_its_blocks() {
	for threads in [1, 2] {
		let watch = Watch::new();
		let (rows, depth) = (2_000, 1_000);
		let a = Stopping { rows, left: AtomicUsize::new(40), watch: &watch };
		let ones = vec![1.0; 300 * depth];
		let b = View::rows(&ones, 300, depth);
		let compute = Compute::canonical().with_threads(threads);
		let mut out = vec![0.0; rows * 300];
		let ended = watch.run(|| product(compute, &a, &b, depth, &mut out));
		assert_eq!(ended, Err(Stopped));
		// of the thousands of panels that the whole takes
		let read = 40usize.wrapping_sub(a.left.into_inner());
		assert!(read < 40 + 100 * threads, "{read} panels were read");
	}
}

#[test]
fn factoring_stops_among_its_columns() {
	let size = 480;
	let mut matrix = vec![0.0; size * size];
	matrix.iter_mut().step_by(size + 1).for_each(|d| *d = 1.0);
	let watch = Watch::new();
	let mut steps = 0;
	let ended = watch.run(|| {
		Factor::new(Compute::canonical(), matrix, size, |_| {
			steps += 1;
			watch.stop();
		})
	});
	assert_eq!(ended.err(), Some(Stopped));
	assert_eq!(steps, 1);
}

#[test]
fn preparing_influence_stops_and_tells_its_stages() {
	let records = 50;
	let head = Head::new(vec![0.1; 3 * 20], vec![0.0; 3]).unwrap();
	let features: Vec<i16> = (0..records * 20).map(|i| (i * 7919 % 513) as i16).collect();
	let targets = Targets::Classes((0..records).map(|i| i % 3).collect());
	let prepare = || canonical::prepare(&head, &features, &targets, 8, L2);
	let watch = Watch::new();
	assert!(watch.run(prepare).unwrap().is_ok());
	let stages = watch.stages();
	assert!(stages.iter().any(|stage| stage.total > 0), "{stages:?}");
	assert!(stages.iter().all(|stage| stage.done == stage.total), "{stages:?}");
	watch.stop();
	assert_eq!(watch.run(prepare).err(), Some(Stopped));
}

#[test]
fn examining_records_stops() {
	let head = Head::new(vec![0.1; 6], vec![0.0; 3]).unwrap();
	let parsed =
		Model::parse(&model(linear_head(&head, Form::Gemm)).encode_to_vec(), None).unwrap();
	let features = extract(&parsed, &[clouds(30, 1)], &[ContributionId(1)], L2, 3).unwrap();
	let watch = Watch::new();
	assert!(Evidence::examine(&features, 2, watch.flag()).is_ok());
	watch.stop();
	assert_eq!(Evidence::examine(&features, 2, watch.flag()), Err(Stopped));
}

#[test]
fn a_graph_stops_among_its_nodes() {
	let head = Head::new(vec![0.1; 12], vec![0.0; 3]).unwrap();
	let mut graph = linear_head(&head, Form::Gemm);
	graph.input = vec![value("input", &[None, Some(4)])];
	graph.initializer.push(floats("first", &[4, 4], vec![0.5; 16]));
	graph.node.insert(0, node("MatMul", &["input", "first"], "hidden"));
	graph.node.insert(1, node("Relu", &["hidden"], "x"));
	let parsed = Model::parse(&model(graph).encode_to_vec(), None).unwrap();
	let extractor = parsed.extractor().unwrap();
	assert!(extractor.working_memory() >= 4 * (4 + 4));
	let on_cpu = |row: &crate::onnx::Placement| row.device == "cpu" && row.nodes > 0;
	assert!(!extractor.placement().is_empty() && extractor.placement().iter().all(on_cpu));

	let watch = Watch::new();
	let input = [1.0, 2.0, 3.0, 4.0];
	let run = || extractor.run(&input, 1, &Progress::none());
	assert!(watch.run(run).unwrap().is_ok());
	let ended = watch.run(|| {
		watch.stop();
		run()
	});
	assert_eq!(ended.err(), Some(Stopped));
}
