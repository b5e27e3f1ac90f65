//! What gOPEN decides at the best block, as gauges.

use super::{
	gauges::{gauge, gauges, open, Gauge, Gauges},
	reader::Storage,
};
use openledger_runtime::{configs::governance::Tracks, Balance, BlockNumber, Runtime};
use polkadot_sdk::*;
use substrate_prometheus_endpoint::{PrometheusError, Registry};

/// The gauges.
pub struct Governance {
	deposited: Gauge,
	deciding: Gauges,
	safe_mode: Gauge,
}

impl Governance {
	/// Registers them.
	pub fn register(r: &Registry) -> Result<Self, PrometheusError> {
		Ok(Self {
			deposited: gauge(r, "openledger_gopen_open", "OPEN that is deposited for gOPEN")?,
			deciding: gauges(
				r,
				"openledger_referenda_deciding",
				"Referenda that are being decided or confirmed, by track",
				&["track"],
			)?,
			safe_mode: gauge(
				r,
				"openledger_safe_mode",
				"1 while safe mode stops most transactions, else 0",
			)?,
		})
	}

	/// Reads all of them.
	pub fn update(&self, at: &impl Storage) {
		let total = frame_support::storage::storage_prefix(b"Gopen", b"TotalDeposits");
		let deposited: Option<Balance> = at.get(total);
		self.deposited.set(open(deposited.unwrap_or_default()));
		for (track, name) in Tracks::names() {
			let count: Option<u32> =
				at.get(pallet_referenda::DecidingCount::<Runtime>::hashed_key_for(track));
			let count = f64::from(count.unwrap_or_default());
			self.deciding.with_label_values(&[name]).set(count);
		}
		let until: Option<BlockNumber> =
			at.get(pallet_safe_mode::EnteredUntil::<Runtime>::hashed_key());
		self.safe_mode.set(f64::from(u8::from(until.is_some())));
	}
}
