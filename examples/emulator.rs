//! The emulator as a process of its own, for programs in any language.
//!
//! ```sh
//! cargo run --example emulator --features emulator -- --port 0
//! ```
//!
//! The first line on standard output is a JSON object whose `base_url` is what the API's paths,
//! `/openapi/…`, hang below. It listens on 127.0.0.1 only.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;
use std::time::Duration;

use weshop::emulator::{Emulator, EmulatorBuilder};

const USAGE: &str = "\
usage: emulator [--port N] [--api-key KEY] [--run-time-ms N]

  --port N         the port on 127.0.0.1; 0, the default, lets the system choose
  --api-key KEY    the only key that is taken; any key that is not empty unless set
  --run-time-ms N  how long a run takes, in milliseconds; 500 unless set
";

#[tokio::main]
async fn main() -> ExitCode {
    let builder = match parse(std::env::args().skip(1)) {
        Ok(builder) => builder,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match serve(builder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the emulator cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(builder: EmulatorBuilder) -> std::io::Result<()> {
    let stopped = stop_signal()?;
    let emulator = builder.start().await?;
    println!("{}", serde_json::json!({"base_url": emulator.url()}));
    stopped.await;
    emulator.shutdown().await;
    Ok(())
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<EmulatorBuilder, String> {
    let mut builder = Emulator::builder().accept_any_key(true);
    while let Some(flag) = args.next() {
        if flag == "--help" {
            return Err("The WeShop Agent API on loopback.".into());
        }
        let value = args
            .next()
            .ok_or_else(|| format!("{flag} needs a value, or is not known"))?;
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| format!("{flag} takes a number, not {value}"))
        };
        builder = match flag.as_str() {
            "--port" => builder.port(
                value
                    .parse()
                    .map_err(|_| format!("{value} is not a port"))?,
            ),
            "--api-key" => builder.api_key(value),
            "--run-time-ms" => builder.run_time(Duration::from_millis(number()?)),
            _ => return Err(format!("{flag} is not known")),
        };
    }
    Ok(builder)
}

/// Ends with the first ctrl-c, or SIGTERM where there is one.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(unix)]
    let terminated = async move { terminate.recv().await };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated => {}
        }
    })
}
