//! `doctor`: whether a node can do its work, and what to do where it cannot.

mod chain;
mod engine;
mod files;
mod machine;

use super::{
	block_on,
	rpc::{Rpc, RpcParams},
	Place, PlaceParams,
};
use polkadot_sdk::*;
use serde_json::json;

/// Check clock, ports, keys, peers, finality, disk, engine, processor and limits.
///
/// Works beside a running node, which is asked over JSON-RPC, and for a stopped one. Exits with 1 when
/// a check failed.
#[derive(Debug, clap::Parser)]
pub struct DoctorCmd {
	/// Print JSON.
	#[arg(long)]
	pub json: bool,

	/// The node's port for peers.
	#[arg(long, value_name = "PORT", default_value_t = 30333)]
	pub port: u16,

	/// The node's port for Prometheus.
	#[arg(long, value_name = "PORT", default_value_t = 9615)]
	pub prometheus_port: u16,

	/// Where the node keeps its blobs, when not in the chain's directory.
	#[arg(long, value_name = "DIR")]
	pub content_dir: Option<std::path::PathBuf>,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub rpc: RpcParams,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub place: PlaceParams,
}

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
	Ok,
	Warning,
	Failed,
}

impl Verdict {
	fn word(self) -> &'static str {
		match self {
			Self::Ok => "ok",
			Self::Warning => "warning",
			Self::Failed => "failed",
		}
	}
}

/// One line of what the doctor says.
#[derive(Debug)]
struct Finding {
	subject: &'static str,
	verdict: Verdict,
	/// What was found.
	found: String,
	/// What to do, unless all is well.
	advice: Option<String>,
}

/// Findings about one thing.
fn ok(subject: &'static str, found: impl Into<String>) -> Finding {
	Finding { subject, verdict: Verdict::Ok, found: found.into(), advice: None }
}

fn warning(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Finding {
	let advice = Some(advice.into());
	Finding { subject, verdict: Verdict::Warning, found: found.into(), advice }
}

fn failed(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Finding {
	let advice = Some(advice.into());
	Finding { subject, verdict: Verdict::Failed, found: found.into(), advice }
}

impl DoctorCmd {
	/// Does it.
	pub fn run(&self) -> sc_cli::Result<()> {
		let place = Place::of(&self.place)?;
		let findings = block_on(self.examine(&place))?;
		if self.json {
			let list: Vec<_> = findings
				.iter()
				.map(|finding| {
					json!({
						"check": finding.subject,
						"result": finding.verdict.word(),
						"found": finding.found,
						"advice": finding.advice,
					})
				})
				.collect();
			println!("{:#}", json!({ "chain": place.chain, "checks": list }));
		} else {
			for finding in &findings {
				let Finding { subject, verdict, found, advice } = finding;
				println!("{:<8} {subject}: {found}", verdict.word());
				if let Some(advice) = advice {
					println!("{:<8} {:width$}→ {advice}", "", "", width = subject.len() + 1);
				}
			}
		}
		let failures = findings.iter().filter(|f| f.verdict == Verdict::Failed).count();
		match failures {
			0 => Ok(()),
			1 => Err("one check failed".into()),
			many => Err(format!("{many} checks failed").into()),
		}
	}

	async fn examine(&self, place: &Place) -> Vec<Finding> {
		let rpc = self.rpc.client();
		let running = is_running(&rpc, place).await;
		let content = self.content_dir.clone().unwrap_or_else(|| place.content());
		let mut findings = vec![match &running {
			Running::Yes { version } => ok("node", format!("{version} answers at {}", rpc.url())),
			Running::No(why) => ok("node", format!("stopped, or elsewhere: {why}")),
			Running::Other(chain) => warning(
				"node",
				format!("the node at {} follows {chain}, not {}", rpc.url(), place.chain),
				"give the --chain and the --rpc-url of the same node",
			),
		}];
		findings.push(machine::synchronised());
		let is_up = matches!(running, Running::Yes { .. });
		findings.push(machine::port("peers' port", self.port, is_up));
		findings.push(machine::port("metrics' port", self.prometheus_port, is_up));
		if is_up {
			findings.extend(chain::examine(&rpc).await);
		} else {
			findings.push(machine::rpc_port(rpc.url()));
		}
		findings.extend(files::keystore(place, is_up.then_some(&rpc)).await);
		findings.push(files::node_key(place));
		findings.extend(files::disk(place, &content));
		findings.push(engine::examine(is_up.then_some(&rpc)).await);
		findings.push(machine::signatures());
		findings.push(machine::hashes());
		findings.push(machine::open_files());
		findings
	}
}

/// What answers at the RPC's URL.
enum Running {
	/// A node of this chain.
	Yes { version: String },
	/// A node of another.
	Other(String),
	/// None, and why.
	No(String),
}

async fn is_running(rpc: &Rpc, place: &Place) -> Running {
	let chain = match rpc.call("chain_getBlockHash", json!([0])).await {
		Err(why) => return Running::No(why),
		Ok(_) => rpc.call("system_chain", json!([])).await,
	};
	let version = rpc.call("system_version", json!([])).await;
	let name = |answer: Result<serde_json::Value, String>| {
		answer.ok().and_then(|v| v.as_str().map(String::from)).unwrap_or_else(|| "a node".into())
	};
	let chain = name(chain);
	if place.chain_name == chain {
		Running::Yes { version: name(version) }
	} else {
		Running::Other(chain)
	}
}
