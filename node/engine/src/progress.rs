//! Progress: a bar on a terminal, and a stage of the work's [`Watch`].

use crate::{
	quiet,
	watch::{self, Stage, Stopped, Watch},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{io::IsTerminal, time::Duration};

/// Rounds of work below this many show no bar: they are over before it could be read.
const LONG: usize = 2_000;

/// How far a piece of work is.
#[derive(Clone)]
pub struct Progress {
	bar: ProgressBar,
	stage: Option<(Watch, Stage)>,
}

impl Progress {
	/// Nothing that anyone sees.
	pub fn none() -> Self {
		Self { bar: ProgressBar::hidden(), stage: None }
	}

	/// Begins `what`, `total` rounds: a bar on standard error, if that is a terminal and the work
	/// is long, and a stage of what this thread does, if someone watches it.
	pub fn new(what: &'static str, total: usize) -> Self {
		let stage = watch::current().map(|watch| {
			let stage = watch.stage(what, total as u64);
			(watch, stage)
		});
		if total < LONG || !std::io::stderr().is_terminal() {
			return Self { stage, ..Self::none() };
		}
		let target = ProgressDrawTarget::stderr_with_hz(10);
		let bar = ProgressBar::with_draw_target(Some(total as u64), target).with_message(what);
		if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
			bar.set_style(style);
		}
		bar.enable_steady_tick(Duration::from_millis(200));
		Self { bar, stage }
	}

	/// `rounds` more are done. Ends the work here when nobody wants it any more.
	pub fn add(&self, rounds: usize) {
		self.bar.inc(rounds as u64);
		if let Some((watch, stage)) = &self.stage {
			stage.add(rounds as u64);
			if watch.is_stopped() {
				quiet::unwind(Stopped);
			}
		}
	}

	/// All is done: the bar goes.
	pub fn done(&self) {
		self.bar.finish_and_clear();
	}
}
