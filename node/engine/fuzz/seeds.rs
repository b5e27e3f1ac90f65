//! Writes small good files for every target: `seeds DIR`.

use openledger_content::Records;
use openledger_engine::{
	artifact::{Label, TrainingFeatures},
	head::Head,
	npy,
	onnx::write::{linear_head, model, node, value, write_linear_head, Form},
};
use openledger_primitives::{ContributionId, Task};
use prost::Message;
use std::{error::Error, fs, path::PathBuf};

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
	let root: PathBuf = std::env::args_os().nth(1).ok_or("usage: seeds DIR")?.into();
	let put = |target: &str, files: Vec<Vec<u8>>| -> Done<()> {
		let dir = root.join(target);
		fs::create_dir_all(&dir)?;
		for (at, file) in files.iter().enumerate() {
			fs::write(dir.join(format!("seed{at}")), file)?;
		}
		Ok(())
	};
	put("npy", vec![npy::to_bytes(&[2, 3], &[0.5f32; 6]), npy::to_bytes(&[3], &[1i64, -2, 3])])?;
	put("onnx", models()?)?;
	put("features", vec![features(Task::Classify)?, features(Task::Regress)?])?;
	put("records", records()?)?;
	put("receipt", vec![RECEIPT.into(), format!("{{\"receipt\":{RECEIPT}}}").into_bytes()])
}

fn models() -> Done<Vec<Vec<u8>>> {
	let head = |outputs: usize| Head::new(vec![0.25; 4 * outputs], vec![0.5; outputs]);
	let mut all: Vec<Vec<u8>> = vec![write_linear_head(&head(1)?, Form::GemmPlain)];
	for form in [Form::Gemm, Form::MatMulAdd] {
		all.push(write_linear_head(&head(3)?, form));
	}
	for op in ["Relu", "Flatten", "Softmax", "Neg", "Transpose", "Shape", "Size", "Identity"] {
		let mut graph = linear_head(&head(3)?, Form::Gemm);
		graph.input = vec![value("in", &[None, Some(4)])];
		graph.node.insert(0, node(op, &["in"], "x"));
		all.push(model(graph).encode_to_vec());
	}
	for op in ["Expand", "Tile", "Reshape", "Gather", "ConstantOfShape", "Range", "Pad", "Add"] {
		let mut graph = linear_head(&head(3)?, Form::Gemm);
		graph.node.push(node(op, &["y", "bias", "bias"], "z"));
		graph.output[0].name = "z".into();
		all.push(model(graph).encode_to_vec());
	}
	Ok(all)
}

fn features(task: Task) -> Done<Vec<u8>> {
	let label = |at: u32| match task {
		Task::Classify => Label::Class(at % 2),
		Task::Regress => Label::Value(f64::from(at)),
	};
	let features = TrainingFeatures {
		task,
		scale: 3,
		l2: 0.5,
		classes: if task == Task::Classify { 2 } else { 1 },
		dimensions: 2,
		contributions: (0..3).map(ContributionId).collect(),
		hashes: vec![[7; 32]; 3],
		labels: (0..3).map(label).collect(),
		features: (0..6).collect(),
	};
	Ok(features.to_bytes()?)
}

fn records() -> Done<Vec<Vec<u8>>> {
	let pack = Records::from_files(vec![
		("a.txt".into(), b"a text that is long enough".to_vec()),
		("b/c.txt".into(), b"a text that is long enough, too".to_vec()),
	])?;
	Ok(vec![
		b"a,b,label\n1,2.5,0\n-3e2,4,1\n1,2.5,0\n".to_vec(),
		b"\xef\xbb\xbfa,\"b\"\r\n\"one, \"\"two\"\"\",x\r\n\r\ny, z\r\n".to_vec(),
		pack.to_blob(),
	])
}

const RECEIPT: &str = r#"{"id":"0x00","job":1,"model":0,"requestHash":"0x00","answer":"0x07000000","output":null,"outcome":"Answered","influence":[{"contribution":5,"ppm":400000}],"fee":"100","spent":"100","unattributed":"10","seats":[{"worker":"w","kind":"Committee","paid":true}],"payouts":[{"account":"c","part":"Contribution","of":5,"amount":"6"},{"account":"w","part":"Worker","of":null,"amount":50}],"request":"0x00","engineJob":{"id":"0x00","engine_version":1,"model":{},"input":{"inline":"0x"}},"reports":[{"worker":"w","answer":"0x","queryFeatures":"0x","engineVersion":1,"influence":[]}]}"#;
