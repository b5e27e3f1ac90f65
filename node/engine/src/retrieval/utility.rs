//! What a set of passages is worth to an answer.

use super::{
	index::Index,
	search::Hit,
	vectors::{dot, Vector},
};
use crate::error::Result;
use std::sync::atomic::AtomicBool;

/// The most players of a game.
pub const MAX_PLAYERS: usize = 64;

/// A set of players: bit `i` is set when player `i` is in it.
pub type Coalition = u64;

/// The coalition of all `players`.
pub fn everyone(players: usize) -> Coalition {
	Coalition::MAX.checked_shr((MAX_PLAYERS - players.min(MAX_PLAYERS)) as u32).unwrap_or(0)
}

/// A cooperative game: what each coalition of passages is worth.
///
/// Values are integers, so that shares are exact: `v / unit()` in the utility's own terms. A
/// language model's utility is the log-likelihood of the answer given only the coalition's passages,
/// in nats, rounded to the unit; where no model has one, [`Coverage`] stands in.
pub trait Utility: Sync {
	/// How many players there are, at most [`MAX_PLAYERS`].
	fn players(&self) -> usize;

	/// How many of a value's steps make 1.
	fn unit(&self) -> f64;

	/// The value from which on the passages share all that is to be shared; of an answer that is worth
	/// less a part stays unattributed.
	fn enough(&self) -> i64 {
		0
	}

	/// The value of each coalition, in order; ends early with an error when `stop` is set.
	fn values(&self, coalitions: &[Coalition], stop: &AtomicBool) -> Result<Vec<i64>>;
}

/// How much of a question passages cover, by their embeddings.
///
/// `v(S)` is the squared cosine between the question's embedding `q` and the nearest sum of the
/// embeddings of `S` with weights that are not negative: `1 − min_{a≥0} ‖q − Σ a_p·p‖²` for unit
/// vectors. So `v(∅) = 0`, more passages are never worth less, a passage that says what another says
/// adds nothing to it, and what several cover together is shared among them. A passage that points
/// away from the question gets no weight: it is worth nothing, alone or with others.
///
/// Up to [`TABLE`] players the minimum is exact, by trying every support; above, it is approached by
/// coordinates. Both are canonical f64 on exact integers.
pub struct Coverage {
	/// Products of passages with each other, `[k, k]`.
	gram: Vec<f64>,
	/// Products of passages with the question.
	similarity: Vec<f64>,
	/// The question's product with itself.
	whole: f64,
	/// The value of every coalition, where there are few.
	table: Option<Vec<i64>>,
}

/// Passages that cover a quarter of a question, as one of cosine ½ does, share everything.
pub const ENOUGH: i64 = 1 << (COVERAGE_BITS - 2);
/// The most players whose coalitions are all computed at once.
pub const TABLE: usize = 8;
/// Steps of [`Coverage`]'s values in 1, as a power of two.
pub const COVERAGE_BITS: u32 = 40;
/// A support whose vectors are nearer to dependent than this is left out: a smaller one covers as
/// much.
const INDEPENDENT: f64 = 1.0 / 1024.0;

impl Coverage {
	/// The game of `hits`, at most [`MAX_PLAYERS`] of them, for `question`.
	pub fn new(index: &Index, question: &Vector, hits: &[Hit]) -> Self {
		let hits = &hits[..hits.len().min(MAX_PLAYERS)];
		let row = |hit: &Hit| index.embedding(hit.passage as usize);
		let pairs = hits.iter().flat_map(|a| hits.iter().map(move |b| (a, b)));
		let mut coverage = Self {
			gram: pairs.map(|(a, b)| f64::from(dot(row(a), row(b)))).collect(),
			similarity: hits.iter().map(|hit| f64::from(hit.similarity)).collect(),
			whole: f64::from(dot(question.elements(), question.elements())),
			table: None,
		};
		if hits.len() <= TABLE {
			coverage.table = Some(coverage.all());
		}
		coverage
	}

	fn product(&self, a: usize, b: usize) -> f64 {
		self.gram[a * self.similarity.len() + b]
	}

	fn fixed(&self, value: f64) -> i64 {
		let part = (value / self.whole).clamp(0.0, 1.0);
		(part * f64::from(1u32 << 20) * f64::from(1u32 << (COVERAGE_BITS - 20))).round_ties_even()
			as i64
	}

