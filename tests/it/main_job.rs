//! The main job: an image on disk becomes generated images on disk.

use std::time::Duration;

use weshop::emulator::Emulator;
use weshop::{Client, types};

#[tokio::test]
async fn smoke() {
    let emulator = Emulator::builder()
        .run_time(Duration::from_millis(50))
        .start()
        .await
        .unwrap();
    let client = Client::builder().emulator(emulator.url()).build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.png");
    image::RgbaImage::from_pixel(40, 30, image::Rgba([1, 2, 3, 255]))
        .save(&path)
        .unwrap();
    let params = types::AimodelParams::builder()
        .generated_content(types::GeneratedContent::FreeCreation)
        .mask_type(types::MaskType::AutoApparelSegment)
        .text_description("street style fashion photo".to_string())
        .batch_count(2);
    let run = client.submit(path, params).await.unwrap();
    let snapshot = loop {
        let s = run.snapshot().await.unwrap();
        if s.status().is_terminal() {
            break s;
        }
    };
    let saved = client
        .save_images(&snapshot, dir.path().join("out"))
        .await
        .unwrap();
    println!("{saved:#?} {run:?} {snapshot:?}");
    assert_eq!(saved.len(), 2);
}
