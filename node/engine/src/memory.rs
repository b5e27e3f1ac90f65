//! Memory for work that may ask for any amount of it.
//!
//! The ONNX runtime computes constants while it loads a model, before anyone can look at their
//! size, and takes a refused allocation for an error like any other.

use std::{
	alloc::{GlobalAlloc, Layout, System},
	cell::Cell,
	io::Write,
	ptr,
	sync::atomic::{AtomicBool, Ordering},
};

/// Allocations below this are not counted.
const SMALL: usize = 1 << 20;

/// Allocations aligned like this or more are tensors of the runtime, which looks whether it got one.
const TENSOR: usize = 16;

/// Whether the process ends where memory does.
static ENDS: AtomicBool = AtomicBool::new(false);

/// From now on an allocation that cannot be had ends the process with one clear line and code 1,
/// where it would be aborted otherwise. For programs that use [`Bounded`].
pub fn end_when_exhausted() {
	ENDS.store(true, Ordering::Relaxed);
}

thread_local! {
	/// Whether this thread asks for memory that it can do without.
	static MAY_FAIL: Cell<bool> = const { Cell::new(false) };
	/// Bytes of large allocations that this thread may still make.
	static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// A vector with room for exactly `length` elements; `None` where there is no memory for it.
pub fn room<T>(length: usize) -> Option<Vec<T>> {
	let mut vector = Vec::new();
	let before = MAY_FAIL.replace(true);
	let had = vector.try_reserve_exact(length).is_ok();
	MAY_FAIL.set(before);
	had.then_some(vector)
}

/// Runs `work`, in which this thread's large allocations are refused once they exceed `bytes`
/// together; what is freed counts no more. Without [`Bounded`] nothing is refused.
pub fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
	struct Back(usize);
	impl Drop for Back {
		fn drop(&mut self) {
			LEFT.set(self.0);
		}
	}
	let _back = Back(LEFT.replace(bytes));
	work()
}

/// The system's allocator, which keeps to [`within`]: for programs' `#[global_allocator]`.
#[derive(Debug)]
pub struct Bounded;

impl Bounded {
	fn take(size: usize) -> bool {
		let left = LEFT.get();
		if left == usize::MAX {
			return true;
		}
		let rest = left.checked_sub(size);
		LEFT.set(rest.unwrap_or(left));
		rest.is_some()
	}

	/// Counts no memory that was not to be had.
	fn had(block: *mut u8, size: usize, align: usize) -> *mut u8 {
		if block.is_null() {
			if size >= SMALL {
				Self::give(size);
			}
			return Self::refuse(size, align);
		}
		block
	}

	fn refuse(size: usize, align: usize) -> *mut u8 {
		if ENDS.load(Ordering::Relaxed) && align < TENSOR && !MAY_FAIL.get() {
			// neither formatting a number nor writing to standard error allocates
			let mut line = [0; 80];
			let mut rest = &mut line[..];
			let _ = writeln!(rest, "error: out of memory: {size} bytes more are needed");
			let unused = rest.len();
			let _ = std::io::stderr().write_all(&line[..line.len() - unused]);
			std::process::exit(1);
		}
		ptr::null_mut()
	}

	/// What another thread took may be given back here: never more than there is.
	fn give(size: usize) {
		let left = LEFT.get();
		if left != usize::MAX {
			LEFT.set(left.saturating_add(size).min(usize::MAX - 1));
		}
	}
}

// SAFETY: everything is the system allocator's; refusing is allowed. Neither a `Cell` that needs no
// drop nor its arithmetic allocates or unwinds.
unsafe impl GlobalAlloc for Bounded {
	unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
		if layout.size() >= SMALL && !Self::take(layout.size()) {
			return Self::refuse(layout.size(), layout.align());
		}
		// SAFETY: the caller's promise.
		Self::had(unsafe { System.alloc(layout) }, layout.size(), layout.align())
	}

	unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
		if layout.size() >= SMALL && !Self::take(layout.size()) {
			return Self::refuse(layout.size(), layout.align());
		}
		// SAFETY: the caller's promise.
		Self::had(unsafe { System.alloc_zeroed(layout) }, layout.size(), layout.align())
	}

	unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
		if layout.size() >= SMALL {
			Self::give(layout.size());
		}
		// SAFETY: the caller's promise.
		unsafe { System.dealloc(block, layout) }
	}

	unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
		if size >= SMALL && !Self::take(size) {
			return Self::refuse(size, layout.align());
		}
		// SAFETY: the caller's promise.
		let moved = Self::had(unsafe { System.realloc(block, layout, size) }, size, layout.align());
		if !moved.is_null() && layout.size() >= SMALL {
			Self::give(layout.size());
		}
		moved
	}
}
