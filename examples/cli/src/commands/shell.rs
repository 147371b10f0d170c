use std::path::Path;

use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::{Code, Stop};

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Code, Stop> {
    clap_complete::generate(shell, &mut Cli::command(), "sportello", &mut std::io::stdout());
    Ok(Code::Done)
}

pub(crate) fn man(out: Option<&Path>) -> Result<Code, Stop> {
    let written = match out {
        Some(folder) => {
            std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        }
        None => clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout()),
    };
    written.map_err(|error| Stop::local(format!("can't write the man page: {error}")))?;
    Ok(Code::Done)
}
