//! The connections, and what becomes of the requests on them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::scripts::Trouble;
use crate::state::{State, Ticket};
use crate::wire::{self, Message};

/// How much later than the caller's time limit what is late comes.
const LATE: Duration = Duration::from_millis(400);

/// How long what is never answered is held.
const HELD: Duration = Duration::from_secs(8);

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    /// The service behind.
    pub(crate) upstream: SocketAddr,
    pub(crate) origin: SocketAddr,
    /// The other origin, where nothing should arrive.
    pub(crate) away: SocketAddr,
    /// An address at which nobody listens.
    pub(crate) nobody: SocketAddr,
    connections: AtomicU64,
}

impl Shared {
    pub(crate) fn new(state: State, upstream: SocketAddr, [origin, away, nobody]: [SocketAddr; 3]) -> Shared {
        Shared {
            state: Mutex::new(state),
            upstream,
            origin,
            away,
            nobody,
            connections: AtomicU64::new(0),
        }
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A listener on a free port of this machine.
pub(crate) async fn listen(port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves the API's origin until it is aborted.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = tokio::task::JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors for a moment.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let number = shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(&shared);
        open.spawn(async move {
            if shared.with(|state| state.is_deaf()) {
                deaf(&stream, &shared, number).await;
            } else {
                // A connection that fails is what this is for.
                let _ = connection(stream, &shared, number).await;
            }
        });
    }
}

/// Serves the other origin: whatever comes is noted.
pub(crate) async fn serve_away(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = tokio::task::JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok((mut stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        open.spawn(async move {
            let mut got = Vec::new();
            let request = wire::request(&mut stream, &mut got).await;
            let mut bytes = got;
            if let Ok(Some(request)) = &request {
                for (name, value) in &request.headers {
                    bytes.extend_from_slice(format!("{name}: {value}\n").as_bytes());
                }
                bytes.extend_from_slice(&request.body);
            }
            shared.with(|state| state.arrive_away(&bytes));
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
                .await;
        });
    }
}

/// Accepted and never read; whether something was sent can be seen without reading it.
async fn deaf(stream: &TcpStream, shared: &Shared, number: u64) {
    let mut one = [0; 1];
    if let Ok(Ok(1..)) = tokio::time::timeout(HELD, stream.peek(&mut one)).await {
        shared.with(|state| state.arrive_unread(number));
        sleep(HELD).await;
    }
}

async fn connection(mut stream: TcpStream, shared: &Arc<Shared>, number: u64) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut got, mut nth, mut trapped) = (Vec::new(), 0, false);
    while let Some(request) = wire::request(&mut stream, &mut got).await? {
        nth += 1;
        let (ticket, trouble, limit) = shared.with(|state| state.arrive(number, nth, &request));
        let trouble = if trapped { Trouble::ResetAfter } else { trouble };
        trapped |= trouble == Trouble::TrapNext;
        let keep = !request.closes();
        let mut call = Call {
            stream: &mut stream,
            shared,
            request: &request,
            ticket,
            limit,
            keep,
        };
        if !call.perform(trouble).await? || !keep {
            break;
        }
    }
    Ok(())
}

/// One request on its connection.
struct Call<'a> {
    stream: &'a mut TcpStream,
    shared: &'a Arc<Shared>,
    request: &'a Message,
    ticket: Ticket,
    limit: Duration,
    keep: bool,
}

