//! What does not fit is one clear error.

use crate::*;

fn why(graph: GraphProto) -> String {
	parse(graph).unwrap_err().to_string()
}

/// The perceptron with node `at` changed.
fn changed(at: usize, change: impl FnOnce(&mut NodeProto)) -> GraphProto {
	let mut graph = perceptron(1, &[8, 5, 3]);
	change(&mut graph.node[at]);
	graph
}

#[test]
fn a_node_without_a_gradient_is_named() {
	let sine = changed(1, |node| node.op_type = "Sin".into());
	let text = why(sine);
	assert!(text.contains("node `h0_relu` (Sin) has no gradient in this engine"), "{text}");

	let mut inner = perceptron(1, &[8, 5, 3]);
	inner.node[1].op_type = "Softmax".into();
	let text = why(inner);
	assert!(text.contains("node `z1_gemm` (Gemm) follows node `h0_relu` (Softmax)"), "{text}");

	let text = why(changed(0, |node| {
		node.attribute.push(int("transA", 1));
	}));
	assert!(text.contains("node `z0_gemm` (Gemm) does not read one row for each record"), "{text}");
}

#[test]
fn weights_that_are_shared_or_are_values_are_named() {
	let mut shared = perceptron(1, &[8, 8, 8]);
	shared.node[2].input[1] = "w0".into();
	let text = why(shared);
	let wanted = "node `z1_gemm` (Gemm) shares the weights `w0` with node `z0_gemm` (Gemm)";
	assert!(text.contains(wanted), "{text}");

	let mut product = perceptron(1, &[8, 5, 3]);
	product.node[2] = node("MatMul", &["h0", "h0"], "z1");
	let text = why(product);
	assert!(text.contains("node `z1_matmul` (MatMul) multiplies two values"), "{text}");

	let mut divided = perceptron(1, &[8, 5, 3]);
	divided.node[1] = node("Div", &["z0", "z0"], "h0");
	assert!(why(divided).contains("divides by a value"), "{}", "a quotient of values");
}

#[test]
fn statistics_of_batches_are_refused() {
	let mut graph = perceptron(1, &[8, 5, 3]);
	for name in ["s", "h", "m", "v"] {
		graph.initializer.push(floats(name, &[5], vec![1.0; 5]));
	}
	let norm = node("BatchNormalization", &["z0", "s", "h", "m", "v"], "h0");
	graph.node[1] = with(norm, [int("training_mode", 1)]);
	let text = why(graph);
	assert!(text.contains("node `h0_batchnormalization`") && text.contains("training"), "{text}");
}

#[test]
fn shapes_that_do_not_fit_are_named() {
	let mut graph = perceptron(1, &[8, 5, 3]);
	graph.initializer[2] = floats("w1", &[3, 6], draw(1, 18));
	assert!(why(graph).contains("node `z1_gemm` (Gemm) has weights for 6 inputs"));

	let mut graph = perceptron(1, &[8, 5, 3]);
	graph.initializer[1] = floats("b0", &[4], draw(1, 4));
	assert!(why(graph).contains("node `z0_gemm` (Gemm) has a bias of shape [4]"));

	let mut graph = perceptron(1, &[8, 5, 3]);
	graph.node[1] = node("Add", &["z0", "x"], "h0");
	assert!(why(graph).contains("joins values of shapes [5] and [8]"));
}

#[test]
fn graphs_that_are_none_are_refused() {
	let cyclic = changed(0, |node| node.input[0] = "h0".into());
	assert!(why(cyclic).contains("reads `h0`, which nothing before it produces"));

	let mut two = perceptron(1, &[8, 5, 3]);
	two.output.push(value("h0", &[None, Some(5)]));
	assert!(why(two).contains("output"), "two outputs");

	let mut bad = perceptron(1, &[8, 5, 3]);
	bad.initializer[0].raw_data[..4].copy_from_slice(&f32::NAN.to_le_bytes());
	assert!(why(bad).contains("NaN"));

	let mut none = perceptron(1, &[8, 5, 3]);
	none.node = vec![node("Relu", &["x"], "y")];
	assert!(why(none).contains("has no Gemm, MatMul or Conv"));
}

fn refused(graphs: Vec<Graph>, train: &Samples, settings: Settings) -> String {
	prepare(graphs, train, settings).unwrap_err().to_string()
}

#[test]
fn records_that_do_not_fit_are_refused() {
	let auto = settings(Method::GaussNewton, None, Probabilities::Expected);
	let train = classes(data(1, 30, 8, 3));
	let with = |targets| Samples { targets, ..train.clone() };
	for (targets, wanted) in [
		(Targets::Classes(vec![0; 29]), "there are 29 labels for 30 training records"),
		(Targets::Classes(vec![3; 30]), "label 3 of training record 0 is no class"),
		(Targets::Values(vec![0.0; 30]), "a classifier's labels are classes"),
	] {
		let text = refused(vec![three(1)], &with(targets), auto);
		assert!(text.contains(wanted), "{text}");
	}
	let text = refused(vec![], &train, auto);
	assert!(text.contains("no model is given"), "{text}");
	let other = read(perceptron(1, &[8, 5, 4]));
	let text = refused(vec![three(1), other], &train, auto);
	assert!(text.contains("model 2 of the ensemble takes [8] and gives 4 outputs"), "{text}");
	for damping in [0.0, -1.0, f64::NAN, f64::INFINITY] {
		let text = refused(vec![three(1)], &train, Settings { damping: Some(damping), ..auto });
		assert!(text.contains("it must be a positive number or `auto`"), "{text}");
	}
	let one = classes(data(1, 1, 8, 3));
	let text = refused(vec![three(1)], &one, auto);
	assert!(text.contains("name one with --damping"), "{text}");

	let ready = prepare(vec![three(1)], &train, auto).unwrap();
	let ask = |inputs: &[f32], targets| ready.scores(Queries { inputs, targets }).unwrap_err();
	assert!(ask(&[], None).to_string().contains("give no scores that fit"));
	assert!(ask(&[0.0; 9], None).to_string().contains("give no scores that fit"));
	let text = ask(&[0.0; 8], Some(&Targets::Classes(vec![9]))).to_string();
	assert!(text.contains("label 9 of query record 0 is no class"), "{text}");
}

#[test]
fn a_network_that_overflows_is_refused() {
	let mut graph = perceptron(1, &[8, 5, 3]);
	for at in [0, 2] {
		let count = graph.initializer[at].raw_data.len() / 4;
		let dims: Vec<usize> = graph.initializer[at].dims.iter().map(|d| *d as usize).collect();
		graph.initializer[at] = floats(&format!("w{}", at / 2), &dims, vec![1e38; count]);
	}
	let huge = Samples { inputs: vec![3e38; 16], targets: Targets::Classes(vec![0, 1]) };
	let auto = settings(Method::GaussNewton, Some(1.0), Probabilities::Own);
	let text = refused(vec![read(graph)], &huge, auto);
	assert!(!text.is_empty() && !text.contains('\n'), "{text}");
}
