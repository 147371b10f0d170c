//! Every step of a submission, failed in every way, under every switch of the simulator: one charge at most, nothing lost.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

#[path = "crash/world.rs"]
mod world;

use sportello::flow::Wanted;
use sportello::journal::{PurchaseKind, PurchaseState, Stage};
use sportello::model::ResultId;
use sportello_simulator::{Config, Echo, JsonVisura, Switches};
use world::{FAULTS, Fault, Run, World};

/// Every reading of what the provider's documents leave open, and the looseness of its types.
fn worlds() -> Vec<(&'static str, Config)> {
    let with = |switches: Switches| Config {
        switches,
        ..Config::default()
    };
    let friendly = Switches::default;
    vec![
        ("friendliest", with(friendly())),
        (
            "typed loosely",
            Config {
                loose: true,
                ..Config::default()
            },
        ),
        (
            "empty drafts refused",
            with(Switches {
                refuse_empty_drafts: true,
                ..friendly()
            }),
        ),
        (
            "json_visura replaced",
            with(Switches {
                json_visura: JsonVisura::Replace,
                ..friendly()
            }),
        ),
        (
            "echo of nothing",
            with(Switches {
                echo: Echo::None,
                ..friendly()
            }),
        ),
        (
            "echo of all",
            with(Switches {
                echo: Echo::All,
                ..friendly()
            }),
        ),
        (
            "callback dropped",
            with(Switches {
                drop_callback_without_url: true,
                ..friendly()
            }),
        ),
        (
            "drafts expire",
            with(Switches {
                draft_lifetime_ms: Some(90_000),
                ..friendly()
            }),
        ),
        (
            "bare commit refused",
            with(Switches {
                refuse_bare_commit: true,
                ..friendly()
            }),
        ),
        (
            "racy commit",
            with(Switches {
                racy_commit: true,
                ..friendly()
            }),
        ),
        (
            "credit looked at on opening",
            with(Switches {
                wallet_checked_at_commit: false,
                ..friendly()
            }),
        ),
    ]
}

/// What a schedule came to.
#[derive(Default)]
struct Tally {
    schedules: u32,
    delivered: u32,
    needs_person: u32,
    hopeless: u32,
    worst: usize,
}

/// Runs one schedule: the first run with its faults, then clean runs until it settles, as a caller who tries again would.
fn schedule(name: &str, config: &Config, faults: &[(u32, Fault)], answers_again: bool, tally: &mut Tally) {
    let mut world = World::new(config.clone(), faults.to_vec());
    let mut finished = None;
    for attempt in 0..6 {
        let with_answers = attempt == 0 || answers_again || attempt > 3;
        match world.run(with_answers) {
            Run::Crashed => {}
            Run::Finished(outcome) => {
                let settled = match &*outcome {
                    Ok(_) => true,
                    Err(error) => error.code() == "submit.needs_person",
                };
                finished = Some(*outcome);
                if settled {
                    break;
                }
            }
        }
        world.pass(1_000);
    }
    // What is still on its way arrives, long after everybody has gone home.
    world.pass(3_600_000);
    let story = || {
        format!(
            "{name}, faults {faults:?}, answers again: {answers_again}\n{}",
            world.trace.join("\n")
        )
    };
    let charges = world.charges();
    // A server that is not atomic charges twice when a proxy duplicates a paid call; no client can help that. Such schedules are counted apart.
    let paid_twice_by_proxy = world
        .trace
        .iter()
        .any(|line| line.contains(" once ") && line.contains("Duplicated"));
    let hopeless = config.switches.racy_commit && paid_twice_by_proxy;
    tally.schedules += 1;
    tally.hopeless += u32::from(hopeless);
    if !hopeless {
        tally.worst = tally.worst.max(charges);
    }
    assert!(charges <= 1 || hopeless, "charged {charges} times: {}", story());
    match finished {
        Some(Ok(receipt)) => {
            tally.delivered += 1;
            assert!(
                charges >= 1,
                "said to be handed in, and never charged: {}",
                story()
            );
            let purchase = receipt.entry.purchase(PurchaseKind::Submit).expect("a purchase");
            assert_eq!(purchase.state, PurchaseState::Paid, "{}", story());
            assert_eq!(receipt.entry.stage, Stage::Committed, "{}", story());
        }
        Some(Err(error)) if error.code() == "submit.needs_person" => {
            tally.needs_person += 1;
            assert!(
                error.details().id.is_some(),
                "a person is needed and has no id: {}",
                story()
            );
        }
        Some(Err(error)) => panic!("lost with {}: {}", error.code(), story()),
        None => panic!("lost: {}", story()),
    }
}

