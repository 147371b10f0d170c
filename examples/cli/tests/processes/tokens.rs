//! Tokens that end in the middle: taken away, or expired on the provider's clock.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::support::*;

#[test]
fn a_token_that_ends_in_the_middle_costs_nothing() {
    let (rounds, seed) = (rounds("TOKENS", 4), seed());
    let folder = tempfile::tempdir().unwrap();
    let counter = Counter::open(20);
    let mut errands = Vec::new();
    let mut revoked = 0;
    for round in 0..rounds {
        let errand = Errand {
            url: counter.url.clone(),
            journal: folder.path().join("journal.sqlite"),
            folder: folder.path().to_owned(),
            docuengine: round % 4 >= 2,
            reference: format!("token-{round}"),
            apply: true,
        };
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (done, counter) = (&done, &counter);
            let thief = scope.spawn(move || {
                let mut chance = Chance(seed ^ round);
                let mut taken = 0;
                while !done.load(Ordering::SeqCst) && taken < 6 {
                    std::thread::sleep(Duration::from_millis(5 + chance.below(60)));
                    if round % 2 == 0 {
                        let said = counter.control("POST", "tokens/revoke", "");
                        taken += said["revoked"].as_u64().unwrap();
                    } else {
                        // Ten years: no token lives that long.
                        counter.control("POST", "clock", r#"{"skip_ms":315360000000}"#);
                        taken += 1;
                    }
                }
                taken
            });
            errand.to_the_end(10);
            done.store(true, Ordering::SeqCst);
            revoked += thief.join().unwrap();
        });
        errands.push(errand);
    }
    each_charged_once(&counter, &errands);
    println!(
        "proof: token_rounds={rounds} tokens_ended={revoked} charges={}",
        errands.len()
    );
    assert!(
        revoked >= rounds,
        "too few tokens ended to prove anything: {revoked}"
    );
}