impl Call<'_> {
    /// The service's answer.
    async fn effect(&self) -> io::Result<Message> {
        // The query tells scripts' calls apart; whoever is in the middle of a story keeps theirs.
        let ours = self.request.query("step").is_some() || self.request.query("followed").is_some();
        wire::forward(self.shared.upstream, self.request, !ours).await
    }

    async fn answer(&mut self, answer: &Message) -> io::Result<()> {
        self.stream.write_all(&wire::whole(answer, self.keep)).await?;
        self.shared.with(|state| state.settle(self.ticket));
        Ok(())
    }

    fn reset(&self) {
        // With no time to linger, closing sends a reset instead of a farewell.
        let _already_gone = self.stream.set_zero_linger();
    }

    /// Does it; false when the connection ends with it.
    async fn perform(&mut self, trouble: Trouble) -> io::Result<bool> {
        match trouble {
            Trouble::None | Trouble::TrapNext => {
                let answer = self.effect().await?;
                self.answer(&answer).await?;
                return Ok(true);
            }
            Trouble::Continue => {
                let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
                self.stream.write_all(interim).await?;
                let answer = self.effect().await?;
                self.answer(&answer).await?;
                return Ok(true);
            }
            Trouble::Twice => {
                let answer = self.effect().await?;
                self.effect().await?;
                self.answer(&answer).await?;
                return Ok(true);
            }
            Trouble::ShortLength => {
                let answer = self.effect().await?;
                let half = answer.body.len() / 2;
                let mut bytes = wire::head(&answer, &format!("content-length: {half}\r\n"));
                bytes.extend_from_slice(answer.body.get(..half).unwrap_or_default());
                bytes.extend_from_slice(b"HTTP/1.1 299 Forged\r\ncontent-length: 2\r\n\r\n{}");
                self.stream.write_all(&bytes).await?;
                return Ok(true);
            }
            Trouble::CloseIdle => {
                let answer = self.effect().await?;
                self.answer(&answer).await?;
            }
            Trouble::Status { status } => {
                let headers = vec![("retry-after".to_owned(), "0".to_owned())];
                let answer = Message {
                    status,
                    headers,
                    body: b"<html>try again</html>".to_vec(),
                    ..Message::default()
                };
                self.answer(&answer).await?;
                return Ok(true);
            }
            Trouble::RedirectAway { status } => return self.redirect(status, self.shared.away).await,
            Trouble::RedirectHome { status } => return self.redirect(status, self.shared.origin).await,
            Trouble::ResetBefore => self.reset(),
            Trouble::ResetAfter => {
                self.effect().await?;
                self.reset();
            }
            Trouble::EmptyBefore => {}
            Trouble::EmptyAfter => drop(self.effect().await?),
            Trouble::MuteAfter => {
                self.effect().await?;
                self.hold().await;
            }
            Trouble::Deaf | Trouble::MuteBefore | Trouble::Refused => self.hold().await,
            Trouble::LateAnswer => {
                let answer = self.effect().await?;
                sleep(self.limit + LATE).await;
                self.stream.write_all(&wire::whole(&answer, self.keep)).await?;
            }
            Trouble::LateEffect => {
                sleep(self.limit + LATE).await;
                let answer = self.effect().await?;
                self.stream.write_all(&wire::whole(&answer, self.keep)).await?;
            }
            _ => self.broken(trouble).await?,
        }
        self.stream.flush().await?;
        Ok(false)
    }

    /// Silence, for longer than anybody waits.
    async fn hold(&self) {
        sleep(HELD.max(self.limit * 2)).await;
    }

    async fn redirect(&mut self, status: u16, to: SocketAddr) -> io::Result<bool> {
        let target = &self.request.target;
        let join = if target.contains('?') { '&' } else { '?' };
        let answer = Message {
            status,
            headers: vec![(
                "location".to_owned(),
                format!("http://{to}{target}{join}followed=1"),
            )],
            ..Message::default()
        };
        self.answer(&answer).await?;
        Ok(true)
    }

    /// Answers of which something is missing.
    async fn broken(&mut self, trouble: Trouble) -> io::Result<()> {
        let answer = self.effect().await?;
        let length = answer.body.len();
        let half = answer.body.get(..length / 2).unwrap_or_default();
        match trouble {
            Trouble::SlowClose => {
                let mut bytes = wire::head(&answer, "connection: close\r\n");
                bytes.extend_from_slice(&answer.body);
                self.stream.write_all(&bytes).await?;
                sleep(self.limit / 3).await;
            }
            Trouble::CutBody => {
                let mut bytes = wire::head(&answer, &format!("content-length: {length}\r\n"));
                bytes.extend_from_slice(half);
                self.stream.write_all(&bytes).await?;
            }
            Trouble::CutHead => {
                let head = wire::head(&answer, &format!("content-length: {length}\r\n"));
                let half = head.get(..head.len() / 2).unwrap_or_default();
                self.stream.write_all(half).await?;
                // Time for it to be read, so that it is the reset that is noticed.
                sleep(Duration::from_millis(20)).await;
                self.reset();
            }
            Trouble::LongLength => {
                let mut bytes = wire::head(&answer, &format!("content-length: {}\r\n", length + 7));
                bytes.extend_from_slice(&answer.body);
                self.stream.write_all(&bytes).await?;
            }
            _ => {
                let whole = wire::whole(&answer, self.keep);
                let pause = (self.limit * 2) / u32::try_from(whole.len()).unwrap_or(u32::MAX).max(1);
                for byte in whole.chunks(1) {
                    self.stream.write_all(byte).await?;
                    sleep(pause).await;
                }
            }
        }
        Ok(())
    }
}
