//! The README's first command, as a stranger runs it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use weshop::emulator::Emulator;

use crate::support::{Act, PUBLIC, Server, example};

fn quickstart() -> Command {
    let mut command = example("quickstart");
    for variable in ["WESHOP_API_KEY", "WESHOP_EMULATOR_URL"] {
        command.env_remove(variable);
    }
    command
}

fn run(command: &mut Command, folder: &Path) -> Output {
    command.arg("--out").arg(folder).output().unwrap()
}

fn images(folder: &Path) -> Vec<image::RgbaImage> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let opened = paths
        .iter()
        .map(|path| image::open(path).unwrap().into_rgba8());
    opened.collect()
}

#[test]
fn it_saves_four_right_images_without_key_or_network() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&mut quickstart(), folder.path());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}\n{:?}", output.stderr);
    let images = images(folder.path());
    let mut sizes: Vec<_> = images.iter().map(image::RgbaImage::dimensions).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [(320, 400), (320, 400), (480, 400), (480, 400)]);
    let coat = image::Rgba([150, 84, 48, 255]);
    for image in &images {
        // The coat's middle is where it was put: the canvas grew evenly on both sides.
        assert_eq!(*image.get_pixel(image.width() / 2 + 20, 200), coat);
    }
    for path in std::fs::read_dir(folder.path()).unwrap() {
        let path = path.unwrap().path();
        assert!(told.contains(&path.display().to_string()), "{told}");
    }
    assert!(told.contains("Success, 2 images"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_uses_an_emulator_of_another_process() {
    let emulator = Emulator::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let photo = folder.path().join("photo.png");
    std::fs::write(&photo, crate::support::png(64, 48)).unwrap();
    let out = folder.path().join("out");
    let mut command = quickstart();
    command
        .env("WESHOP_EMULATOR_URL", emulator.url())
        .arg(&photo);
    let output = run(&mut command, &out);
    assert!(output.status.success(), "{output:?}");
    let mut sizes: Vec<_> = images(&out)
        .iter()
        .map(image::RgbaImage::dimensions)
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [(64, 48), (64, 48), (96, 48), (96, 48)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_is_told_in_words() {
    let server = Server::start(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/openapi/agent/assets/images") => {
            Act::json(json!({"success": true, "data": {"image": PUBLIC}}))
        }
        ("POST", _) => Act::json(json!({"success": true, "meta": {"executionId": "r"}})),
        _ => Act::json(json!({"success": true, "data": {"executions": [
            {"executionId": "r", "status": "Failed", "result": []}]}})),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = quickstart();
    command.env("WESHOP_EMULATOR_URL", &server.url);
    let output = run(&mut command, folder.path());
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("the run ended as Failed with 0 of 0 images [run r]"),
        "{told}"
    );
}
