use crate::{Records, RecordsError};

fn csv(text: &str) -> Result<Records, RecordsError> {
	Records::from_csv(text.as_bytes(), &[])
}

#[test]
fn records_are_the_lines_below_the_header() {
	let records = csv("a,b\n1,2\n3,x y\n").unwrap();
	assert_eq!(records.header(), Some("a,b"));
	assert_eq!(records.iter().collect::<Vec<_>>(), [b"1,2".as_slice(), b"3,x y"]);
	assert_eq!((records.len(), records.get(2)), (2, None));
}

#[test]
fn line_ends_marks_and_empty_lines_change_nothing() {
	let plain = csv("a,b\n1,2\n3,4\n").unwrap();
	for other in [
		"\u{feff}a,b\r\n1,2\r\n3,4\r\n",
		"a,b\n\n1,2\n\n3,4",
		"\n\na,b\n1,2\n3,4\n\n",
		"a,b\r\r\r\n1,2\r\r\n\r\r\n3,4\r",
		"\u{feff}\r\n\u{feff}\u{feff}a,b\n1,2\n3,4",
	] {
		assert_eq!(csv(other).unwrap(), plain, "{other:?}");
	}
	assert_eq!(plain.to_blob(), b"a,b\n1,2\n3,4\n");
	assert_eq!(Records::from_blob(&plain.to_blob()).unwrap(), plain);
}

#[test]
fn quoted_cells_may_hold_commas_and_quotes() {
	let records = csv("\"a, b\" ,c\n\"1,\"\"2\"\"\",  3\n").unwrap();
	assert_eq!(records.get(0).unwrap(), b"\"1,\"\"2\"\"\",  3");
	for bad in ["a,b\n\"1,2\n", "a,b\n\"1\"x,2\n", "a,b\nx\"1\",2\n", "\"a,b\n1,2\n"] {
		assert!(matches!(csv(bad), Err(RecordsError::Quote { .. })), "{bad}");
	}
}

#[test]
fn a_header_that_begins_a_pack_is_refused() {
	assert_eq!(csv("\nOLRECS1\n1\n").unwrap_err(), RecordsError::PackHeader);
	assert!(csv("OLRECS1,b\n1,2\n").is_ok());
}

#[test]
fn a_missing_column_is_named_with_what_there_is() {
	let error = Records::from_csv(b"p0,p1\n1,2\n", &["p0", "label"]).unwrap_err();
	let found = "p0, p1".to_owned();
	assert_eq!(error, RecordsError::MissingColumn { name: "label".into(), found });
	assert_eq!(error.to_string(), "column `label` is missing; the header has p0, p1");
	assert!(Records::from_csv(b"p0,label\n1,2\n", &["label"]).is_ok());
}

#[test]
fn nan_and_infinity_are_refused_in_every_spelling() {
	for value in ["nan", "NaN", "-NAN", "inf", "+Inf", "-Infinity", "1e999", "-1e999", "\"nan\""] {
		let error = csv(&format!("a,b\n1,2\n1,{value}\n")).unwrap_err();
		let value = value.trim_matches('"').to_owned();
		assert_eq!(error, RecordsError::NotFinite { line: 3, column: "b".into(), value });
	}
	for value in ["nano", "infinite", "1e300", "-0.5", "1e-999", "banana"] {
		assert!(csv(&format!("a,b\n1,{value}\n")).is_ok(), "{value}");
	}
}

#[test]
fn every_other_fault_has_its_line() {
	assert_eq!(csv(""), Err(RecordsError::Empty));
	assert_eq!(csv("a,b\n"), Err(RecordsError::Empty));
	assert_eq!(csv("a,\n1,2\n"), Err(RecordsError::UnnamedColumn { column: 2 }));
	assert_eq!(csv("a,a\n1,2\n"), Err(RecordsError::DuplicateColumn { name: "a".into() }));
	let ragged = RecordsError::Ragged { line: 4, found: 1, expected: 2 };
	assert_eq!(csv("a,b\n\n1,2\n3\n"), Err(ragged));
	let empty = RecordsError::EmptyCell { line: 2, column: "b".into() };
	assert_eq!(csv("a,b\n1,\n"), Err(empty));
	assert_eq!(Records::from_csv(b"a,b\n1,\xff\n", &[]), Err(RecordsError::NotText { line: 2 }));
}
