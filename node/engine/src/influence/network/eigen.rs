//! Eigenvectors of symmetric matrices: Householder's reduction to three diagonals, then implicit
//! QL (Golub & Van Loan, 8.3). Canonical: every sum runs in one order, `√` is the only function.

/// Iterations for one eigenvalue after which the matrix is given up.
const MAX_ITERATIONS: usize = 60;

/// `A = Σ λᵢ·qᵢqᵢᵀ`.
#[derive(Clone, Debug)]
pub struct Eigen {
	/// Eigenvalues, rising.
	pub values: Vec<f64>,
	/// Eigenvectors, row by row `[n, n]`.
	pub vectors: Vec<f64>,
}

/// The iteration did not end, or the matrix holds NaN or infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEigen;

/// Eigenvalues and eigenvectors of the symmetric `matrix`, `[n, n]`.
pub fn eigen(matrix: Vec<f64>, n: usize) -> Result<Eigen, NoEigen> {
	assert_eq!(matrix.len(), n * n, "a square matrix");
	if !matrix.iter().all(|v| v.is_finite()) {
		return Err(NoEigen);
	}
	let (mut diagonal, mut beside, mut vectors) = reduce(matrix, n);
	turn(&mut diagonal, &mut beside, &mut vectors)?;
	let mut order: Vec<usize> = (0..n).collect();
	order.sort_by(|a, b| diagonal[*a].total_cmp(&diagonal[*b]).then(a.cmp(b)));
	let rows = order.iter().flat_map(|i| vectors[i * n..(i + 1) * n].iter().copied());
	Ok(Eigen { vectors: rows.collect(), values: order.iter().map(|i| diagonal[*i]).collect() })
}

/// Reduces `a` to `Q·T·Qᵀ`: the diagonal of `T`, what is beside it, and `Qᵀ` row by row.
fn reduce(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
	let mut beside = vec![0.0; n];
	let mut reflectors: Vec<Vec<f64>> = Vec::with_capacity(n);
	for k in 0..n.saturating_sub(1) {
		let m = n - k - 1;
		// column k below the diagonal, read from its row
		let mut v: Vec<f64> = a[k * n + k + 1..(k + 1) * n].to_vec();
		let tail = v[1..].iter().fold(0.0, |sum, x| sum + x * x);
		if tail == 0.0 {
			beside[k] = v[0];
			reflectors.push(vec![]);
			continue;
		}
		let norm = (v[0] * v[0] + tail).sqrt();
		let alpha = if v[0] > 0.0 { -norm } else { norm };
		beside[k] = alpha;
		v[0] -= alpha;
		let length = (v[0] * v[0] + tail).sqrt();
		v.iter_mut().for_each(|x| *x /= length);
		// A ← A − 2v(p − Kv)ᵀ − 2(p − Kv)vᵀ with p = Av, K = vᵀp
		let mut p = vec![0.0; m];
		for (i, x) in v.iter().enumerate() {
			let row = &a[(k + 1 + i) * n + k + 1..(k + 2 + i) * n];
			p.iter_mut().zip(row).for_each(|(p, a)| *p += x * a);
		}
		let inner = v.iter().zip(&p).fold(0.0, |sum, (x, y)| sum + x * y);
		p.iter_mut().zip(&v).for_each(|(p, x)| *p = 2.0 * (*p - inner * x));
		for i in 0..m {
			let row = &mut a[(k + 1 + i) * n + k + 1..(k + 2 + i) * n];
			let (x, y) = (v[i], p[i]);
			for ((a, vj), pj) in row.iter_mut().zip(&v).zip(&p) {
				*a -= x * pj + y * vj;
			}
		}
		reflectors.push(v);
	}
	let diagonal = (0..n).map(|i| a[i * n + i]).collect();
	// Qᵀ = H_last ⋯ H_1, built from the last so that each acts on its own corner
	let mut q = vec![0.0; n * n];
	q.iter_mut().step_by(n + 1).for_each(|d| *d = 1.0);
	for (k, v) in reflectors.iter().enumerate().rev() {
		if v.is_empty() {
			continue;
		}
		for row in q[(k + 1) * n..].chunks_exact_mut(n) {
			let row = &mut row[k + 1..];
			let twice = 2.0 * v.iter().zip(row.iter()).fold(0.0, |sum, (x, y)| sum + x * y);
			row.iter_mut().zip(v).for_each(|(a, x)| *a -= twice * x);
		}
	}
	(diagonal, beside, q)
}

/// Diagonalises three diagonals; the rows of `vectors` turn along.
fn turn(d: &mut [f64], e: &mut [f64], vectors: &mut [f64]) -> Result<(), NoEigen> {
	let n = d.len();
	// against the whole: between eigenvalues near zero there is nothing but rounding
	let largest = d.iter().chain(e.iter()).fold(0.0f64, |most, x| most.max(x.abs()));
	let small = f64::EPSILON * largest;
	for l in 0..n {
		for iteration in 0.. {
			let m = (l..n - 1).find(|m| e[*m].abs() <= small).unwrap_or(n - 1);
			if m == l {
				break;
			}
			if iteration == MAX_ITERATIONS {
				return Err(NoEigen);
			}
			let mut g = (d[l + 1] - d[l]) / (2.0 * e[l]);
			let mut r = (g * g + 1.0).sqrt();
			g = d[m] - d[l] + e[l] / (g + if g >= 0.0 { r } else { -r });
			let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
			let mut whole = true;
			for i in (l..m).rev() {
				let f = s * e[i];
				let b = c * e[i];
				r = (f * f + g * g).sqrt();
				e[i + 1] = r;
				if r == 0.0 {
					d[i + 1] -= p;
					e[m] = 0.0;
					whole = false;
					break;
				}
				s = f / r;
				c = g / r;
				g = d[i + 1] - p;
				r = (d[i] - g) * s + 2.0 * c * b;
				p = s * r;
				d[i + 1] = g + p;
				g = c * r - b;
				let (left, right) = vectors.split_at_mut((i + 1) * n);
				let rows = left[i * n..].iter_mut().zip(&mut right[..n]);
				rows.for_each(|(x, y)| {
					let f = *y;
					*y = s * *x + c * f;
					*x = c * *x - s * f;
				});
			}
			if whole {
				d[l] -= p;
				e[l] = g;
				e[m] = 0.0;
			}
		}
	}
	Ok(())
}
