//! `sportello-proof`: runs the proof and prints what it found. Each line that begins with `proof:` is one row of the table that
//! `cargo xtask prove` prints.

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use sportello_proof::Tally;
use sportello_proof::model::{self, Rule};

const RULES: [Rule; 5] = [
    Rule::OpeningIsFree,
    Rule::BoundBeforeCommit,
    Rule::OneDraft,
    Rule::QuietPeriod,
    Rule::SearchOnce,
];

/// Runs one part of the proof.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    part: Part,
    /// How many threads
    #[arg(long, global = true, default_value_t = 2)]
    threads: usize,
    /// Seed of everything that is drawn
    #[arg(long, global = true, default_value_t = 20_261_123)]
    seed: u64,
}

#[derive(Subcommand)]
enum Part {
    /// Every schedule with up to so many faults
    Enumerate {
        #[arg(long, default_value_t = 2)]
        depth: u32,
        /// Only setups whose title holds this
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Schedules of three faults, drawn at random
    Sample {
        #[arg(long, default_value_t = 100_000)]
        count: u64,
    },
    /// Two processes with one reference on one journal
    Pairs,
    /// SQLite on a real file
    Files {
        #[arg(long, default_value_t = 1_000)]
        count: u64,
    },
    /// The model, with every rule kept and then without each
    Model {
        /// Leave out the largest
        #[arg(long)]
        quick: bool,
    },
    /// A relay between the caller and the provider: every single fault, and so many pairs
    Relay {
        #[arg(long, default_value_t = 3_000)]
        count: u64,
        /// Only setups whose title holds this
        #[arg(long, default_value = "")]
        only: String,
    },
    /// PostgreSQL, where `SPORTELLO_TEST_POSTGRES` names a server
    Postgres {
        #[arg(long, default_value_t = 300)]
        count: u64,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    let started = Instant::now();
    let (name, tally) = match args.part {
        Part::Model { quick } => return model(quick, args.threads),
        Part::Enumerate { depth, only } => {
            let mut total = Tally::default();
            for (title, tally) in sportello_proof::enumerate(depth, &only, args.threads) {
                println!("{title}: {}", tally.line());
                total.add(tally);
            }
            (format!("up to {depth} faults, in full"), Some(total))
        }
        Part::Sample { count } => (
            format!("3 faults, drawn with seed {}", args.seed),
            Some(sportello_proof::sample(count, args.seed, args.threads)),
        ),
        Part::Pairs => (
            "two processes".to_owned(),
            Some(sportello_proof::pairs(args.threads)),
        ),
        Part::Files { count } => (
            format!("SQLite on a file, pairs drawn with seed {}", args.seed),
            Some(sportello_proof::files(count, args.seed, args.threads)),
        ),
        Part::Relay { count, only } => (
            format!("a relay before the provider, pairs drawn with seed {}", args.seed),
            Some(sportello_proof::relay(&only, count, args.seed, args.threads)),
        ),
        Part::Postgres { count } => (
            format!("PostgreSQL, drawn with seed {}", args.seed),
            sportello_proof::postgres(count, args.seed),
        ),
    };
    let Some(tally) = tally else {
        println!(
            "SKIPPED postgres: SPORTELLO_TEST_POSTGRES names no server, or this build has no such journal"
        );
        return ExitCode::SUCCESS;
    };
    println!(
        "proof: {name}: {} ({:.0} s)",
        tally.line(),
        started.elapsed().as_secs_f32()
    );
    for reason in tally.reasons() {
        println!("  beyond any client: {reason}");
    }
    for broken in &tally.broken {
        println!("\nBROKEN: {broken}");
    }
    if tally.losses == 0 && tally.schedules > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Every rule kept: nothing is broken. A rule taken away: somebody pays twice.
fn model(quick: bool, threads: usize) -> ExitCode {
    let started = Instant::now();
    let (mut states, mut good) = (0, true);
    for explored in model::kept(quick, threads) {
        println!(
            "{}: {} states, {} deep, {} broken ({:.0} s so far)",
            explored.name,
            explored.states,
            explored.depth,
            explored.broken.len(),
            started.elapsed().as_secs_f32()
        );
        states += explored.states;
        for broken in &explored.broken {
            println!("BROKEN: {broken}");
            good = false;
        }
    }
    let mut bitten = 0;
    for rule in RULES {
        let explored = model::without(rule, threads);
        let first = explored
            .broken
            .iter()
            .find(|broken| broken.starts_with(model::PAID_ONCE));
        println!(
            "{}: {}",
            explored.name,
            first.map_or("NOT NOTICED", String::as_str)
        );
        bitten += usize::from(first.is_some());
    }
    good &= bitten == RULES.len();
    let beyond = model::beyond_any_client(threads);
    println!("beyond any client: {}: {}", beyond.name, beyond.broken.join("; "));
    println!(
        "proof: the model: {states} states, every rule kept; {bitten} of {} rules missed when taken away ({:.0} s)",
        RULES.len(),
        started.elapsed().as_secs_f32()
    );
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
