//! TAP devices: a network card whose cable we hold.

use anyhow::{bail, Context, Result};
use std::{
	fs::{File, OpenOptions},
	io::{self, Read, Write},
	os::{
		fd::{AsFd, AsRawFd, BorrowedFd},
		unix::fs::OpenOptionsExt,
	},
	path::Path,
	thread,
};

const DEVICE: &str = "/dev/net/tun";
/// Where `ip netns add` puts namespaces.
const NAMESPACES: &str = "/run/netns";
/// A card of the usual size, and what stands before its 1,500 bytes.
const MAX_FRAME: usize = 2_048;

/// A TAP device. It vanishes when this is dropped.
pub struct Tap {
	file: File,
}

impl Tap {
	/// Makes a device called `name`, in the namespace `namespace` or in that of this process.
	pub fn new(name: &str, namespace: Option<&str>) -> Result<Self> {
		let Some(namespace) = namespace else { return Self::here(name) };
		let path = Path::new(NAMESPACES).join(namespace);
		let made = thread::scope(|scope| {
			// only this thread moves
			let made = scope.spawn(|| {
				enter(&path).with_context(|| format!("entering the namespace {namespace}"))?;
				Self::here(name)
			});
			made.join()
		});
		made.unwrap_or_else(|_| bail!("the thread that makes devices failed"))
	}

	fn here(name: &str) -> Result<Self> {
		let file = OpenOptions::new()
			.read(true)
			.write(true)
			.custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
			.open(DEVICE)
			.with_context(|| format!("opening {DEVICE}"))?;
		let mut request = interface(name)?;
		// SAFETY: the descriptor is open, and the request is a whole `ifreq` that outlives the call
		let done = unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF as _, &mut request) };
		if done < 0 {
			return Err(io::Error::last_os_error())
				.with_context(|| format!("making the device {name}"));
		}
		Ok(Self { file })
	}

	/// Reads the frames that are there.
	pub fn read_all(&self, mut each: impl FnMut(&[u8])) -> Result<()> {
		let mut buffer = [0; MAX_FRAME];
		loop {
			match (&self.file).read(&mut buffer) {
				Ok(read) => each(buffer.get(..read).unwrap_or_default()),
				Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
				Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
				// the other end is down: there is nothing to read
				Err(error) if error.raw_os_error() == Some(libc::EBADFD) => return Ok(()),
				Err(error) => return Err(error).context("reading a frame"),
			}
		}
	}

	/// Writes a frame. One that the device does not take is lost, as on a wire.
	pub fn write(&self, frame: &[u8]) {
		let _ = (&self.file).write(frame);
	}
}

impl AsFd for Tap {
	fn as_fd(&self) -> BorrowedFd<'_> {
		self.file.as_fd()
	}
}

/// Moves this thread into the network namespace at `path`.
fn enter(path: &Path) -> io::Result<()> {
	let namespace = File::open(path)?;
	// SAFETY: the descriptor is open for the whole call, which touches no memory of ours
	let done = unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) };
	if done < 0 {
		return Err(io::Error::last_os_error());
	}
	Ok(())
}

/// Which device is asked for: plain frames, nothing before them.
fn interface(name: &str) -> Result<libc::ifreq> {
	// SAFETY: `ifreq` is plain data, for which zeros are a value
	let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
	// one stays zero, as C ends its texts
	let longest = request.ifr_name.len() - 1;
	if name.is_empty() || name.len() > longest {
		bail!("a device's name has 1 to {longest} bytes, and this is '{name}'");
	}
	for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
		*to = from as libc::c_char;
	}
	request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI) as libc::c_short;
	Ok(request)
}
