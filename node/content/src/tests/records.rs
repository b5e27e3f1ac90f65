use crate::{merkle, records, Records, RecordsError};

const ALICE: [u8; 32] = [7; 32];
const BOB: [u8; 32] = [8; 32];

fn lines(count: usize) -> Records {
	let text: String = (0..count).map(|i| format!("{i},{}\n", i * i)).collect();
	Records::from_csv(format!("x,y\n{text}").as_bytes(), &[]).unwrap()
}

#[test]
fn every_record_proves_itself_to_its_contributor() {
	for count in [1, 2, 3, 7, 8, 9, 100] {
		let records = lines(count);
		let root = records.root(&ALICE);
		for (index, record) in records.iter().enumerate() {
			let proof = records.prove(&ALICE, index).unwrap();
			assert!(records::verify(&root, &ALICE, record, &proof), "{index} of {count}");
			assert!(!records::verify(&root, &BOB, record, &proof), "another's account");
			assert!(!records::verify(&root, &ALICE, b"other", &proof), "another record");
		}
		assert!(records.prove(&ALICE, count).is_none());
	}
}

#[test]
fn a_root_belongs_to_one_account() {
	let records = lines(5);
	assert_ne!(records.root(&ALICE), records.root(&BOB));
	let leaves: Vec<_> = records.iter().map(|record| merkle::record_leaf(&ALICE, record)).collect();
	assert_eq!(records.root(&ALICE), merkle::root(&leaves));
}

#[test]
fn a_folder_is_read_in_the_order_of_paths_and_packs_back() {
	let dir = tempfile::tempdir().unwrap();
	std::fs::create_dir_all(dir.path().join("b/c")).unwrap();
	for (path, bytes) in
		[("b/c/2.txt", "two"), ("a.txt", "one"), ("b.txt", ""), (".hidden", "x"), ("b/1", "three")]
	{
		std::fs::write(dir.path().join(path), bytes).unwrap();
	}
	let records = Records::from_dir(dir.path()).unwrap();
	// '.' sorts before '/'
	assert_eq!(records.iter().collect::<Vec<_>>(), [b"one".as_slice(), b"", b"three", b"two"]);
	assert_eq!(records.header(), None);
	let blob = records.to_blob();
	assert_eq!(Records::from_blob(&blob).unwrap(), records);
	for cut in 0..blob.len() {
		assert!(Records::from_blob(&blob[..cut]).map_or(true, |other| other != records), "{cut}");
	}
}

#[test]
fn a_damaged_pack_is_refused() {
	let records =
		Records::from_files(vec![("a".into(), vec![1, 2, 3]), ("b".into(), vec![4])]).unwrap();
	let blob = records.to_blob();
	assert_eq!(
		Records::from_blob(&blob[..blob.len() - 1]),
		Err(RecordsError::DamagedPack { offset: blob.len() - 1 })
	);
	let mut huge = blob.clone();
	huge[13..21].copy_from_slice(&u64::MAX.to_le_bytes());
	assert!(matches!(Records::from_blob(&huge), Err(RecordsError::DamagedPack { .. })));
	let mut longer = blob;
	longer.push(0);
	assert!(matches!(Records::from_blob(&longer), Err(RecordsError::DamagedPack { .. })));
	assert_eq!(Records::from_blob(records::PACK_MAGIC), Err(RecordsError::Empty));
}

#[test]
fn paths_that_leave_the_folder_or_repeat_are_refused() {
	for path in ["../x", "/etc/passwd", "a//b", "", "a/./b"] {
		let files = vec![(path.to_owned(), vec![1])];
		let refused = Records::from_files(files);
		assert_eq!(refused, Err(RecordsError::BadPath { path: path.into() }));
	}
	let twice = vec![("a".to_owned(), vec![1]), ("a".to_owned(), vec![2])];
	assert!(matches!(Records::from_files(twice), Err(RecordsError::BadPath { .. })));
	assert_eq!(Records::from_files(vec![]), Err(RecordsError::Empty));
}

#[test]
fn an_unreadable_folder_is_named() {
	let error = Records::from_dir("/nowhere/at/all").unwrap_err();
	assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}
