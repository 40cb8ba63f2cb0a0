//! The program itself, and its arguments.

use std::path::Path;
use std::process::{Command, Output};

use xtask::args::{self, Command as Told};
use xtask::drift::display::Format;
use xtask::fetch::Source;
use xtask::{Env, Exit, generate, lower};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(args)
        .output()
        .unwrap()
}

fn parse(line: &str) -> Result<Told, String> {
    let words = line.split_whitespace().map(str::to_owned);
    args::parse(words).map_err(|failure| failure.to_string())
}

#[test]
fn arguments_are_understood_or_refused() {
    let from = Source::File("a.yaml".into());
    let refresh = Told::Refresh {
        from: from.clone(),
        accept: true,
        format: Format::Json,
    };
    assert_eq!(
        parse("refresh --from a.yaml --accept --format json").unwrap(),
        refresh
    );
    let drift = Told::Drift {
        from: Source::default(),
        format: Format::Text,
    };
    assert_eq!(parse("drift").unwrap(), drift);
    assert_eq!(parse("lower a.yaml").unwrap(), Told::Lower("a.yaml".into()));
    assert_eq!(
        parse("generate a.yaml").unwrap(),
        Told::Generate("a.yaml".into())
    );
    assert_eq!(parse("check").unwrap(), Told::Check);
    for line in ["", "help", "--help", "drift --help"] {
        assert_eq!(parse(line).unwrap(), Told::Help, "{line}");
    }
    for line in [
        "nothing",
        "lower",
        "lower a b",
        "lower --accept a",
        "drift --accept",
        "drift a.yaml",
        "drift --from",
        "drift --format xml",
        "refresh --key secret",
        "check x",
    ] {
        parse(line).unwrap_err();
    }
}

#[test]
fn the_program_says_what_it_can_do_and_fails_with_100() {
    let help = run(&[]);
    assert_eq!(help.status.code(), Some(0));
    assert_eq!(String::from_utf8(help.stdout).unwrap(), args::USAGE);
    for args in [
        vec!["dance"],
        vec!["lower", "no such file"],
        vec!["drift", "--from", "http://127.0.0.1:1/"],
    ] {
        let failed = run(&args);
        assert_eq!(failed.status.code(), Some(100), "{args:?}");
        assert!(
            failed.stdout.is_empty() && !failed.stderr.is_empty(),
            "{args:?}"
        );
    }
}

/// Should the generator or the document give another API, this fails and names the command that mends.
#[test]
fn what_is_vendored_fits_together() {
    let check = run(&["check"]);
    let said = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(0), "{said}");
}

#[test]
fn this_document_has_not_drifted_from_itself() {
    let path = Env::of_this_repository().document();
    let drift = run(&[
        "drift",
        "--from",
        path.to_str().unwrap(),
        "--format",
        "github",
    ]);
    assert_eq!(drift.status.code(), Some(0));
    assert_eq!(drift.stdout, b"::notice title=API drift::no changes\n");
}

#[test]
fn lower_prints_3_0_3_or_what_stands_in_the_way() {
    let env = Env::of_this_repository();
    let mut out = Vec::new();
    assert_eq!(
        lower::run(&env, &env.document(), &mut out),
        Ok(Exit::Nothing)
    );
    let lowered: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(lowered["openapi"], "3.0.3");

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("openapi.yaml");
    let document = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\ncomponents: {schemas: {A: {$ref: 'b.yaml#/B'}, C: {$ref: 'd.yaml'}}}\n";
    std::fs::write(&file, document).unwrap();
    let mut out = Vec::new();
    let failure = lower::run(&env, &file, &mut out).unwrap_err().to_string();
    assert!(out.is_empty());
    for pointer in ["/components/schemas/A", "/components/schemas/C"] {
        assert!(failure.contains(pointer), "{failure}");
    }
}

#[test]
fn generate_prints_rust_and_names_what_is_left_out() {
    let env = Env::of_this_repository();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/base.yaml");
    assert_eq!(
        generate::run(&env, &base, &mut out, &mut err),
        Ok(Exit::Nothing)
    );
    let source = String::from_utf8(out).unwrap();
    assert!(
        xtask::surface::read(&source)
            .unwrap()
            .contains_key("Client::list_orders")
    );
    let said = String::from_utf8(err).unwrap();
    assert!(
        said.starts_with("left out: addPhoto (PUT /orders/{orderId}/photo): "),
        "{said}"
    );
}
