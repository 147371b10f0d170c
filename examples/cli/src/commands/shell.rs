use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::{Code, Stop};

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Code, Stop> {
    clap_complete::generate(shell, &mut Cli::command(), "sportello", &mut std::io::stdout());
    Ok(Code::Done)
}

pub(crate) fn man() -> Result<Code, Stop> {
    clap_mangen::Man::new(Cli::command())
        .render(&mut std::io::stdout())
        .map_err(|error| Stop::local(format!("can't write the man page: {error}")))?;
    Ok(Code::Done)
}
