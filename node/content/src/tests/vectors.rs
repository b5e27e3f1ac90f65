//! Fixed vectors that the scripts in another language must reproduce: `scripts/test/vectors.json`.
//! `OPENLEDGER_WRITE_VECTORS=1` writes the file anew.

use crate::{merkle, Records, CHUNK_BYTES};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vectors {
	/// Blobs of `length` bytes, byte `i` being `(i · 31 + i / 256) mod 251`.
	blobs: Vec<Blob>,
	/// Contributions from CSV text.
	csv: Vec<Csv>,
	/// Contributions from files.
	files: Vec<Files>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Blob {
	length: usize,
	id: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Csv {
	text: String,
	account: String,
	records: usize,
	root: String,
	blob: String,
	/// Siblings of the last record's proof.
	last_proof: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Files {
	/// Path and text of each file.
	files: Vec<(String, String)>,
	account: String,
	root: String,
	blob: String,
}

fn hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

fn vectors() -> Vectors {
	let lengths = [0, 1, 1000, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5];
	let blobs = lengths
		.into_iter()
		.map(|length| {
			let bytes: Vec<u8> = (0..length).map(|i| ((i * 31 + i / 256) % 251) as u8).collect();
			Blob { length, id: merkle::blob_id(&bytes).to_string() }
		})
		.collect();
	let table: String = (0..37).map(|i| format!("{i},{}.5,digit {}\r\n", i * 7, i % 10)).collect();
	let texts = [
		"a,b\n1,2\n".to_owned(),
		"\u{feff}name,value\r\n\"Ω, quoted \"\"text\"\"\",1\r\n\r\nplain,2".to_owned(),
		format!("x,y,label\n{table}"),
	];
	let csv = texts
		.into_iter()
		.zip(1u8..)
		.map(|(text, byte)| {
			let records = Records::from_csv(text.as_bytes(), &[]).unwrap();
			let account = [byte; 32];
			let proof = records.prove(&account, records.len() - 1).unwrap();
			Csv {
				account: hex(&account),
				records: records.len(),
				root: hex(&records.root(&account)),
				blob: merkle::blob_id(&records.to_blob()).to_string(),
				last_proof: proof.siblings.iter().map(|sibling| hex(sibling)).collect(),
				text,
			}
		})
		.collect();
	let files: Vec<(String, String)> = [("b/é.txt", "zwei"), ("a.txt", "one"), ("b.txt", "")]
		.map(|(path, text)| (path.to_owned(), text.to_owned()))
		.to_vec();
	let packed = files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes()));
	let records = Records::from_files(packed.collect()).unwrap();
	let account = [0xab; 32];
	let files = vec![Files {
		files,
		account: hex(&account),
		root: hex(&records.root(&account)),
		blob: merkle::blob_id(&records.to_blob()).to_string(),
	}];
	Vectors { blobs, csv, files }
}

#[test]
fn the_committed_vectors_are_what_this_crate_computes() {
	let path =
		std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test/vectors.json");
	if std::env::var_os("OPENLEDGER_WRITE_VECTORS").is_some() {
		let text = serde_json::to_string_pretty(&vectors()).unwrap();
		std::fs::create_dir_all(path.parent().unwrap()).unwrap();
		std::fs::write(&path, text + "\n").unwrap();
	}
	let committed = std::fs::read_to_string(&path).unwrap();
	let committed: Vectors = serde_json::from_str(&committed).unwrap();
	assert_eq!(committed, vectors());
}
