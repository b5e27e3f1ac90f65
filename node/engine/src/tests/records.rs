//! CSV files to train on.

use super::fixtures::parse;
use crate::{
	artifact::Label,
	head::HeadTask,
	records::{RecordsError, Table},
};
use std::path::{Path, PathBuf};

fn error(text: &str, task: HeadTask) -> String {
	let error = Table::parse(Path::new("a.csv"), text.as_bytes(), "label", task).unwrap_err();
	error.to_string()
}

#[test]
fn the_label_may_stand_anywhere_and_a_record_is_its_line() {
	let table = parse("x,label,y\r\n1,2,-0.5\r\n\r\n1e3, 0 ,7\r\n", HeadTask::Classify);
	assert_eq!(table.columns, ["x", "y"]);
	assert_eq!(table.features, [1.0, -0.5, 1000.0, 7.0]);
	assert_eq!(table.labels, [Label::Class(2), Label::Class(0)]);
	assert_eq!(table.lines, [b"1,2,-0.5".to_vec(), b"1e3, 0 ,7".to_vec()]);
	assert_eq!(parse("x,label\n1,-2.5\n", HeadTask::Regress).labels, [Label::Value(-2.5)]);
}

#[test]
fn a_bad_cell_is_named_by_file_line_and_column() {
	for (value, line) in [("NaN", 3), ("inf", 3), ("-Infinity", 3), ("1e999", 3)] {
		let text = format!("x,label\n1,0\n{value},1\n");
		let message = error(&text, HeadTask::Classify);
		assert!(message.starts_with("a.csv: "), "{message}");
		assert!(message.contains(&format!("line {line}")), "{message}");
		assert!(message.contains("column `x`"), "{message}");
	}
	let message = error("x,label\n\n1,0\n\nabc,1\n", HeadTask::Classify);
	assert_eq!(message, "a.csv: line 5, column `x`: `abc` is not a finite number");
	// fits f64, not the f32 that models take
	let message = error("x,label\n1e39,0\n", HeadTask::Classify);
	assert_eq!(message, "a.csv: line 2, column `x`: `1e39` is not a finite number");
}

#[test]
fn a_label_that_is_no_class_is_named() {
	for value in ["-1", "0.5", "65536"] {
		let message = error(&format!("x,label\n1,{value}\n"), HeadTask::Classify);
		assert!(message.starts_with("a.csv: line 2, column `label`: "), "{message}");
		assert!(message.contains("is not a class"), "{message}");
	}
}

#[test]
fn a_file_of_another_form_is_refused() {
	let message = error("x,y\n1,0\n", HeadTask::Classify);
	assert!(message.contains("column `label` is missing"), "{message}");
	let message = error("x,label\n1,0\n1\n", HeadTask::Classify);
	assert!(message.contains("line 3 has 1 cells where the header has 2"), "{message}");
	let message = error("label\n1\n", HeadTask::Classify);
	assert!(message.contains("1 columns"), "{message}");
	assert!(error("", HeadTask::Classify).contains("no records"));
	assert!(error("x,label\n", HeadTask::Classify).contains("no records"));
}

#[test]
fn files_fit_together_by_the_names_of_their_columns() {
	let dir = tempfile::tempdir().unwrap();
	let file = |name: &str, text: &str| -> PathBuf {
		let path = dir.path().join(name);
		std::fs::write(&path, text).unwrap();
		path
	};
	let a = file("a.csv", "x,y,label\n1,2,0\n");
	let b = file("b.csv", "label,y,x\n1,20,10\n");
	let tables = Table::read_all(&[a.clone(), b], "label", HeadTask::Classify).unwrap();
	assert_eq!(tables[1].features, [10.0, 20.0]);

	let less = file("less.csv", "x,label\n1,0\n");
	let error = Table::read_all(&[a.clone(), less], "label", HeadTask::Classify).unwrap_err();
	assert!(matches!(&error, RecordsError::MissingFeature { column, .. } if column == "y"));
	let more = file("more.csv", "x,y,z,label\n1,2,3,0\n");
	let error = Table::read_all(&[a.clone(), more], "label", HeadTask::Classify).unwrap_err();
	assert!(matches!(&error, RecordsError::ForeignColumn { column, .. } if column == "z"));
	let nowhere = dir.path().join("nowhere.csv");
	let error = Table::read_all(&[a, nowhere], "label", HeadTask::Classify).unwrap_err();
	assert!(error.to_string().contains("nowhere.csv cannot be read"), "{error}");
}

#[test]
fn a_record_counts_once_for_its_first_contributor() {
	let first = parse("x,y,label\n1,0,1\n2,0,1\n1,0,1\n", HeadTask::Classify);
	// written otherwise, with another label, another record
	let second = parse("x,y,label\n2.0,-0,1\n1,0,0\n3,0,1\n", HeadTask::Classify);
	let [first, second] = Table::without_copies(&[first, second]).try_into().unwrap();
	assert_eq!((first.features, first.lines.len()), (vec![1.0, 0.0, 2.0, 0.0], 2));
	assert_eq!(second.features, [1.0, 0.0, 3.0, 0.0]);
	assert_eq!(second.labels, [Label::Class(0), Label::Class(1)]);
	assert_eq!(second.lines, [b"1,0,0".to_vec(), b"3,0,1".to_vec()]);
}
