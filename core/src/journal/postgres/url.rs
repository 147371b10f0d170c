//! Where the server is, read from a URL without ever showing it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls;
use crate::journal::JournalError;

/// How long one address is given to take a connection, where the URL does not say.
const CONNECT: Duration = Duration::from_secs(5);

/// A server, and how to talk to it. Not `Debug`: it holds the password.
pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    place: String,
}

impl Address {
    pub(super) fn of(url: &str) -> Result<Address, JournalError> {
        let (url, security) = take_security(url)?;
        // The parser's own error repeats what it could not read, which may be a piece of the password.
        let mut config: Config = url.parse().map_err(|_| {
            bad("it is written `postgres://user:password@host:port/database?option=value`, with special characters \
                 percent-encoded, and only with known options")
        })?;
        check_hosts(&config)?;
        let local = is_local(&config);
        let mode = match security.mode {
            Some(mode) => mode,
            None if local => SslMode::Disable,
            None => SslMode::Prefer,
        };
        // As libpq: there is no TLS on a Unix socket, whatever was asked for.
        let mode = if only_sockets(&config) {
            SslMode::Disable
        } else {
            mode
        };
        config.ssl_mode(mode);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("sportello");
        }
        let place = place(&config);
        let tls = match mode {
            SslMode::Disable => None,
            _ => Some(tls::connector(security.roots.as_deref(), &place)?),
        };
        Ok(Address { config, tls, place })
    }

    /// Hosts, ports and the database's name.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// A connection, served by a task of the runtime that this is called on until the client is dropped.
    pub(super) async fn connect(&self) -> Result<Client, Error> {
        // What ends a connection is told to the client's next call.
        match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                drop(tokio::spawn(connection));
                Ok(client)
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                drop(tokio::spawn(connection));
                Ok(client)
            }
        }
    }
}

/// What the URL says of TLS.
struct Security {
    mode: Option<SslMode>,
    roots: Option<PathBuf>,
}

/// Splits off the options that the driver does not know, or knows fewer values of.
fn take_security(url: &str) -> Result<(String, Security), JournalError> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))
        .ok_or_else(|| bad("it begins with `postgres://`"))?;
    let (user, after) = rest.split_once('@').unwrap_or(("", rest));
    let hosts = after.split(['/', '?']).next().unwrap_or_default();
    // Else pieces of a password could be taken for a host, and be shown.
    if user.contains(['/', '?', '#']) || hosts.contains('@') {
        return Err(bad(
            "`@`, `/`, `?` and `#` in a user, a password or an option are written `%40`, `%2F`, `%3F` and `%23`",
        ));
    }
    let mut security = Security {
        mode: None,
        roots: None,
    };
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), security));
    };
    let mut kept = Vec::new();
    for option in query.split('&') {
        match option.split_once('=') {
            Some(("sslmode", mode)) => security.mode = Some(ssl_mode(mode)?),
            Some(("sslrootcert", path)) => {
                let path = percent_decode_str(path)
                    .decode_utf8()
                    .map_err(|_| bad("`sslrootcert` is not UTF-8"))?;
                security.roots = Some(PathBuf::from(path.as_ref()));
            }
            _ => kept.push(option),
        }
    }
    let url = match kept.is_empty() {
        true => base.to_owned(),
        false => format!("{base}?{}", kept.join("&")),
    };
    Ok((url, security))
}

fn ssl_mode(mode: &str) -> Result<SslMode, JournalError> {
    match mode {
        "disable" => Ok(SslMode::Disable),
        "prefer" => Ok(SslMode::Prefer),
        // Verified in any case, so the three are one.
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        _ => Err(bad(
            "`sslmode` is `disable`, `prefer`, `require`, `verify-ca` or `verify-full`",
        )),
    }
}

/// Hosts are shown, so they must look like some.
fn check_hosts(config: &Config) -> Result<(), JournalError> {
    let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    if hosts.is_empty() && addresses.is_empty() {
        return Err(bad(
            "it names no host; a Unix socket is named by its folder, `?host=/run/postgresql`",
        ));
    }
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(bad("it names as many hosts as addresses"));
    }
    if ports.len() > 1 && ports.len() != hosts.len().max(addresses.len()) {
        return Err(bad("it names one port, or as many as hosts"));
    }
    let odd = |host: &Host| match host {
        Host::Tcp(name) => {
            name.is_empty()
                || !name
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%'))
        }
        #[cfg(unix)]
        Host::Unix(_) => false,
    };
    match hosts.iter().any(odd) {
        true => Err(bad("a host in it is none")),
        false => Ok(()),
    }
}

