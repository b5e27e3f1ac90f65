//! The methods give what their definitions give.

use crate::{
	common::{apart, eliminate},
	*,
};
use openledger_engine::{
	influence::{self, How, Objective},
	onnx::write::{linear_head, Form},
};

const DAMPING: f64 = 0.03;

fn own(method: Method, damping: f64) -> Settings {
	settings(method, Some(damping), Probabilities::Own)
}

/// `p − e_y` of each record.
fn residuals(graph: &Graph, samples: &Samples) -> Vec<Vec<f64>> {
	let Targets::Classes(own) = &samples.targets else { panic!("classes") };
	let z = graph.run(canonical(), &samples.inputs).unwrap();
	let rows = z.chunks(graph.outputs()).zip(own).map(|(z, y)| {
		let mut p = softmax(z);
		p[*y] -= 1.0;
		p
	});
	rows.collect()
}

/// The gradients of losses.
fn pulls(graph: &Graph, samples: &Samples) -> Vec<Vec<f64>> {
	let rows = jacobian(graph, &samples.inputs);
	let records = rows.chunks(graph.outputs()).zip(residuals(graph, samples));
	records
		.map(|(rows, residual)| {
			let mut out = vec![0.0; graph.parameters()];
			for (row, r) in rows.iter().zip(residual) {
				out.iter_mut().zip(row).for_each(|(out, x)| *out += r * x);
			}
			out
		})
		.collect()
}

