//! Dense f64 linear algebra: products, Cholesky, triangular solves.
//!
//! Everything is built on one product, [`gemm::product`], in which every element of the result is
//! computed by the same operations in the same order, whatever the tile it falls into, the thread
//! that computes it or the vector unit that does the work. So results are the same bytes on any
//! number of threads; and without fused multiply-add ([`Compute::canonical`]) on any machine.

pub mod cholesky;
pub mod gemm;
pub mod threads;

use std::sync::OnceLock;

/// Set to `off`, it keeps kernels from using vector units, so that anyone can see that they change
/// no byte of what is canonical.
pub const VECTORS: &str = "OPENLEDGER_VECTORS";

/// Which vector unit runs the kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
	/// What every machine of the target has.
	Baseline,
	/// AVX2: wider vectors, the same bytes.
	Avx2,
	/// AVX2 with fused multiply-add: other last bits.
	Avx2Fma,
	/// AVX-512: wider still, the bytes of [`Unit::Baseline`].
	Avx512,
	/// AVX-512 with fused multiply-add: the bytes of [`Unit::Avx2Fma`].
	Avx512Fma,
}

impl Unit {
	/// Whether this machine has it, and this process may use it: see [`VECTORS`].
	pub fn is_here(self) -> bool {
		static OFF: OnceLock<bool> = OnceLock::new();
		if *OFF.get_or_init(|| std::env::var_os(VECTORS).is_some_and(|value| value == "off")) {
			return self == Self::Baseline;
		}
		#[cfg(target_arch = "x86_64")]
		{
			let avx2 = is_x86_feature_detected!("avx2");
			match self {
				Self::Baseline => true,
				Self::Avx2 => avx2,
				Self::Avx2Fma => avx2 && is_x86_feature_detected!("fma"),
				Self::Avx512 | Self::Avx512Fma => is_x86_feature_detected!("avx512f"),
			}
		}
		#[cfg(not(target_arch = "x86_64"))]
		{
			self == Self::Baseline
		}
	}

	fn first_here(units: &[Self]) -> Self {
		units.iter().copied().find(|unit| unit.is_here()).unwrap_or(Self::Baseline)
	}
}

/// How to compute: on which unit and how many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compute {
	unit: Unit,
	threads: usize,
}

impl Compute {
	/// The fastest this machine has: the same bytes on every run, not on every machine.
	pub fn fast() -> Self {
		Self::on_first(&[Unit::Avx512Fma, Unit::Avx2Fma])
	}

	/// The same bytes on every machine: multiplication and addition are rounded separately.
	pub fn canonical() -> Self {
		Self::on_first(&[Unit::Avx512, Unit::Avx2])
	}

	/// On `unit`, or where this machine lacks it, on the baseline.
	pub fn on(unit: Unit) -> Self {
		Self::on_first(&[unit])
	}

	fn on_first(units: &[Unit]) -> Self {
		Self { unit: Unit::first_here(units), threads: threads::available() }
	}

	/// On at most `threads` threads.
	pub fn with_threads(self, threads: usize) -> Self {
		Self { threads: threads.max(1), ..self }
	}

	/// The unit.
	pub fn unit(&self) -> Unit {
		self.unit
	}

	/// The most threads used.
	pub fn threads(&self) -> usize {
		self.threads
	}

	/// Whether results are the same bytes on every machine.
	pub fn is_canonical(&self) -> bool {
		!matches!(self.unit, Unit::Avx2Fma | Unit::Avx512Fma)
	}
}
