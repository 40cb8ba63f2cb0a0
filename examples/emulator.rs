//! The emulator as a process of its own, for programs in any language.
//!
//! ```sh
//! cargo run --example emulator --features emulator -- --port 0
//! ```
//!
//! The first line on standard output is a JSON object whose `base_url` is what the API's paths,
//! `/openapi/…`, hang below; a browser sees a page there. It listens on 127.0.0.1 only.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use weshop::emulator::{Clock, Emulator, EmulatorBuilder, Scenario};

const USAGE: &str = "\
usage: emulator [--port N] [--api-key KEY] [--run-time-ms N] [--scenario FILE] [--seed N] [--time-scale X]

  --port N         the port on 127.0.0.1; 0, the default, lets the system choose
  --api-key KEY    the only key that is taken; any key that is not empty unless set
  --run-time-ms N  how long a run takes, in milliseconds; 500 unless set
  --scenario FILE  faults, lives and callbacks, as JSON or TOML (docs/scenario.schema.json)
  --seed N         what everything random comes from, ids too; of the moment unless set
  --time-scale X   how much faster than the wall's the emulator's time passes; 1 unless set

It listens on 127.0.0.1 only, and ends with ctrl-c or SIGTERM.
";

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().any(|arg| arg == "--help") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
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
    eprintln!(
        "on loopback only; a page for people is at {}/",
        emulator.url()
    );
    stopped.await;
    emulator.shutdown().await;
    Ok(())
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<EmulatorBuilder, String> {
    // Results are saved under their runs' ids, so another process must not give the same ones again.
    let moment = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let mut builder = Emulator::builder()
        .accept_any_key(true)
        .seed(moment.unwrap_or_default().as_nanos() as u64);
    while let Some(flag) = args.next() {
        let value = args
            .next()
            .ok_or_else(|| format!("{flag} needs a value, or is not known"))?;
        let unfit = || format!("{flag} does not take {value}");
        builder = match flag.as_str() {
            "--port" => builder.port(value.parse().map_err(|_| unfit())?),
            "--api-key" => builder.api_key(value),
            "--run-time-ms" => {
                builder.run_time(Duration::from_millis(value.parse().map_err(|_| unfit())?))
            }
            "--scenario" => builder.scenario(scenario(&value)?),
            "--seed" => builder.seed(value.parse().map_err(|_| unfit())?),
            "--time-scale" => match value.parse::<f64>() {
                Ok(speed) if speed.is_finite() && speed > 0.0 => {
                    builder.clock(Clock::scaled(speed))
                }
                _ => return Err(unfit()),
            },
            _ => return Err(format!("{flag} is not known")),
        };
    }
    Ok(builder)
}

fn scenario(path: &str) -> Result<Scenario, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    match path.ends_with(".toml") {
        true => toml::from_str(&text).map_err(|error| format!("{path}: {error}")),
        false => serde_json::from_str(&text).map_err(|error| format!("{path}: {error}")),
    }
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
