//! The `sportello` command: the story's verbs in a terminal.

mod answers;
mod args;
mod commands;
mod context;
mod exit;
mod relay;
mod show;

use clap::Parser;

use args::{Cli, Command};
use exit::Stop;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Stop::local(format!("can't start: {error}")).report(&cli.global),
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = run(&cli) => outcome,
            _ = tokio::signal::ctrl_c() => Err(Stop::interrupted()),
        }
    });
    runtime.block_on(context::close());
    // Work that still runs is either free or journalled; what was journalled is gone on with by the same command.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code.into(),
        Err(stop) => stop.report(&cli.global),
    }
}

async fn run(cli: &Cli) -> Result<exit::Code, Stop> {
    let global = &cli.global;
    match &cli.command {
        Command::Services { search } => commands::catalogue::services(global, search.as_deref()).await,
        Command::Form { service } => commands::catalogue::form(global, service).await,
        Command::Check { service, answers } => {
            commands::check::check(global, service, answers.as_deref()).await
        }
        Command::CodiceFiscale(job) => commands::codice_fiscale::run(global, job),
        Command::CheckValues { kind } => commands::check::check_values(global, kind),
        Command::Quote { service, options } => commands::submit::quote(global, service, options).await,
        Command::Submit(submit) => commands::submit::submit(global, submit).await,
        Command::Apply { submit, out } => commands::submit::apply(global, submit, out).await,
        Command::Submissions => commands::follow::submissions(global).await,
        Command::Status { reference } => commands::follow::status(global, reference).await,
        Command::Watch { reference, timeout } => commands::follow::watch(global, reference, *timeout).await,
        Command::Choose {
            reference,
            result,
            confirm_price,
        } => commands::follow::choose(global, reference, result, confirm_price.as_deref()).await,
        Command::Delivery {
            reference,
            out,
            extract,
        } => commands::follow::delivery(global, reference, out, *extract).await,
        Command::Resume { out } => commands::follow::resume(global, out.as_deref()).await,
        Command::Abandon { reference } => commands::follow::abandon(global, reference).await,
        Command::Journal {
            action: Some(args::JournalAction::Doctor { reconcile }),
            ..
        } => commands::journal::doctor(global, *reconcile).await,
        Command::Journal { reference, .. } => commands::journal::list(global, reference.as_deref()).await,
        Command::Simulator(simulator) => commands::simulator::serve(global, simulator).await,
        Command::Probe(wanted) => commands::probe::probe(global, wanted).await,
        Command::Completions { shell } => commands::shell::completions(*shell),
        Command::Man { out } => commands::shell::man(out.as_deref()),
    }
}