#[test]
fn every_step_may_fail_in_every_way() {
    let mut all = Tally::default();
    for (name, config) in worlds() {
        let mut tally = Tally::default();
        let mut clean = World::new(config.clone(), Vec::new());
        assert!(
            matches!(clean.run(true), Run::Finished(outcome) if outcome.is_ok()),
            "{name}: {}",
            clean.trace.join("\n")
        );
        assert_eq!(clean.charges(), 1, "{name}");
        for step in 1..=clean.steps {
            for fault in FAULTS {
                for answers_again in [true, false] {
                    schedule(name, &config, &[(step, fault)], answers_again, &mut tally);
                }
            }
        }
        println!(
            "{name}: {} schedules over {} steps, {} handed in, {} need a person, worst ledger {}",
            tally.schedules, clean.steps, tally.delivered, tally.needs_person, tally.worst
        );
        all.schedules += tally.schedules;
        all.worst = all.worst.max(tally.worst);
        all.hopeless += tally.hopeless;
    }
    println!(
        "in all: {} schedules, worst ledger {}; not counted in it: {} in which a proxy duplicates a paid call to a server that is not atomic",
        all.schedules, all.worst, all.hopeless
    );
    assert!(all.schedules > 2_000 && all.worst == 1);
}

/// The purchases after handing in. A choice is seen through; a search that was lost is never sent again, so a person is asked.
#[test]
fn every_step_of_a_choice_and_of_another_search_may_fail_in_every_way() {
    let mut schedules = 0;
    for repeated_choice_charges in [false, true] {
        let switches = Switches {
            repeated_choice_charges,
            ..Switches::default()
        };
        for search in [false, true] {
            let purchase = |world: &mut World, id: &str| {
                let wanted = if search {
                    Wanted::Search {
                        number: 2,
                        texts: world.other_terms(),
                        digest: "terms".to_owned(),
                    }
                } else {
                    Wanted::Choice(ResultId::new(format!("{id}_0/1")))
                };
                world.run_purchase(wanted, "99.00".parse().expect("an amount"))
            };
            let (mut clean, id) = World::searched(switches.clone(), Vec::new());
            let run = purchase(&mut clean, &id);
            assert!(
                matches!(run, Run::Finished(outcome) if outcome.is_ok()),
                "{}",
                clean.trace.join("\n")
            );
            assert_eq!(clean.charges(), 2);
            for step in 1..=clean.steps {
                for fault in FAULTS {
                    let (mut world, id) = World::searched(switches.clone(), vec![(step, fault)]);
                    let mut ended = None;
                    for _ in 0..6 {
                        if let Run::Finished(outcome) = purchase(&mut world, &id) {
                            let settled = match &*outcome {
                                Ok(_) => true,
                                Err(error) => error.code() == "submit.needs_person",
                            };
                            ended = Some(*outcome);
                            if settled {
                                break;
                            }
                        }
                        world.pass(1_000);
                    }
                    world.pass(3_600_000);
                    schedules += 1;
                    let story =
                        || format!("search {search}, {fault:?} at {step}\n{}", world.trace.join("\n"));
                    // A server that charges a choice as often as it is told can't be helped when a proxy tells it twice; nor can a second search.
                    let hopeless = fault == Fault::Duplicated && (search || repeated_choice_charges);
                    assert!(
                        world.charges() <= 2 || hopeless,
                        "{} charges: {}",
                        world.charges(),
                        story()
                    );
                    match ended.expect("an end") {
                        Ok(_) => assert!(
                            world.charges() >= 2,
                            "said to be paid, and never charged: {}",
                            story()
                        ),
                        Err(error) => {
                            assert!(
                                search && error.code() == "submit.needs_person",
                                "lost with {}: {}",
                                error.code(),
                                story()
                            );
                            assert!(error.details().id.is_some(), "{}", story());
                        }
                    }
                }
            }
        }
    }
    println!("{schedules} schedules of purchases after handing in");
    assert!(schedules > 100);
}
