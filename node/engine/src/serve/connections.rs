//! Connections: so many at a time, and none that stands still.

use std::{
	future::Future,
	io,
	pin::Pin,
	sync::Arc,
	task::{Context, Poll},
	time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
	rt::{TokioIo, TokioTimer},
	service::TowerToHyperService,
};
use tokio::{
	io::{AsyncRead, AsyncWrite, ReadBuf},
	net::{TcpListener, TcpStream},
	sync::{watch, Semaphore},
	time::{sleep, Sleep},
};

/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 16 * 1024;
/// How long to wait when no connection can be accepted, for example for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// What connections are held to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manners {
	/// At the same time; more wait to be accepted.
	pub connections: usize,
	/// The longest that a client may take to send a request's head, or not to read what it is
	/// sent.
	pub stall: Duration,
}

/// Serves `router` until `stopped`, then waits until connections have ended.
pub(super) async fn serve(
	listener: TcpListener,
	router: Router,
	manners: Manners,
	mut stopped: watch::Receiver<bool>,
) {
	let most = manners.connections.min(Semaphore::MAX_PERMITS);
	let room = Arc::new(Semaphore::new(most));
	let told = stopped.clone();
	let accept = async {
		loop {
			// it is never closed
			let Ok(place) = room.clone().acquire_owned().await else { return };
			match listener.accept().await {
				Ok((stream, _)) => {
					let connection = connection(stream, router.clone(), manners, told.clone());
					tokio::spawn(async move {
						connection.await;
						drop(place);
					});
				}
				Err(_) => sleep(PAUSE).await,
			}
		}
	};
	tokio::select! {
		() = accept => {},
		_ = stopped.wait_for(|stop| *stop) => {},
	}
	drop(listener);
	let _ = room.acquire_many(u32::try_from(most).unwrap_or(u32::MAX)).await;
}

async fn connection(
	stream: TcpStream,
	router: Router,
	manners: Manners,
	mut stopped: watch::Receiver<bool>,
) {
	// events are small and meant to arrive at once
	let _ = stream.set_nodelay(true);
	let io = TokioIo::new(Paced::new(stream, manners.stall));
	let connection = http1::Builder::new()
		.timer(TokioTimer::new())
		.header_read_timeout(manners.stall)
		.max_buf_size(MAX_HEAD)
		.serve_connection(io, TowerToHyperService::new(router));
	let mut connection = std::pin::pin!(connection);
	// a client that breaks off or speaks no HTTP is its own affair
	tokio::select! {
		_ = connection.as_mut() => return,
		_ = stopped.wait_for(|stop| *stop) => {},
	}
	connection.as_mut().graceful_shutdown();
	let _ = connection.await;
}

/// A stream whose other end must read.
struct Paced {
	stream: TcpStream,
	stall: Duration,
	/// Runs while something waits to be written.
	patience: Option<Pin<Box<Sleep>>>,
}

impl Paced {
	fn new(stream: TcpStream, stall: Duration) -> Self {
		Self { stream, stall, patience: None }
	}

	/// Passes `written` on, or an error once nothing could be written for too long.
	fn paced<T>(
		&mut self,
		context: &mut Context<'_>,
		written: Poll<io::Result<T>>,
	) -> Poll<io::Result<T>> {
		if written.is_ready() {
			self.patience = None;
			return written;
		}
		let stall = self.stall;
		let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(stall)));
		match patience.as_mut().poll(context) {
			Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
			Poll::Pending => Poll::Pending,
		}
	}
}

impl AsyncRead for Paced {
	fn poll_read(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
		buffer: &mut ReadBuf<'_>,
	) -> Poll<io::Result<()>> {
		Pin::new(&mut self.stream).poll_read(context, buffer)
	}
}

impl AsyncWrite for Paced {
	fn poll_write(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
		bytes: &[u8],
	) -> Poll<io::Result<usize>> {
		let written = Pin::new(&mut self.stream).poll_write(context, bytes);
		self.paced(context, written)
	}

	fn poll_write_vectored(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
		slices: &[io::IoSlice<'_>],
	) -> Poll<io::Result<usize>> {
		let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
		self.paced(context, written)
	}

	fn is_write_vectored(&self) -> bool {
		self.stream.is_write_vectored()
	}

	fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
		Pin::new(&mut self.stream).poll_flush(context)
	}

	fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
		Pin::new(&mut self.stream).poll_shutdown(context)
	}
}
