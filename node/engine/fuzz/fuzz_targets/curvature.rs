//! Files of kept curvatures: one that was changed is replaced, and nothing comes from it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_engine::{
	head::Head,
	influence::{Cache, Objective, Origin, Solver, Targets},
	linalg::Compute,
	memory::Bounded,
};
use std::{fs, sync::OnceLock};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fn objective() -> &'static Objective {
	static OBJECTIVE: OnceLock<Objective> = OnceLock::new();
	OBJECTIVE.get_or_init(|| {
		let head = Head::new(vec![0.5, -0.25, 0.125, 1.0], vec![0.0, 0.5]).expect("a head");
		let targets = Targets::Classes(vec![0, 1, 1]);
		let features = vec![1.0, 0.0, 0.5, -1.0, 2.0, 0.25];
		Objective::new(Compute::canonical(), head, features, &targets, 0.5).expect("an objective")
	})
}

fuzz_target!(|data: &[u8]| {
	let dir = std::env::temp_dir().join(format!("openledger-fuzz-{}", std::process::id()));
	let cache = Cache::open(&dir).expect("a folder");
	for solver in [Solver::Dense, Solver::Conjugate] {
		let path = cache.path(objective(), solver);
		fs::write(&path, data).expect("a file");
		let (_, origin) = cache.curvature(objective(), solver).expect("a curvature");
		let after = fs::read(&path).expect("a file");
		assert_eq!(after == data, origin == Origin::Cached, "{origin:?}");
	}
});