/// Rows `B` with `BᵀB/n` the Gauss–Newton matrix: `√p_c·(J_c − Σ p J)`.
fn curvature(graph: &Graph, inputs: &[f32]) -> Vec<Vec<f64>> {
	let c = graph.outputs();
	let (rows, z) = (jacobian(graph, inputs), graph.run(canonical(), inputs).unwrap());
	let mut out = vec![];
	for (rows, z) in rows.chunks(c).zip(z.chunks(c)) {
		let p = softmax(z);
		let mean = |k: usize| rows.iter().zip(&p).map(|(row, p)| p * row[k]).sum::<f64>();
		let mean: Vec<f64> = (0..graph.parameters()).map(mean).collect();
		for (row, p) in rows.iter().zip(&p) {
			out.push(row.iter().zip(&mean).map(|(x, m)| p.sqrt() * (x - m)).collect());
		}
	}
	out
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
	a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn against(train: &[Vec<f64>], solved: &[Vec<f64>]) -> Vec<f64> {
	let n = train.len() as f64;
	train.iter().flat_map(|g| solved.iter().map(move |s| dot(g, s) / n)).collect()
}

#[test]
fn gauss_newton_is_its_explicit_inverse() {
	let graph = three(1);
	let (train, query) = (classes(data(1, 40, 8, 3)), classes(data(2, 4, 8, 3)));
	let size = graph.parameters();
	let mut h = vec![vec![0.0; size]; size];
	for row in curvature(&graph, &train.inputs) {
		for (h, x) in h.iter_mut().zip(&row) {
			h.iter_mut().zip(&row).for_each(|(h, y)| *h += x * y / 40.0);
		}
	}
	(0..size).for_each(|at| h[at][at] += DAMPING);
	let sides = pulls(&graph, &query);
	let columns = (0..size).map(|at| sides.iter().map(|row| row[at]).collect()).collect();
	let solved = eliminate(h, columns);
	let solved: Vec<Vec<f64>> = (0..4).map(|q| solved.iter().map(|row| row[q]).collect()).collect();
	let wanted = against(&pulls(&graph, &train), &solved);
	let got = scores(&graph, &train, &query, own(Method::GaussNewton, DAMPING));
	assert!(apart(&wanted, &got) < 1e-9, "{}", apart(&wanted, &got));

	// records for themselves are the diagonal
	let ready = prepare(vec![graph], &train, own(Method::GaussNewton, DAMPING)).unwrap();
	let all = Queries { inputs: &train.inputs, targets: Some(&train.targets) };
	let all = ready.scores(all).unwrap();
	let diagonal: Vec<f64> = all.into_iter().step_by(41).collect();
	assert!(apart(&diagonal, &ready.self_scores().unwrap()) < 1e-12);
}

#[test]
fn conjugate_gradients_of_a_large_network_are_its_explicit_inverse() {
	// 8,404 parameters, more than are factored, and curvature of rank 450, more than the
	// preconditioner has directions; solved here by way of records (Woodbury)
	let graph = read(perceptron(2, &[64, 120, 5]));
	assert_eq!(graph.parameters(), 8_405);
	let (train, query) = (classes(data(1, 110, 64, 5)), classes(data(2, 2, 64, 5)));
	let rows = curvature(&graph, &train.inputs);
	let (n, delta) = (110.0, 1e-3);
	let inner = rows.iter().enumerate().map(|(at, row)| {
		let mut own: Vec<f64> = rows.iter().map(|other| dot(row, other)).collect();
		own[at] += n * delta;
		own
	});
	let sides = pulls(&graph, &query);
	let along = rows.iter().map(|row| sides.iter().map(|side| dot(row, side)).collect()).collect();
	let inner = eliminate(inner.collect(), along);
	let solved: Vec<Vec<f64>> = sides
		.iter()
		.enumerate()
		.map(|(q, side)| {
			let mut out = side.clone();
			for (row, inner) in rows.iter().zip(&inner) {
				out.iter_mut().zip(row).for_each(|(out, x)| *out -= inner[q] * x);
			}
			out.iter().map(|x| x / delta).collect()
		})
		.collect();
	let wanted = against(&pulls(&graph, &train), &solved);
	let got = scores(&graph, &train, &query, own(Method::GaussNewton, delta));
	assert!(apart(&wanted, &got) < 1e-5, "{}", apart(&wanted, &got));
}

#[test]
fn ekfac_is_exact_where_curvature_is_a_kronecker_product() {
	// one record of one layer: (diag p − ppᵀ) ⊗ aaᵀ
	let (one, query) = (classes(data(1, 1, 8, 3)), classes(data(2, 5, 8, 3)));
	let graph = read(perceptron(4, &[8, 3]));
	let exact = scores(&graph, &one, &query, own(Method::GaussNewton, DAMPING));
	let got = scores(&graph, &one, &query, own(Method::Ekfac, DAMPING));
	assert!(apart(&exact, &got) < 1e-9);
	// a linear regressor
	let (train, query) = (values(1, 50), values(2, 6));
	let graph = read(perceptron(5, &[8, 1]));
	let exact = scores(&graph, &train, &query, own(Method::GaussNewton, DAMPING));
	let got = scores(&graph, &train, &query, own(Method::Ekfac, DAMPING));
	assert!(apart(&exact, &got) < 1e-9);
	// and elsewhere it is not
	let (train, query) = (classes(data(1, 40, 8, 3)), classes(data(2, 4, 8, 3)));
	let exact = scores(&three(1), &train, &query, own(Method::GaussNewton, DAMPING));
	let got = scores(&three(1), &train, &query, own(Method::Ekfac, DAMPING));
	assert!(apart(&exact, &got) > 1e-3);
}

fn values(seed: u64, records: usize) -> Samples {
	let own = data(seed, records, 8, 3);
	let targets = Targets::Values(own.y.iter().map(|y| *y as f64 - 0.7).collect());
	Samples { inputs: own.x, targets }
}

#[test]
fn trak_is_exact_where_its_projection_loses_nothing() {
	// nine directions of nine parameters; margins of a regressor are its outputs
	let (train, query) = (values(1, 60), values(2, 6));
	let graph = read(perceptron(5, &[8, 1]));
	let exact = scores(&graph, &train, &query, own(Method::GaussNewton, 1e-10));
	let got = scores(&graph, &train, &query, own(Method::Trak, 1e-10));
	assert!(apart(&exact, &got) < 1e-5, "{}", apart(&exact, &got));
}

#[test]
fn a_network_of_one_layer_scores_as_its_head_does_exactly() {
	let (train, query) = (data(1, 80, 8, 3), data(2, 7, 8, 3));
	let head = head(3, 8, 3);
	let graph = read(linear_head(&head, Form::Gemm));
	let targets = Targets::Classes(train.y.clone());
	let compute = canonical();
	let objective = Objective::new(compute, head, train.x.clone(), &targets, 1e-2).unwrap();
	let exact = influence::Prepared::with(How::default(), objective).unwrap();
	let labels = Targets::Classes(query.y.clone());
	let wanted =
		|targets| exact.scores(influence::Queries { features: &query.x, targets }).unwrap();
	let ready = prepare(vec![graph], &classes(train), own(Method::GaussNewton, 1e-2)).unwrap();
	for targets in [None, Some(&labels)] {
		let got = ready.scores(Queries { inputs: &query.x, targets }).unwrap();
		assert!(apart(&wanted(targets), &got) < 1e-6);
	}
	assert!(apart(&exact.self_scores().unwrap(), &ready.self_scores().unwrap()) < 1e-6);
}

#[test]
fn a_regressor_asked_without_labels_gives_the_weights_of_labels() {
	let (train, query) = (values(1, 50), values(2, 6));
	let head = head(5, 8, 1);
	let graph = read(linear_head(&head, Form::Gemm));
	let objective =
		Objective::new(canonical(), head, train.inputs.clone(), &train.targets, 1e-2).unwrap();
	let exact = influence::Prepared::with(How::default(), objective).unwrap();
	let queries = influence::Queries { features: &query.inputs, targets: None };
	let ready = prepare(vec![graph], &train, own(Method::GaussNewton, 1e-2)).unwrap();
	let got = ready.scores(Queries { inputs: &query.inputs, targets: None }).unwrap();
	assert!(apart(&exact.scores(queries).unwrap(), &got) < 1e-6);
}

#[test]
fn an_ensemble_is_the_mean_of_its_networks() {
	// of margins' scores, times the mean factor from margins to losses
	let (train, query) = (classes(data(1, 60, 8, 3)), classes(data(2, 5, 8, 3)));
	let graphs = [three(1), three(11), three(21)];
	for method in METHODS {
		let settings = own(method, DAMPING);
		let ready = prepare(graphs.to_vec(), &train, settings).unwrap();
		let asked = Queries { inputs: &query.inputs, targets: Some(&query.targets) };
		let got = ready.scores(asked).unwrap();
		let Targets::Classes(labels) = &query.targets else { panic!("classes") };
		let (mut margins, mut factors) = (vec![0.0; 300], vec![0.0; 5]);
		for graph in &graphs {
			let own = scores(graph, &train, &query, settings);
			let residuals = residuals(graph, &query);
			let factor: Vec<f64> = residuals.iter().zip(labels).map(|(r, y)| r[*y]).collect();
			factors.iter_mut().zip(&factor).for_each(|(sum, f)| *sum += f / 3.0);
			for (at, score) in own.iter().enumerate() {
				margins[at] += score / factor[at % 5] / 3.0;
			}
		}
		let wanted: Vec<f64> =
			margins.iter().enumerate().map(|(at, m)| m * factors[at % 5]).collect();
		assert!(apart(&wanted, &got) < 1e-9, "{method:?}");
	}
	// the same network twice is that network
	let settings = settings(Method::GaussNewton, None, Probabilities::Expected);
	let twice = prepare(vec![three(1), three(1)], &train, settings).unwrap();
	let asked = Queries { inputs: &query.inputs, targets: Some(&query.targets) };
	let one = scores(&three(1), &train, &query, settings);
	assert!(apart(&one, &twice.scores(asked).unwrap()) < 1e-12);
}

#[test]
fn expected_probabilities_are_less_sure_than_the_networks_own() {
	let train = classes(data(1, 60, 8, 3));
	let own = settings(Method::GaussNewton, None, Probabilities::Own);
	let expected = Settings { at: Probabilities::Expected, ..own };
	let sure = |settings| {
		let ready = prepare(vec![three(1)], &train, settings).unwrap();
		let p = &ready.members()[0].probabilities;
		assert!(p.chunks(3).all(|p| (p.iter().sum::<f64>() - 1.0).abs() < 1e-9));
		p.chunks(3).map(|p| p.iter().copied().fold(0.0, f64::max)).sum::<f64>() / 60.0
	};
	assert!(sure(expected) < sure(own) - 1e-3);
}
