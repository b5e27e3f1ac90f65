//! Records: CSV files and packs, and what the engine makes of CSV files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openledger_content::Records;
use openledger_engine::head::HeadTask;
use openledger_engine::{
	duplicates::{copies, Options, Texts},
	memory::Bounded,
	records::Table,
};
use std::{path::Path, sync::atomic::AtomicBool};

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

fuzz_target!(|data: &[u8]| {
	for task in [HeadTask::Classify, HeadTask::Regress] {
		if let Ok(table) = Table::parse(Path::new("fuzz.csv"), data, "label", task) {
			assert_eq!(table.features.len(), table.len() * table.columns.len());
			assert_eq!(table.lines.len(), table.len());
			Table::without_copies(&[table]);
		}
	}
	if let Ok(records) = Records::from_blob(data) {
		let again = Records::from_blob(&records.to_blob());
		assert_eq!(again.as_ref(), Ok(&records));
		let texts: Vec<_> = records.iter().map(String::from_utf8_lossy).collect();
		let found = copies(&Texts(&texts), &Options::new(9, &AtomicBool::new(false)));
		assert_eq!(found.map(|found| found.len()).ok(), Some(records.len()));
	}
});
