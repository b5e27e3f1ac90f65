//! The machine: its clock, ports, processor and limits.

use super::{failed, ok, warning, Finding};
use polkadot_sdk::{
	sp_core::{sr25519, Pair},
	sp_crypto_hashing::blake2_256,
};
use std::{
	net::{TcpListener, TcpStream},
	time::{Duration, Instant},
};

/// Signatures that one core must verify in a second: a full block's 2,000 within the second in which
/// it is made, beside all else.
const SIGNATURES_NEEDED: f64 = 4_000.0;
/// Below this there is little to spare.
const SIGNATURES_GOOD: f64 = 8_000.0;
/// Bytes that one core must hash in a second: the largest block a hundred times.
const HASHED_NEEDED: f64 = 100e6;
/// Open files that a node with many peers and a large database needs.
const OPEN_FILES: u64 = 10_000;
/// How long a measurement takes.
const MEASURE: Duration = Duration::from_millis(200);

/// Whether the kernel says that something keeps its clock right.
pub fn synchronised() -> Finding {
	const CLOCK: &str = "clock";
	// SAFETY: all zeros are a valid `timex`, and with `modes` 0 the kernel only writes into it.
	let (state, timex) = unsafe {
		let mut timex: libc::timex = std::mem::zeroed();
		(libc::adjtimex(&mut timex), timex)
	};
	let error = Duration::from_micros(timex.maxerror.max(0) as u64);
	match state {
		-1 => warning(
			CLOCK,
			"the kernel does not say whether it is synchronised",
			"make sure that NTP runs on the machine around this container",
		),
		libc::TIME_ERROR => warning(
			CLOCK,
			"nothing keeps it synchronised, as far as the kernel knows",
			"start an NTP client (chrony, systemd-timesyncd), or make sure that the host has one",
		),
		_ if error > Duration::from_millis(500) => warning(
			CLOCK,
			format!("synchronised, to {error:.0?} only"),
			"look at the NTP client's servers: blocks are made every 2 s",
		),
		_ => ok(CLOCK, format!("synchronised, to {error:.0?} at worst")),
	}
}

/// Whether `port` is held when the node runs, and free when it does not.
pub fn port(subject: &'static str, port: u16, is_running: bool) -> Finding {
	if is_running {
		let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
		return match TcpStream::connect_timeout(&address, Duration::from_secs(2)) {
			Ok(_) => ok(subject, format!("{port} accepts connections")),
			Err(error) => warning(
				subject,
				format!("nothing accepts connections on {port}: {error}"),
				"give the port that the node was started with, or start it with this one",
			),
		};
	}
	match TcpListener::bind(("0.0.0.0", port)) {
		Ok(_) => ok(subject, format!("{port} is free")),
		Err(error) => failed(
			subject,
			format!("{port} cannot be had: {error}"),
			"stop what holds it (ss -ltnp), or start the node with another port",
		),
	}
}

/// Whether the port of the RPC's URL is free for a node that does not run.
pub fn rpc_port(url: &str) -> Finding {
	let number = url.rsplit(':').next().and_then(|digits| digits.parse().ok());
	match number {
		Some(number) => port("RPC port", number, false),
		None => ok("RPC port", "none in the URL"),
	}
}

/// How often `work` runs in a second.
fn rate(mut work: impl FnMut()) -> f64 {
	let started = Instant::now();
	let mut times = 0u32;
	while started.elapsed() < MEASURE {
		work();
		times = times.saturating_add(1);
	}
	f64::from(times) / started.elapsed().as_secs_f64()
}

/// How fast one core verifies signatures.
pub fn signatures() -> Finding {
	const SUBJECT: &str = "signatures";
	let pair = sr25519::Pair::from_seed(&[1; 32]);
	let signature = pair.sign(b"openledger");
	let mut valid = true;
	let rate = rate(|| valid &= sr25519::Pair::verify(&signature, b"openledger", &pair.public()));
	let found =
		format!("{rate:.0} verified a second on one core; {SIGNATURES_NEEDED:.0} are needed");
	let advice = "take a faster processor, or stop what else uses it, before you collate";
	match rate {
		_ if !valid => failed(SUBJECT, "a good signature did not verify", "replace the machine"),
		rate if rate < SIGNATURES_NEEDED => failed(SUBJECT, found, advice),
		rate if rate < SIGNATURES_GOOD => warning(SUBJECT, found, advice),
		_ => ok(SUBJECT, found),
	}
}

/// How fast one core hashes.
pub fn hashes() -> Finding {
	const SUBJECT: &str = "hashes";
	let chunk = vec![7u8; 64 * 1024];
	let mut last = [0; 32];
	let rate = rate(|| last = blake2_256(&chunk)) * chunk.len() as f64;
	std::hint::black_box(last);
	let found = format!(
		"{:.0} MB of BLAKE2 a second on one core; {:.0} are needed",
		rate / 1e6,
		HASHED_NEEDED / 1e6
	);
	if rate < HASHED_NEEDED {
		failed(SUBJECT, found, "take a faster processor before you collate")
	} else {
		ok(SUBJECT, found)
	}
}

/// How many files a process of this user may have open.
pub fn open_files() -> Finding {
	const SUBJECT: &str = "open files";
	let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
	match limit.current {
		Some(soft) if soft < OPEN_FILES => warning(
			SUBJECT,
			format!("{soft} allowed here; {OPEN_FILES} are needed"),
			"raise the limit where the node is started: LimitNOFILE= in its unit, or ulimit -n",
		),
		Some(soft) => ok(SUBJECT, format!("{soft} allowed here")),
		None => ok(SUBJECT, "no limit"),
	}
}
