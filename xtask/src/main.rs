//! `cargo xtask`: reads the command line and hands over to a command.

use std::io::{self, Write};
use std::process::ExitCode;

use xtask::args::{self, Command, USAGE};
use xtask::{Env, Exit, Failure, check, drift_command, generate, lower, refresh};

fn main() -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let env = Env::of_this_repository();
    let result = match args::parse(std::env::args().skip(1)) {
        Ok(command) => run(&env, command, &mut out, &mut err),
        Err(failure) => Err(failure),
    };
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            // Whoever has closed standard error wants to hear nothing.
            let _ = writeln!(err, "{failure}");
            ExitCode::from(Failure::CODE)
        }
    }
}

fn run(
    env: &Env,
    command: Command,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Failure> {
    match command {
        Command::Help => {
            out.write_all(USAGE.as_bytes())?;
            Ok(Exit::Nothing)
        }
        Command::Refresh {
            from,
            accept,
            format,
        } => refresh::run(env, &from, accept, format, out, err),
        Command::Drift { from, format } => drift_command::run(env, &from, format, out),
        Command::Lower(file) => lower::run(env, &file, out),
        Command::Generate(file) => generate::run(env, &file, out, err),
        Command::Check => check::run(env, out),
    }
}
