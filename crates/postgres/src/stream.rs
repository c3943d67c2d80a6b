//! The bytes below a link: a socket, TCP, or TLS over TCP.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::error::LinkError;
use crate::target::{Place, Target, endpoint_hash};

/// A connection to a server.
#[derive(Debug)]
pub(crate) enum Stream {
    Socket(UnixStream),
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects and, if the target wants it, speaks TLS. Nothing of the protocol is said yet.
    pub(crate) async fn open(target: &Target) -> Result<Self, LinkError> {
        let unreachable = |source| LinkError::Unreachable {
            place: target.place(),
            source,
        };
        let tcp = match &target.place {
            Place::Socket(folder, port) => {
                let path = folder.join(format!(".s.PGSQL.{port}"));
                let socket = UnixStream::connect(path).await.map_err(unreachable)?;
                return Ok(Self::Socket(socket));
            }
            Place::Tcp(host, port) => TcpStream::connect((host.as_str(), *port))
                .await
                .map_err(unreachable)?,
        };
        tcp.set_nodelay(true).map_err(unreachable)?;
        let Some(tls) = &target.tls else {
            // `localhost` is this machine by custom only.
            let address = tcp.peer_addr().map_err(unreachable)?;
            if !address.ip().is_loopback() {
                return Err(unreachable(io::Error::other(
                    "the name leads to another machine, and there is no TLS",
                )));
            }
            return Ok(Self::Tcp(tcp));
        };
        let tcp = ask_for_tls(tcp).await?;
        let connector = TlsConnector::from(std::sync::Arc::clone(&tls.config));
        let stream = connector
            .connect(tls.name.clone(), tcp)
            .await
            .map_err(LinkError::Tls)?;
        Ok(Self::Tls(Box::new(stream)))
    }

    /// Whether nobody else can listen.
    pub(crate) const fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Whether the server neither said anything nor closed since it was last read. The kernel is
    /// asked: what the runtime knows may be from before.
    pub(crate) fn is_quiet(&self) -> bool {
        let socket = match self {
            Self::Socket(stream) => SockRef::from(stream),
            Self::Tcp(stream) => SockRef::from(stream),
            Self::Tls(stream) => SockRef::from(stream.get_ref().0),
        };
        let mut byte = [MaybeUninit::uninit()];
        socket
            .peek(&mut byte)
            .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// What SCRAM binds itself to, if there is something.
    pub(crate) fn endpoint_hash(&self) -> Option<Vec<u8>> {
        let Self::Tls(stream) = self else {
            return None;
        };
        let (_, session) = stream.get_ref();
        endpoint_hash(session.peer_certificates()?.first()?)
    }
}

/// The server answers with one byte. Only one is read: what came with it in clear would otherwise be
/// taken for something that was said inside TLS.
async fn ask_for_tls(mut tcp: TcpStream) -> Result<TcpStream, LinkError> {
    let mut request = bytes::BytesMut::new();
    wire::frontend::tls_request(&mut request);
    tcp.write_all(&request).await.map_err(LinkError::Broken)?;
    match tcp.read_u8().await.map_err(LinkError::Broken)? {
        b'S' => Ok(tcp),
        b'N' => Err(LinkError::NoTls),
        _ => Err(LinkError::Unexpected {
            what: "an answer about TLS that is neither yes nor no",
        }),
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Socket(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(stream) => Pin::new(stream).poll_flush(context),
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
