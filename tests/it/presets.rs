//! Presets: pages, kinds, and services that never come to an end.

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use weshop::emulator::Emulator;
use weshop::{Client, ErrorKind, Preset, PresetKind, types};

use crate::support::{Act, Server, client};

fn page(data: Value) -> Act {
    Act::json(json!({"success": true, "data": data}))
}

#[tokio::test]
async fn a_page_is_asked_for_as_documented_and_keeps_what_it_does_not_know() {
    let server = Server::always(page(json!({
        "locations": [{"id": 1, "name": "street", "image": "https://x.example.com/1.png",
            "categories": ["city", "day"], "type": "outdoor"}],
        "fashionModels": [{"id": 1, "name": "Ada", "categories": null}],
        "moods": [{"id": 5, "name": "calm"}, {"name": "has no id"}, "nonsense"],
        "pagination": {"page": 2, "pageSize": 10, "locations": {"total": 11, "isLastPage": true},
            "fashionModels": {"total": 40, "isLastPage": false}},
    })))
    .await;
    let query = client(&server.url)
        .presets("aimodel", "v1.0")
        .with_page_size(10)
        .with_resource(types::ResourceType::Locations);
    let page = query.page(2).await.unwrap();
    assert_eq!(
        server.seen()[0].path,
        "/openapi/v1/agent/info?agentName=aimodel&agentVersion=v1.0&page=2&pageSize=10&resourceType=locations"
    );
    assert_eq!((page.number, page.is_last), (2, Some(false)));
    let kinds: Vec<_> = page.presets.iter().map(|preset| &preset.kind).collect();
    let other = PresetKind::Other("moods".to_owned());
    assert_eq!(
        kinds,
        [&PresetKind::FashionModel, &PresetKind::Location, &other]
    );
    let street = &page.presets[1];
    assert_eq!((street.id, street.name.as_str()), (1, "street"));
    assert_eq!(street.categories, ["city", "day"]);
    assert_eq!(street.extra["type"], "outdoor");
    assert!(page.presets[0].categories.is_empty());
}

async fn all(client: &Client, size: u8) -> Vec<Preset> {
    let query = client.presets("aimodel", "v1.0").with_page_size(size);
    query.stream().try_collect().await.unwrap()
}

#[tokio::test]
async fn a_stream_goes_over_all_pages_whatever_their_size() {
    let emulator = Emulator::start().await.unwrap();
    let client = Client::builder().emulator(emulator.url()).build().unwrap();
    let whole = all(&client, 100).await;
    assert!(whole.len() > 10);
    let mut by_threes = all(&client, 3).await;
    assert_eq!(by_threes.len(), whole.len());
    for preset in whole {
        let at = by_threes.iter().position(|other| *other == preset).unwrap();
        by_threes.swap_remove(at);
    }
}

#[tokio::test]
async fn a_service_that_repeats_itself_does_not_keep_a_stream_going() {
    let server = Server::always(page(json!({"locations": [{"id": 1, "name": "street"}]}))).await;
    assert_eq!(all(&client(&server.url), 50).await.len(), 1);
    assert_eq!(server.count("GET"), 2);
}

#[tokio::test]
async fn a_stream_ends_with_its_first_error() {
    let server = Server::start(|_, before| match before {
        0 | 1 => page(json!({"locations": [{"id": before, "name": "street"}]})),
        _ => Act::json(json!({"success": false, "error": {"code": "GONE", "message": "no"}})),
    })
    .await;
    let mut presets = client(&server.url).presets("aimodel", "v1.0").stream();
    // A request that was announced and one that was read count for one each.
    let error = loop {
        match presets.try_next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("no error came"),
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("GONE")));
    for _ in 0..3 {
        assert!(presets.try_next().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_stream_that_has_ended_can_be_asked_again() {
    let server = Server::always(page(json!({"locations": []}))).await;
    let mut presets = client(&server.url).presets("aimodel", "v1.0").stream();
    for _ in 0..3 {
        assert!(presets.try_next().await.unwrap().is_none());
    }
}
