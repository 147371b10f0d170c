//! What every ledger must do.

use super::*;

/// A ledger on disk, shared, that every thread opens anew, as other processes do.
fn on_each(test: impl Fn(&(dyn Fn() -> Box<dyn Ledger> + Sync))) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    test(&|| Box::new(SqliteLedger::open(&path).unwrap()));
    #[cfg(feature = "postgres")]
    on_postgres(&test);
}

/// The server that `SPORTELLO_TEST_POSTGRES` names, in a schema of this test's own.
#[cfg(feature = "postgres")]
fn on_postgres(test: &impl Fn(&(dyn Fn() -> Box<dyn Ledger> + Sync))) {
    use sportello::journal::PostgresJournal;
    use std::io::Write as _;
    use std::sync::Arc;
    let Some(url) = std::env::var("SPORTELLO_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
    else {
        let line = "SKIPPED postgres: the ledger: SPORTELLO_TEST_POSTGRES names no server\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let schema = format!("relay_{}", crate::store::random_name().unwrap());
    let journal = PostgresJournal::connect(&url).unwrap();
    let make = format!("CREATE SCHEMA {schema}");
    journal
        .with_client(|client| Box::pin(async move { client.batch_execute(&make).await }))
        .unwrap();
    let join = if url.contains('?') { '&' } else { '?' };
    let own = format!("{url}{join}options=-c%20search_path%3D{schema}");
    test(&|| Box::new(PostgresLedger::open(Arc::new(PostgresJournal::connect(&own).unwrap())).unwrap()));
    let drop = format!("DROP SCHEMA {schema} CASCADE");
    journal
        .with_client(|client| Box::pin(async move { client.batch_execute(&drop).await }))
        .unwrap();
}

fn spending(purchase: &str, user: &str, price: &str, at: u64) -> Spending {
    Spending {
        purchase: purchase.to_owned(),
        user: user.to_owned(),
        price: price.parse().unwrap(),
        at,
    }
}

fn caps() -> Caps {
    Caps {
        user: "50.00".parse().ok(),
        total: "80.00".parse().ok(),
        window_ms: 1_000,
    }
}

#[test]
fn caps_hold_over_a_rolling_window() {
    on_each(|open| {
        let ledger = open();
        ledger
            .reserve(&spending("a", "u", "25.00", 2_000), &caps())
            .unwrap();
        ledger
            .reserve(&spending("b", "u", "25.00", 2_500), &caps())
            .unwrap();
        let third = spending("c", "u", "0.01", 2_600);
        assert_eq!(ledger.reserve(&third, &caps()), Err(LedgerError::UserCap));
        ledger
            .reserve(&spending("d", "v", "30.00", 2_600), &caps())
            .unwrap();
        let of_another = spending("e", "w", "0.01", 2_600);
        assert_eq!(ledger.reserve(&of_another, &caps()), Err(LedgerError::TotalCap));
        // The first has left the window, to the millisecond.
        assert!(
            ledger
                .reserve(&spending("c", "u", "25.00", 2_999), &caps())
                .is_err()
        );
        ledger
            .reserve(&spending("c", "u", "25.00", 3_000), &caps())
            .unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), "105.00".parse().unwrap());
        assert_eq!(ledger.spent(Some("v"), 0).unwrap(), "30.00".parse().unwrap());
    });
}

#[test]
fn a_purchase_is_reserved_once_and_released_only_when_unsettled() {
    on_each(|open| {
        let ledger = open();
        let one = spending("a", "u", "40.00", 1);
        for _ in 0..3 {
            ledger.reserve(&one, &caps()).unwrap();
        }
        assert_eq!(ledger.spent(None, 0).unwrap(), "40.00".parse().unwrap());
        ledger.release("a").unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), Money::ZERO);
        ledger.reserve(&one, &caps()).unwrap();
        ledger.settle(&one).unwrap();
        ledger.release("a").unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), "40.00".parse().unwrap());
        // Settled without a reservation: from a ledger that is older than the purchase.
        ledger.settle(&spending("z", "u", "5.00", 1)).unwrap();
        assert_eq!(ledger.spent(None, 0).unwrap(), "45.00".parse().unwrap());
    });
}

#[test]
fn many_at_once_never_pass_a_cap() {
    on_each(|open| {
        let got: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|thread| {
                    scope.spawn(move || {
                        // A connection of its own, as another process has.
                        let ledger = open();
                        (0..5)
                            .filter(|n| {
                                let one =
                                    spending(&format!("{thread}-{n}"), &format!("u{}", n % 3), "7.00", 5);
                                ledger.reserve(&one, &caps()).is_ok()
                            })
                            .count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(got, 11, "eleven times 7.00 fit into 80.00");
    });
}