	/// The value of every coalition: the largest that a support within it reaches.
	fn all(&self) -> Vec<i64> {
		let players = self.similarity.len();
		let mut values = vec![0i64; 1 << players];
		for coalition in 1..values.len() {
			let members: Vec<usize> = (0..players).filter(|i| coalition >> i & 1 == 1).collect();
			let own = self.supported(&members).map_or(0, |value| self.fixed(value));
			let fewer = members.iter().map(|i| values[coalition & !(1 << i)]);
			values[coalition] = fewer.fold(own, i64::max);
		}
		values
	}

	/// What `members` cover with weights that are all positive; `None` where the best weights are
	/// not.
	fn supported(&self, members: &[usize]) -> Option<f64> {
		let n = members.len();
		if members.iter().any(|i| self.similarity[*i] <= 0.0) {
			return None;
		}
		// Cholesky, row by row
		let mut factor = vec![0f64; n * n];
		for (i, a) in members.iter().enumerate() {
			for (j, b) in members.iter().enumerate().take(i + 1) {
				let known = (0..j).fold(0.0, |sum, m| sum + factor[i * n + m] * factor[j * n + m]);
				let rest = self.product(*a, *b) - known;
				if i == j {
					if rest < self.product(*a, *a) * INDEPENDENT {
						return None;
					}
					factor[i * n + i] = rest.sqrt();
				} else {
					factor[i * n + j] = rest / factor[j * n + j];
				}
			}
		}
		let mut forward = vec![0f64; n];
		for (i, a) in members.iter().enumerate() {
			let known = (0..i).fold(0.0, |sum, m| sum + factor[i * n + m] * forward[m]);
			forward[i] = (self.similarity[*a] - known) / factor[i * n + i];
		}
		let mut weights = vec![0f64; n];
		for i in (0..n).rev() {
			let known = (i + 1..n).fold(0.0, |sum, m| sum + factor[m * n + i] * weights[m]);
			weights[i] = (forward[i] - known) / factor[i * n + i];
		}
		let positive = weights.iter().all(|weight| *weight > 0.0);
		positive.then(|| forward.iter().fold(0.0, |sum, x| sum + x * x))
	}

	/// The value of one coalition among many players.
	fn approached(&self, coalition: Coalition) -> f64 {
		const SWEEPS: usize = 2_000;
		const DONE: f64 = 1e-12;
		let players = self.similarity.len();
		let members: Vec<usize> =
			(0..players).filter(|i| coalition >> i & 1 == 1 && self.similarity[*i] > 0.0).collect();
		let mut weights = vec![0f64; members.len()];
		for _ in 0..SWEEPS {
			let mut moved = 0f64;
			for (i, a) in members.iter().enumerate() {
				let all = members.iter().zip(&weights);
				let slope =
					all.fold(self.similarity[*a], |rest, (b, w)| rest - self.product(*a, *b) * w);
				let next = (weights[i] + slope / self.product(*a, *a)).max(0.0);
				moved = moved.max((next - weights[i]).abs());
				weights[i] = next;
			}
			if moved < DONE {
				break;
			}
		}
		// 2·aᵀg − aᵀGa
		members.iter().zip(&weights).fold(0.0, |value, (a, weight)| {
			let all = members.iter().zip(&weights);
			let own = all.fold(0.0, |sum, (b, w)| sum + self.product(*a, *b) * w);
			value + weight * (2.0 * self.similarity[*a] - own)
		})
	}
}

impl Utility for Coverage {
	fn players(&self) -> usize {
		self.similarity.len()
	}

	fn unit(&self) -> f64 {
		(1u64 << COVERAGE_BITS) as f64
	}

	fn enough(&self) -> i64 {
		ENOUGH
	}

	fn values(&self, coalitions: &[Coalition], stop: &AtomicBool) -> Result<Vec<i64>> {
		let value = |coalition: &Coalition| {
			super::check_stop(stop)?;
			let known = self.table.as_ref().and_then(|table| table.get(*coalition as usize));
			Ok(known.copied().unwrap_or_else(|| self.fixed(self.approached(*coalition))))
		};
		coalitions.iter().map(value).collect()
	}
}
