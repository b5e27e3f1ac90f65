//! Progress bars, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{io::IsTerminal, time::Duration};

/// Rounds of work below this many show no bar: they are over before it could be read.
const LONG: usize = 2_000;

/// How far a piece of work is.
#[derive(Clone)]
pub struct Progress {
	bar: ProgressBar,
}

impl Progress {
	/// No bar at all.
	pub fn none() -> Self {
		Self { bar: ProgressBar::hidden() }
	}

	/// A bar over `total` rounds on standard error, if that is a terminal and the work is long.
	pub fn new(what: &'static str, total: usize) -> Self {
		if total < LONG || !std::io::stderr().is_terminal() {
			return Self::none();
		}
		let target = ProgressDrawTarget::stderr_with_hz(10);
		let bar = ProgressBar::with_draw_target(Some(total as u64), target).with_message(what);
		if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
			bar.set_style(style);
		}
		bar.enable_steady_tick(Duration::from_millis(200));
		Self { bar }
	}

	/// `rounds` more are done.
	pub fn add(&self, rounds: usize) {
		self.bar.inc(rounds as u64);
	}

	/// All is done: the bar goes.
	pub fn done(&self) {
		self.bar.finish_and_clear();
	}
}
