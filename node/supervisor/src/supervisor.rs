//! Keeps an engine alive, and says where it is.

use crate::{
	child::{Child, ChildOptions},
	endpoint::EndpointStore,
	health::Prober,
	metrics::Metrics,
	LOG_TARGET,
};
use openledger_primitives::api::EngineEndpoint;
use polkadot_sdk::sp_core::offchain::OffchainStorage;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Time between health checks.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// As many missed checks in a row make a hanging engine.
const MAX_MISSED: u32 = 3;

/// Watches one engine.
pub struct Supervisor<Storage> {
	store: EndpointStore<Storage>,
	metrics: Option<Metrics>,
}

impl<Storage: OffchainStorage> Supervisor<Storage> {
	/// One that writes the engine's address into `store`.
	pub fn new(store: EndpointStore<Storage>, metrics: Option<Metrics>) -> Self {
		Self { store, metrics }
	}

	/// Starts a child again whenever it ends or hangs, until `stop`.
	pub async fn keep_child(mut self, options: &ChildOptions, mut stop: oneshot::Receiver<()>) {
		let mut backoff = Backoff::default();
		loop {
			let born = Instant::now();
			let reason = tokio::select! {
				reason = self.live(options) => reason,
				_ = &mut stop => break,
			};
			self.down();
			let pause = backoff.after(born.elapsed());
			log::warn!(
				target: LOG_TARGET,
				"The engine is down: {reason}. It is started again in {} s",
				pause.as_secs(),
			);
			tokio::select! {
				_ = tokio::time::sleep(pause) => {},
				_ = &mut stop => break,
			}
			if let Some(metrics) = &self.metrics {
				metrics.restarted();
			}
		}
		self.down();
	}

	/// The life of one child; answers why it ended.
	async fn live(&mut self, options: &ChildOptions) -> String {
		let mut child = match Child::start(options).await {
			Ok(child) => child,
			Err(reason) => return reason,
		};
		let endpoint = child.endpoint().clone();
		log::info!(
			target: LOG_TARGET,
			"⚙️ Engine at {}, process {}, device {}, at most {} MiB",
			String::from_utf8_lossy(&endpoint.url),
			child.pid().unwrap_or_default(),
			options.device.name(),
			options.memory_mib,
		);
		let prober = match Prober::new(&endpoint) {
			Ok(prober) => prober,
			Err(error) => return error.to_string(),
		};
		self.up(&endpoint);
		let reason = tokio::select! {
			status = child.ended() => match status {
				Ok(status) => status.to_string(),
				Err(error) => error.to_string(),
			},
			reason = self.until_hanging(&prober) => format!("it hangs ({reason})"),
		};
		child.kill().await;
		reason
	}

	/// Watches an engine that someone else runs, until `stop`.
	pub async fn watch_external(
		mut self,
		url: String,
		token: String,
		mut stop: oneshot::Receiver<()>,
	) {
		let endpoint = EngineEndpoint { url: url.clone().into(), token: token.into() };
		let prober = match Prober::new(&endpoint) {
			Ok(prober) => prober,
			Err(error) => {
				log::error!(target: LOG_TARGET, "The engine at {url} cannot be asked: {error}");
				return;
			}
		};
		let watch = async {
			loop {
				while let Err(reason) = self.check(&prober).await {
					log::warn!(target: LOG_TARGET, "No engine at {url}: {reason}");
					tokio::time::sleep(CHECK_EVERY.saturating_mul(5)).await;
				}
				log::info!(target: LOG_TARGET, "⚙️ Engine at {url}");
				self.up(&endpoint);
				let reason = self.until_hanging(&prober).await;
				self.down();
				log::warn!(target: LOG_TARGET, "The engine at {url} is down: {reason}");
			}
		};
		tokio::select! {
			() = watch => {},
			_ = &mut stop => {},
		}
		self.down();
	}

	/// Returns when the engine has missed [`MAX_MISSED`] health checks in a row, with the last
	/// one's reason.
	async fn until_hanging(&self, prober: &Prober) -> String {
		let mut missed = 0;
		loop {
			tokio::time::sleep(CHECK_EVERY).await;
			match self.check(prober).await {
				Ok(()) => missed = 0,
				Err(reason) => {
					missed += 1;
					log::debug!(target: LOG_TARGET, "Missed health check {missed}: {reason}");
					if missed == MAX_MISSED {
						return reason;
					}
				}
			}
		}
	}

	async fn check(&self, prober: &Prober) -> Result<(), String> {
		let latency = prober.probe().await?;
		if let Some(metrics) = &self.metrics {
			metrics.healthy(latency);
		}
		Ok(())
	}

	fn up(&mut self, endpoint: &EngineEndpoint) {
		self.store.publish(endpoint);
		if let Some(metrics) = &self.metrics {
			metrics.set_up(true);
		}
	}

	fn down(&mut self) {
		self.store.withdraw();
		if let Some(metrics) = &self.metrics {
			metrics.set_up(false);
		}
	}
}

/// How long to wait before the next start: 1 s, doubled up to a minute, and 1 s again after a life
/// of at least a minute.
#[derive(Default)]
struct Backoff {
	failures: u32,
}

impl Backoff {
	const FIRST: Duration = Duration::from_secs(1);
	const LONGEST: Duration = Duration::from_secs(60);
	const STABLE: Duration = Duration::from_secs(60);

	fn after(&mut self, lived: Duration) -> Duration {
		if lived >= Self::STABLE {
			self.failures = 0;
		}
		let pause = Self::FIRST.saturating_mul(2u32.saturating_pow(self.failures));
		self.failures = self.failures.saturating_add(1);
		pause.min(Self::LONGEST)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pauses_double_up_to_a_minute_and_start_anew_after_a_stable_life() {
		let mut backoff = Backoff::default();
		let short = Duration::from_secs(3);
		let pauses: Vec<u64> = (0..8).map(|_| backoff.after(short).as_secs()).collect();
		assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
		assert_eq!(backoff.after(Duration::from_secs(60)).as_secs(), 1);
		assert_eq!(backoff.after(short).as_secs(), 2);
		backoff.failures = u32::MAX;
		assert_eq!(backoff.after(short).as_secs(), 60);
	}
}
