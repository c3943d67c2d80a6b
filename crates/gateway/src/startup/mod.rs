//! From a connection to a session: TLS, who it is, and what it is told first.

mod identify;
mod negotiate;
mod welcome;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::BytesMut;
use identity::Authenticated;
use identity::tls::ClientCertificate;
use model::Refusal;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire::client::StartupMessage;
use wire::server;

use crate::gate::Gate;
use crate::problem::Problem;
use crate::session::{ClientError, Session, Stream};
use crate::strangers::Place;

/// A connection that speaks the protocol and has not proved who it is.
pub(super) struct Stranger {
    stream: Box<dyn Stream>,
    inbox: BytesMut,
    address: IpAddr,
    /// Inside TLS; then passwords and tokens may be asked for.
    is_tls: bool,
    certificate: Option<ClientCertificate>,
}

/// Why a connection does not become a session.
enum Away {
    /// It was something else than a wish for a session, or nobody is there.
    Quietly,
    /// It is told why.
    Told(Stranger, Box<Problem>, String),
}

/// Serves one connection to its end.
pub(crate) async fn serve(gate: Arc<Gate>, stream: TcpStream, address: IpAddr) {
    // Somebody who only connects must not keep others out: a crowd waits for its turn, a larger one
    // is let go at once.
    let patience = gate.limits().authentication;
    let place = match gate.strangers().arrive(address) {
        Some(arrival) => tokio::select! {
            biased;
            () = gate.stopping() => return,
            placed = timeout(patience, arrival.place()) => placed.ok().flatten(),
        },
        None => None,
    };
    let Some(place) = place else {
        gate.turn_away(Refusal::TooManySessions, &format!("address={address}"));
        return;
    };
    // Boxed, so that those who wait take little room.
    Box::pin(serve_in(gate, stream, address, place)).await;
}

/// Serves somebody who has a place to prove who they are.
async fn serve_in(gate: Arc<Gate>, stream: TcpStream, address: IpAddr, place: Place) {
    // Small answers must not wait for more.
    let _ = stream.set_nodelay(true);
    let patience = gate.limits().authentication;
    let proved = tokio::select! {
        biased;
        () = gate.stopping() => return,
        proved = timeout(patience, prove(&gate, stream, address)) => proved,
    };
    drop(place);
    // Outside the time limit: once it is recorded that a session began, its end must be as well.
    let opened = match proved {
        Ok(Ok(proved)) => open(&gate, proved).await,
        Ok(Err(away)) => Err(away),
        Err(_) => return,
    };
    match opened {
        Ok(session) => session.serve().await,
        Err(Away::Told(stranger, problem, claimed)) => {
            turn_away(&gate, stranger, &problem, &claimed).await;
        }
        Err(Away::Quietly) => {}
    }
}

type Proved = (Stranger, StartupMessage, Authenticated);

async fn prove(gate: &Arc<Gate>, stream: TcpStream, address: IpAddr) -> Result<Proved, Away> {
    let (stranger, wish) = negotiate::negotiate(gate, stream, address).await?;
    match identify::identify(gate, stranger, &wish).await {
        // What was said before somebody was known to be let in is not taken for theirs.
        Ok((stranger, _)) if !stranger.inbox.is_empty() => {
            let about = "a message before the session is ready";
            let problem = Problem::refusal(Refusal::ProtocolViolation, about);
            let claimed = claimed(&wish, address);
            Err(Away::Told(stranger, Box::new(problem), claimed))
        }
        Ok((stranger, authenticated)) => Ok((stranger, wish, authenticated)),
        Err(identify::Failed::Gone) => Err(Away::Quietly),
        Err(identify::Failed::Told(stranger, problem)) => {
            Err(Away::Told(*stranger, problem, claimed(&wish, address)))
        }
    }
}

async fn open(gate: &Arc<Gate>, proved: Proved) -> Result<Session, Away> {
    let (stranger, wish, authenticated) = proved;
    let opened = welcome::welcome(gate, stranger, &wish, authenticated).await;
    opened.map_err(|(stranger, problem)| {
        let claimed = claimed(&wish, stranger.address);
        Away::Told(*stranger, problem, claimed)
    })
}

/// Whom somebody claims to be, for the record.
fn claimed(wish: &StartupMessage, address: IpAddr) -> String {
    format!(
        "user={:?} database={:?} address={address}",
        wish.user(),
        wish.database()
    )
}

async fn turn_away(gate: &Gate, mut stranger: Stranger, problem: &Problem, claimed: &str) {
    let code = problem.refusal.unwrap_or(Refusal::AuthenticationFailed);
    gate.turn_away(code, claimed);
    let mut out = BytesMut::new();
    server::error(&mut out, &problem.clone().fatal().report());
    let saying = async {
        stranger.stream.write_all_buf(&mut out).await?;
        stranger.stream.shutdown().await
    };
    // Who does not listen is not waited for.
    let _ = timeout(std::time::Duration::from_secs(2), saying).await;
}

impl Stranger {
    async fn read(&mut self) -> Result<(), ClientError> {
        use tokio::io::AsyncReadExt as _;
        match self.stream.read_buf(&mut self.inbox).await? {
            0 => Err(ClientError::Closed),
            _ => Ok(()),
        }
    }

    async fn write(&mut self, mut bytes: BytesMut) -> Result<(), ClientError> {
        self.stream.write_all_buf(&mut bytes).await?;
        Ok(self.stream.flush().await?)
    }
}