/// True when every address is this machine's own, where nobody listens in and certificates are rarely anybody's.
fn is_local(config: &Config) -> bool {
    let local = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    match config.get_hostaddrs() {
        [] => config.get_hosts().iter().all(local),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

fn only_sockets(config: &Config) -> bool {
    config.get_hostaddrs().is_empty()
        && config
            .get_hosts()
            .iter()
            .all(|host| !matches!(host, Host::Tcp(_)))
}

fn place(config: &Config) -> String {
    let hosts: Vec<String> = match config.get_hosts() {
        [] => config.get_hostaddrs().iter().map(IpAddr::to_string).collect(),
        hosts => (hosts.iter())
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            })
            .collect(),
    };
    let ports = config.get_ports();
    let with_port = |(index, host): (usize, &String)| {
        let port = ports
            .get(index)
            .or_else(|| ports.first())
            .copied()
            .unwrap_or(5432);
        match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        }
    };
    let hosts: Vec<String> = hosts.iter().enumerate().map(with_port).collect();
    match config.get_dbname() {
        Some(name) => format!("{}/{name}", hosts.join(",")),
        None => hosts.join(","),
    }
}

fn bad(detail: &str) -> JournalError {
    JournalError::BadUrl {
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> (String, SslMode) {
        let address = Address::of(url).unwrap();
        (address.place, address.config.get_ssl_mode())
    }

    #[test]
    fn a_url_says_where_and_how() {
        let cases = [
            (
                "postgres://a:b@localhost/db",
                "localhost:5432/db",
                SslMode::Disable,
            ),
            ("postgresql://127.0.0.2:77", "127.0.0.2:77", SslMode::Disable),
            ("postgres://[::1]:77/db", "[::1]:77/db", SslMode::Disable),
            (
                "postgres://localhost/db?sslmode=prefer",
                "localhost:5432/db",
                SslMode::Prefer,
            ),
            (
                "postgres://db.example.org/x",
                "db.example.org:5432/x",
                SslMode::Prefer,
            ),
            (
                "postgres://db.example.org/x?sslmode=disable",
                "db.example.org:5432/x",
                SslMode::Disable,
            ),
            (
                "postgres://db.example.org/x?sslmode=require",
                "db.example.org:5432/x",
                SslMode::Require,
            ),
            (
                "postgres://u@a.example.org:1,b.example.org:2/x?sslmode=verify-full&target_session_attrs=read-write",
                "a.example.org:1,b.example.org:2/x",
                SslMode::Require,
            ),
            (
                "postgres://localhost,db.example.org/x",
                "localhost:5432,db.example.org:5432/x",
                SslMode::Prefer,
            ),
            (
                "postgres://db.example.org/x?hostaddr=127.0.0.1",
                "db.example.org:5432/x",
                SslMode::Disable,
            ),
            (
                "postgres://a:%40%2F%3F%23@localhost/db",
                "localhost:5432/db",
                SslMode::Disable,
            ),
        ];
        for (url, place, mode) in cases {
            assert_eq!(read(url), (place.to_owned(), mode), "{url}");
        }
        let address = Address::of("postgres://a:%40%2Fx@localhost/db").unwrap();
        assert_eq!(address.config.get_password(), Some(&b"@/x"[..]));
        assert_eq!(address.config.get_application_name(), Some("sportello"));
        assert_eq!(address.config.get_connect_timeout(), Some(&CONNECT));
    }

    #[cfg(unix)]
    #[test]
    fn a_unix_socket_has_no_tls() {
        let sockets = [
            "postgres:///db?host=/run/postgresql",
            "postgres:///db?host=%2Frun%2Fpostgresql&sslmode=require",
            "postgres://u:p@%2Frun%2Fpostgresql/db",
        ];
        for url in sockets {
            assert_eq!(
                read(url),
                ("/run/postgresql:5432/db".to_owned(), SslMode::Disable),
                "{url}"
            );
        }
    }

    #[test]
    fn a_url_that_can_t_be_used_is_not_shown() {
        let urls = [
            "",
            "SECRET",
            "mysql://u:SECRET@localhost/db",
            "host=localhost password=SECRET",
            "postgres://u:SECRET/db",
            "postgres://u:SECRET@",
            "postgres://u:x@SECRET@localhost/db",
            "postgres://u:x/SECRET@localhost/db",
            "postgres://u:x?SECRET@localhost/db",
            "postgres://u:x#SECRET@localhost/db",
            "postgres:///db?host=localhost&password=x@SECRET",
            "postgres://u:x@localhost/db?SECRET",
            "postgres://u:x@localhost/db?SECRET=1",
            "postgres://u:x@localhost/db?sslmode=SECRET",
            "postgres://u:x@localhost/db?port=SECRET",
            "postgres://u:x@SEC RET/db",
            "postgres://u:SECRET@localhost:1,localhost:2,localhost:3/db?hostaddr=127.0.0.1",
            "postgres://u:%FF@localhost/%FFSECRET",
            "postgres://u:SECRET@db.example.org/db?sslrootcert=/nowhere/ca.pem",
        ];
        for url in urls {
            let Err(error) = Address::of(url) else {
                panic!("{url} was taken");
            };
            let text = format!("{error} {error:?}");
            assert_eq!(error.code(), "journal.bad_url", "{url}: {text}");
            assert!(!text.contains("SEC"), "{url}: {text}");
        }
    }
}
