//! `sportello-proof`: runs the proof and prints what it found.

use clap::Parser;

/// Runs the proof.
#[derive(Parser)]
struct Args {
    /// How many faults a schedule has at the most
    #[arg(long, default_value_t = 2)]
    depth: u32,
    /// Only setups whose title holds this
    #[arg(long, default_value = "")]
    only: String,
}

fn main() {
    let args = Args::parse();
    for (title, tally) in sportello_proof::enumerate(args.depth, &args.only, 2) {
        println!("{title}: {}", tally.line());
        for broken in &tally.broken {
            println!("{broken}\n");
        }
    }
}
