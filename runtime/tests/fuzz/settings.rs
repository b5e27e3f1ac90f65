//! How much is sent, from the environment: `FUZZ_SEED`, `FUZZ_CALLS`, `FUZZ_EPISODE`, `FUZZ_EVERY`,
//! `FUZZ_THREADS`. Without any, the bounded run of a plain `cargo test`.

/// See the module's documentation.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
	/// Seed of the first episode; each has the next.
	pub seed: u64,
	/// Calls in all.
	pub calls: u64,
	/// Calls of an episode.
	pub episode: u64,
	/// Blocks from one whole check to the next.
	pub every: u32,
	/// Episodes at once.
	pub threads: u64,
	/// Whether it is the bounded run, which has to reach everything.
	pub bounded: bool,
}

impl Settings {
	/// Of the environment.
	pub fn read() -> Self {
		let bounded = std::env::var_os("FUZZ_CALLS").is_none();
		let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
		Self {
			seed: number("FUZZ_SEED", 1),
			calls: number("FUZZ_CALLS", 16_000),
			episode: number("FUZZ_EPISODE", 4_000).max(1),
			every: number("FUZZ_EVERY", 1).clamp(1, u32::MAX.into()) as u32,
			threads: number("FUZZ_THREADS", if bounded { 1 } else { cores }).max(1),
			bounded,
		}
	}

	/// Seed and calls of every episode.
	pub fn episodes(&self) -> Vec<(u64, u64)> {
		let many = self.calls.div_ceil(self.episode);
		let calls = |at: u64| self.episode.min(self.calls - at * self.episode);
		(0..many).map(|at| (self.seed.wrapping_add(at), calls(at))).collect()
	}
}

fn number(name: &str, otherwise: u64) -> u64 {
	match std::env::var(name) {
		Ok(value) => value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value}")),
		Err(_) => otherwise,
	}
}
