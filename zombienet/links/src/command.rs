//! What is asked of the switch, line by line.

use crate::switch::{Conditions, PortId, LOSS_SCALE};
use anyhow::{anyhow, bail, ensure, Result};
use std::time::Duration;

const MAX_DELAY: Duration = Duration::from_secs(60);
const EXPECTED: &str = "delay, loss, rate, partition, heal or stats";

/// A line understood.
#[derive(Debug, PartialEq)]
pub enum Command {
	/// Links are like this from now on.
	Change(Conditions),
	/// What was counted.
	Stats,
}

/// Reads `line`; `now` is what links are like, and `names` the ports' names in their order.
pub fn parse(line: &str, now: &Conditions, names: &[String]) -> Result<Command> {
	let line = line.trim();
	let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
	let rest = rest.trim();
	let mut next = now.clone();
	match verb {
		"delay" => next.delay = delay(rest)?,
		"loss" => next.loss = loss(rest)?,
		"rate" => next.rate = rate(rest)?,
		"partition" => next.groups = Some(groups(rest, names)?),
		"heal" => next.groups = None,
		"stats" => {}
		_ => bail!("'{verb}' is no command: {EXPECTED}"),
	}
	ensure!(rest.is_empty() || !matches!(verb, "heal" | "stats"), "{verb} takes nothing else");
	Ok(if verb == "stats" { Command::Stats } else { Command::Change(next) })
}

/// A number and the unit after it.
fn quantity(text: &str) -> Option<(f64, &str)> {
	let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
	let (number, unit) = text.split_at(end);
	Some((number.parse().ok()?, unit))
}

fn delay(text: &str) -> Result<Duration> {
	let seconds = match quantity(text) {
		Some((number, "us")) => number / 1e6,
		Some((number, "ms")) => number / 1e3,
		Some((number, "s")) => number,
		_ => bail!("a delay is a number and us, ms or s, and this is '{text}'"),
	};
	Duration::try_from_secs_f64(seconds)
		.ok()
		.filter(|delay| *delay <= MAX_DELAY)
		.ok_or_else(|| anyhow!("a delay is at most {} s", MAX_DELAY.as_secs()))
}

fn loss(text: &str) -> Result<u32> {
	match quantity(text) {
		Some((number, "%")) if number <= 100.0 => {
			Ok((number / 100.0 * f64::from(LOSS_SCALE)).round() as u32)
		}
		_ => bail!("a loss is between 0% and 100%, and this is '{text}'"),
	}
}

fn rate(text: &str) -> Result<Option<u64>> {
	let bits = match quantity(text) {
		None if text == "none" => return Ok(None),
		Some((number, "kbit")) => number * 1e3,
		Some((number, "mbit")) => number * 1e6,
		_ => bail!("a rate is a number and kbit or mbit, or none, and this is '{text}'"),
	};
	ensure!(bits >= 1.0, "a rate is at least one bit per second");
	Ok(Some(bits as u64))
}

/// The group of every port.
fn groups(text: &str, names: &[String]) -> Result<Vec<Option<usize>>> {
	let mut groups = vec![None; names.len()];
	for (group, members) in text.split('|').enumerate() {
		for name in members.split(',').map(str::trim) {
			let port: PortId = names
				.iter()
				.position(|known| known == name)
				.ok_or_else(|| anyhow!("there is no port '{name}'"))?;
			let place = groups.get_mut(port).ok_or_else(|| anyhow!("there is no port '{name}'"))?;
			ensure!(place.is_none(), "{name} is named twice");
			*place = Some(group);
		}
	}
	Ok(groups)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn names() -> Vec<String> {
		["alice", "bob", "charlie"].map(Into::into).into()
	}

	fn after(lines: &[&str]) -> Conditions {
		lines.iter().fold(Conditions::default(), |now, line| {
			match parse(line, &now, &names()).unwrap() {
				Command::Change(next) => next,
				Command::Stats => now,
			}
		})
	}

	#[test]
	fn each_line_changes_one_thing() {
		let all =
			after(&["delay 100ms", "loss 0.5%", "rate 10mbit", "partition alice, bob | charlie"]);
		assert_eq!(all.delay, Duration::from_millis(100));
		assert_eq!(all.loss, 5_000);
		assert_eq!(all.rate, Some(10_000_000));
		assert_eq!(all.groups, Some(vec![Some(0), Some(0), Some(1)]));
		assert_eq!(after(&["partition alice | bob"]).groups, Some(vec![Some(0), Some(1), None]));
		let healed =
			["partition alice | bob", "rate 1kbit", "heal", "rate none", "delay 0s", "loss 0%"];
		assert_eq!(after(&healed), Conditions::default());
		assert_eq!(parse("stats", &all, &names()).unwrap(), Command::Stats);
	}

	#[test]
	fn what_is_not_understood_gets_one_sentence() {
		for (line, said) in [
			("", "'' is no command: delay, loss, rate, partition, heal or stats"),
			("delay 5", "a delay is a number and us, ms or s, and this is '5'"),
			("delay -5ms", "a delay is a number and us, ms or s, and this is '-5ms'"),
			("delay 61s", "a delay is at most 60 s"),
			("loss 101%", "a loss is between 0% and 100%, and this is '101%'"),
			("rate 0mbit", "a rate is at least one bit per second"),
			("rate fast", "a rate is a number and kbit or mbit, or none, and this is 'fast'"),
			("partition alice | eve", "there is no port 'eve'"),
			("partition alice,alice", "alice is named twice"),
			("heal all", "heal takes nothing else"),
		] {
			let error = parse(line, &Conditions::default(), &names()).unwrap_err();
			assert_eq!(error.to_string(), said);
		}
	}
}
