//! Means over seeds with intervals.

/// Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom.
const T95: [f64; 30] = [
	12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
	2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
	2.052, 2.048, 2.045, 2.042,
];

/// A mean and how far the truth may lie from it, at 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
	/// The mean.
	pub mean: f64,
	/// Half the width of the interval; infinite for a single sample.
	pub half: f64,
}

impl Estimate {
	/// Of independent samples, at least one, by Student's t.
	pub fn of(samples: &[f64]) -> Self {
		let count = samples.len() as f64;
		let mean = samples.iter().sum::<f64>() / count;
		let freedom = samples.len().saturating_sub(1);
		let half = match freedom {
			0 => f64::INFINITY,
			_ => {
				let squares = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
				// beyond the table its last, which is on the safe side
				let t = T95.get(freedom - 1).copied().unwrap_or(2.042);
				t * (squares / freedom as f64 / count).sqrt()
			}
		};
		Self { mean, half }
	}

	/// The lower end.
	pub fn low(self) -> f64 {
		self.mean - self.half
	}

	/// The upper end.
	pub fn high(self) -> f64 {
		self.mean + self.half
	}
}

impl std::fmt::Display for Estimate {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		if self.half.is_finite() {
			write!(f, "{:.3} ± {:.3}", self.mean, self.half)
		} else {
			write!(f, "{:.3}", self.mean)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_interval_is_students() {
		let estimate = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
		assert_eq!(estimate.mean, 3.0);
		// s = √2.5, s/√5 = √0.5, t = 2.776
		assert!((estimate.half - 2.776 * 0.5f64.sqrt()).abs() < 1e-12);
		assert_eq!(Estimate::of(&[2.0, 2.0]), Estimate { mean: 2.0, half: 0.0 });
		assert!(Estimate::of(&[1.0]).half.is_infinite());
	}
}
