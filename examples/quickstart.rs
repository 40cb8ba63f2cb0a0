//! The main job: upload an image, run two agents on it, wait, save what they made.
//!
//! ```sh
//! cargo run --example quickstart --features emulator
//! ```
//!
//! Without arguments it needs no key and no network: it starts an emulator in this process, or uses the
//! one that `WESHOP_EMULATOR_URL` names. `--live`, and nothing else, makes it use the real service,
//! **which charges for two runs**.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use weshop::emulator::Emulator;
use weshop::schedule::Schedule;
use weshop::{ApiKey, Client, EMULATOR_VARIABLE, PreparedRun, UploadedImage, types};

const USAGE: &str = "\
usage: quickstart [--live] [--out FOLDER] [IMAGE]

  IMAGE         the photo to work on; a drawing of a coat unless given
  --out FOLDER  where the results go; `weshop-out` unless given
  --live        use the real service, which charges for two runs
";

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match quickstart(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("{error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

async fn quickstart(options: Options) -> Result<(), AnyError> {
    let mut emulator = None;
    let client = match (options.live, std::env::var_os(EMULATOR_VARIABLE)) {
        (true, _) => Client::new(ApiKey::discover()?)?,
        (false, Some(url)) if !url.is_empty() => {
            let url = url.to_string_lossy();
            Client::builder().emulator(url).build()?
        }
        (false, _) => {
            // Runs of different processes have different ids, as the service's have.
            let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
            let seeded = Emulator::builder().seed(seed.as_nanos() as u64);
            let started = emulator.insert(seeded.start().await?);
            println!("an emulator listens on {}", started.url());
            Client::builder().emulator(started.url()).build()?
        }
    };

    let photo = match &options.image {
        Some(path) => client.upload(path.as_path()).await?,
        None => client.upload(coat()?).await?,
    };
    println!("uploaded {}", photo.url());

    // Nothing is paid before both are known to be right, and a run's id is shown as soon as there is one.
    let scene = client.submit(&photo, new_scene()).prepare().await?;
    let canvas = client
        .submit(&photo, wider_canvas(&photo))
        .prepare()
        .await?;
    let (scene, canvas) = tokio::join!(
        job("aimodel", &client, scene, &options),
        job("expandimage", &client, canvas, &options)
    );
    if let Some(emulator) = emulator {
        emulator.shutdown().await;
    }
    if let (Err(scene), Err(_)) = (&scene, &canvas) {
        eprintln!("aimodel: {scene}");
    }
    scene.and(canvas)
}

fn new_scene() -> types::builder::AimodelParams {
    types::AimodelParams::builder()
        .generated_content(types::GeneratedContent::FreeCreation)
        .mask_type(types::MaskType::AutoApparelSegment)
        .text_description("street style fashion photo".to_string())
        .batch_count(2)
}

fn wider_canvas(photo: &UploadedImage) -> types::builder::ExpandimageParams {
    let (width, height) = photo.size().unwrap_or((512, 512));
    // No canvas is wider than 4096 pixels.
    types::ExpandimageParams::builder()
        .target_width((i64::from(width) * 3 / 2).min(4096))
        .target_height(i64::from(height))
        .batch_count(2)
}

async fn job(
    agent: &'static str,
    client: &Client,
    prepared: PreparedRun,
    options: &Options,
) -> Result<(), AnyError> {
    let run = client.send(&prepared).await?;
    println!("{agent}: submitted as {}", run.id());
    let mut wait = run
        .wait()
        .with_deadline(Duration::from_secs(600))
        .on_progress(move |now| {
            let done = now.images_done();
            println!(
                "{agent}: {}, {done} images, {:.1?}",
                now.status(),
                now.elapsed()
            );
        });
    if !options.live {
        // An emulator's runs are over in a moment, and asking it costs nothing.
        wait = wait.with_schedule(Schedule::every(Duration::from_millis(150)));
    }
    let ended = wait.await;
    // What a failed run made was paid for, too.
    let made = match &ended {
        Ok(done) => Some(done.snapshot()),
        Err(error) => error.snapshot(),
    };
    if let Some(made) = made {
        for saved in client.save_images(made, &options.out).await? {
            println!(
                "{agent}: saved {} ({} bytes)",
                saved.path.display(),
                saved.len
            );
        }
    }
    ended.map(drop).map_err(AnyError::from)
}

/// A coat of sorts, for whom no photo is at hand.
fn coat() -> Result<Vec<u8>, image::ImageError> {
    let coat = image::RgbaImage::from_fn(320, 400, |x, y| {
        let (x, y) = (i64::from(x) - 160, i64::from(y));
        let body = (60..360).contains(&y) && x.abs() < 50 + y / 6;
        let sleeve = (70..260).contains(&y) && (x.abs() - 50 - y / 2).abs() < 26;
        match (body || sleeve, body && x.abs() < 3) {
            (_, true) => image::Rgba([40, 24, 16, 255]),
            (true, _) => image::Rgba([150, 84, 48, 255]),
            _ => image::Rgba([244, 244, 240, 255]),
        }
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    coat.write_to(&mut bytes, image::ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

struct Options {
    live: bool,
    out: PathBuf,
    image: Option<PathBuf>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            live: false,
            out: "weshop-out".into(),
            image: None,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--live" => options.live = true,
                "--out" => options.out = arguments.next().ok_or("--out needs a folder")?.into(),
                flag if flag.starts_with('-') => return Err(format!("{flag} is not known")),
                _ if options.image.is_some() => return Err("one image at a time".to_owned()),
                image => options.image = Some(image.into()),
            }
        }
        Ok(options)
    }
}
