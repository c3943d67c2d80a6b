//! One request and its answer over HTTP/1.1, on a connection that is kept. Knows no witness.

use std::future::poll_fn;
use std::pin::Pin;

use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::address::Address;

/// LIMIT: an answer. A hundred signature lines of the largest kind that a note may have.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// A connection that is opened when it is needed.
#[derive(Default)]
pub(super) struct Connection(Option<SendRequest<String>>);

impl Connection {
    /// Posts a body. A kept connection that the other side has closed meanwhile is replaced once:
    /// asking a witness the same again does no harm.
    pub(super) async fn post(&mut self, to: &Address, body: &str) -> Result<Answer, String> {
        if let Some(mut kept) = self.0.take()
            && kept.ready().await.is_ok()
            && let Ok(answer) = self.send(kept, to, body).await
        {
            return Ok(answer);
        }
        let fresh = connect(to).await?;
        self.send(fresh, to, body).await
    }

    async fn send(
        &mut self,
        mut sender: SendRequest<String>,
        to: &Address,
        body: &str,
    ) -> Result<Answer, String> {
        let request = Request::post(&to.path)
            .header(header::HOST, &to.authority)
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(body.to_owned())
            .map_err(|error| error.to_string())?;
        let response = sender.send_request(request).await;
        let answer = read(response.map_err(|error| error.to_string())?).await?;
        self.0 = Some(sender);
        Ok(answer)
    }
}

async fn connect(to: &Address) -> Result<SendRequest<String>, String> {
    let stream = TcpStream::connect((to.host.as_str(), to.port)).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // It ends when the sender is dropped or the other side hangs up; errors come back by `send`.
    tokio::spawn(connection);
    Ok(sender)
}

async fn read(response: Response<Incoming>) -> Result<Answer, String> {
    let status = response.status().as_u16();
    let mut incoming = response.into_body();
    let mut body = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut incoming).poll_frame(context)).await {
        let frame = frame.map_err(|error| error.to_string())?;
        // Trailers are nothing to us.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if body.len() + data.len() > ANSWER_BYTES_MAX {
            return Err(format!("its answer is above {ANSWER_BYTES_MAX} bytes"));
        }
        body.extend_from_slice(&data);
    }
    Ok(Answer { status, body })
}
