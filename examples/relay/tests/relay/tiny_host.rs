//! A host in as few lines as it takes: one thread, one socket for each request, no runtime, no HTTP library.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sportello::SportelloError;
use sportello::flow::Update;
use sportello::host::{
    HostEvent, HostFailure, HostNow, HostOutcome, HostPart, HostRequest, HostRun, HostStep,
};

type Instead = Box<dyn FnMut(&HostStep) -> Option<HostEvent>>;

/// What a page or an app has.
pub(crate) struct TinyHost {
    since: Instant,
    /// Files that only the host can read, by its own name of them.
    pub(crate) own: BTreeMap<String, Vec<u8>>,
    /// The journal that it keeps, by key.
    pub(crate) texts: BTreeMap<String, String>,
    /// The files of a delivery, by number.
    pub(crate) files: BTreeMap<u32, Vec<u8>>,
    pub(crate) updates: Vec<Update>,
    /// Every call that was sent.
    pub(crate) calls: Vec<&'static str>,
    /// Is asked before each step; what it gives is told instead of performing it.
    pub(crate) instead: Instead,
}

impl TinyHost {
    pub(crate) fn new() -> TinyHost {
        TinyHost {
            since: Instant::now(),
            own: BTreeMap::new(),
            texts: BTreeMap::new(),
            files: BTreeMap::new(),
            updates: Vec::new(),
            calls: Vec::new(),
            instead: Box::new(|_| None),
        }
    }

    pub(crate) fn now(&self) -> HostNow {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap();
        HostNow {
            wall_ms: millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap()),
            steady_ms: millis(self.since.elapsed()),
        }
    }

    /// Leads a run to its end.
    pub(crate) fn perform(&mut self, mut run: HostRun) -> Result<HostOutcome, SportelloError> {
        let mut event = HostEvent::Continue;
        loop {
            let step = run.next(event, self.now()).unwrap();
            event = match (self.instead)(&step) {
                Some(instead) => instead,
                None => match step {
                    HostStep::Done(outcome) => return outcome.map(|outcome| *outcome),
                    step => self.make(&mut run, step),
                },
            };
        }
    }

    pub(crate) fn make(&mut self, run: &mut HostRun, step: HostStep) -> HostEvent {
        match step {
            HostStep::Send(request) => {
                self.calls.push(request.call);
                self.send(run, &request).unwrap_or_else(HostEvent::Failed)
            }
            HostStep::Wait { millis, .. } => {
                std::thread::sleep(Duration::from_millis(millis));
                HostEvent::Elapsed
            }
            HostStep::Read { file, offset, length } => {
                let rest = self.own[&file].get(offset as usize..).unwrap_or_default();
                HostEvent::Bytes(rest[..rest.len().min(length as usize)].to_vec())
            }
            HostStep::Load { key } => HostEvent::Loaded(self.texts.get(&key).cloned().into_iter().collect()),
            HostStep::List { prefix } => {
                let of = self.texts.iter().filter(|(key, _)| key.starts_with(&prefix));
                HostEvent::Loaded(of.map(|(_, text)| text.clone()).collect())
            }
            HostStep::Store { key, expect, text } => {
                let current = self.texts.get(&key).cloned();
                let written = current == expect;
                if written {
                    match text {
                        Some(text) => self.texts.insert(key, text),
                        None => self.texts.remove(&key),
                    };
                }
                HostEvent::Stored { written, current }
            }
            HostStep::Update(update) => {
                self.updates.push(*update);
                HostEvent::Continue
            }
            HostStep::Done(_) => panic!("it is over"),
        }
    }

    fn send(&mut self, run: &mut HostRun, request: &HostRequest) -> Result<HostEvent, HostFailure> {
        let deadline = Instant::now() + Duration::from_millis(request.timeout_ms);
        let (host, path) = request
            .url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let address = host.parse().unwrap();
        let mut socket =
            TcpStream::connect_timeout(&address, left(deadline)?).map_err(|_| HostFailure::NotSent)?;
        let mut message = format!(
            "{} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n",
            request.method
        );
        for (name, value) in &request.headers {
            message.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = Vec::new();
        if let Some(body) = &request.body {
            message.push_str(&format!("content-length: {}\r\n", body.content_length()));
            for part in body.parts()? {
                match part {
                    HostPart::Bytes(part) => bytes.extend(part),
                    HostPart::File { file, .. } => bytes.extend(&self.own[&file]),
                }
            }
        }
        let mut message = format!("{message}\r\n").into_bytes();
        message.extend(bytes);
        // Some of it may have left, whatever the error.
        socket.write_all(&message).map_err(|_| HostFailure::Unknown)?;
        let mut got = Vec::new();
        let (status, headers, at) = loop {
            if let Some((status, headers, at)) = head(&got) {
                if status >= 200 {
                    break (status, headers, at);
                }
                got.drain(..at);
                continue;
            }
            if more(&mut socket, deadline, &mut got)? == 0 {
                return Err(HostFailure::Unknown);
            }
        };
        let length = (headers.iter())
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map(|(_, value)| value.parse::<usize>().unwrap());
        while length.is_none_or(|length| got.len() - at < length) {
            if more(&mut socket, deadline, &mut got)? == 0 {
                break;
            }
        }
        let mut body = got.split_off(at);
        match length {
            Some(length) if body.len() < length => return Err(HostFailure::Unreadable),
            Some(length) => body.truncate(length),
            None => {}
        }
        if let Some(number) = request.file.filter(|_| status == 200) {
            let mut file = Vec::new();
            for piece in body.chunks(1000) {
                file.extend(run.receive(piece).map_err(|_| HostFailure::Unreadable)?);
            }
            self.files.insert(number, file);
            body.clear();
        }
        Ok(HostEvent::Answered {
            status,
            headers,
            body,
        })
    }
}

fn left(deadline: Instant) -> Result<Duration, HostFailure> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(HostFailure::Timeout)
    } else {
        Ok(left)
    }
}

fn more(socket: &mut TcpStream, deadline: Instant, got: &mut Vec<u8>) -> Result<usize, HostFailure> {
    socket.set_read_timeout(Some(left(deadline)?)).unwrap();
    let mut buffer = [0; 4096];
    let read = socket.read(&mut buffer).map_err(|error| match error.kind() {
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => HostFailure::Timeout,
        _ => HostFailure::Unknown,
    })?;
    got.extend(&buffer[..read]);
    Ok(read)
}

type Head = (u16, Vec<(String, String)>, usize);

fn head(got: &[u8]) -> Option<Head> {
    let at = got.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&got[..at]).ok()?;
    let mut lines = text.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let pair = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    };
    Some((status, lines.filter_map(pair).collect(), at))
}
