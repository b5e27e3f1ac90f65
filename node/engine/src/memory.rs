//! Memory for work that may ask for any amount of it.
//!
//! The ONNX runtime computes constants while it loads a model, before anyone can look at their
//! size, and takes a refused allocation for an error like any other.

use std::{
	alloc::{GlobalAlloc, Layout, System},
	cell::Cell,
	ptr,
};

/// Allocations below this are not counted.
const SMALL: usize = 1 << 20;

thread_local! {
	/// Bytes of large allocations that this thread may still make.
	static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
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
	fn had(block: *mut u8, size: usize) -> *mut u8 {
		if block.is_null() && size >= SMALL {
			Self::give(size);
		}
		block
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
			return ptr::null_mut();
		}
		// SAFETY: the caller's promise.
		Self::had(unsafe { System.alloc(layout) }, layout.size())
	}

	unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
		if layout.size() >= SMALL && !Self::take(layout.size()) {
			return ptr::null_mut();
		}
		// SAFETY: the caller's promise.
		Self::had(unsafe { System.alloc_zeroed(layout) }, layout.size())
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
			return ptr::null_mut();
		}
		// SAFETY: the caller's promise.
		let moved = Self::had(unsafe { System.realloc(block, layout, size) }, size);
		if !moved.is_null() && layout.size() >= SMALL {
			Self::give(layout.size());
		}
		moved
	}
}
