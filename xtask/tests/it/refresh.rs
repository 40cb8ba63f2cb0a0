//! Vendoring a new edition: all of it or nothing, and never one that the library cannot live with.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::drift::display::Format;
use xtask::drift::types::Class;
use xtask::fetch::Source;
use xtask::spec::{Spec, compare};
use xtask::{Env, Exit, Failure, check, drift_command, refresh};

use crate::needs_without;

const DOCUMENT: &str = include_str!("../../../openapi.yaml");
const NEEDS: &str = include_str!("../../../src/needs.txt");

/// A repository with this one's document, in a directory of its own.
struct Repository {
    directory: TempDir,
    env: Env,
}

impl Repository {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let mut env = Env::at(directory.path());
        env.now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        fs::create_dir(directory.path().join("src")).unwrap();
        fs::write(env.document(), DOCUMENT).unwrap();
        fs::write(env.needs(), NEEDS).unwrap();
        Self { directory, env }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn refresh(&self, from: &Path, accept: bool) -> (Result<Exit, Failure>, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let from = Source::File(from.to_owned());
        let exit = refresh::run(&self.env, &from, accept, Format::Text, &mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (exit, text(out), text(err))
    }

    fn check(&self) -> (Exit, String) {
        let mut out = Vec::new();
        let exit = check::run(&self.env, &mut out).unwrap();
        (exit, String::from_utf8(out).unwrap())
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.directory.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(path.strip_prefix(self.directory.path()).unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    }
}

fn value(text: &str) -> Value {
    weshop_codegen::Document::parse(text)
        .unwrap()
        .value()
        .clone()
}

/// The document with one more optional field in an answer, and with empty lines that only bytes show.
fn additive() -> String {
    let mut document = value(DOCUMENT);
    document["components"]["schemas"]["Execution"]["properties"]["aFieldOfTomorrow"] =
        json!({"type": "integer"});
    format!("{document:#}\n\n")
}

#[test]
fn an_additive_change_is_vendored_byte_for_byte_with_its_provenance() {
    let repository = Repository::new();
    let remote = repository.file("remote.json", additive());

    let (exit, report, _) = repository.refresh(&remote, false);
    assert_eq!(exit, Ok(Exit::Compatible), "{report}");
    assert_eq!(
        fs::read_to_string(repository.env.document()).unwrap(),
        DOCUMENT
    );
    assert!(!repository.env.provenance().exists() && !repository.env.surface().exists());

    let (exit, again, _) = repository.refresh(&remote, true);
    assert_eq!(exit, Ok(Exit::Compatible));
    assert_eq!(report, again);
    assert!(
        report.contains("+ types::Execution.a_field_of_tomorrow: Option<i64>"),
        "{report}"
    );
    assert_eq!(
        fs::read_to_string(repository.env.document()).unwrap(),
        additive()
    );

    let told: Value =
        serde_json::from_slice(&fs::read(repository.env.provenance()).unwrap()).unwrap();
    assert_eq!(told["url"], "a file named remote.json");
    assert_eq!(told["date"], "Tue, 14 Nov 2023 22:13:20 GMT");
    assert_eq!(told["etag"], Value::Null);
    assert_eq!(told["sha256"], refresh::digest(additive().as_bytes()));

    let (exit, _, _) = repository.refresh(&remote, true);
    assert_eq!(exit, Ok(Exit::Nothing));
    assert_eq!(repository.check().0, Exit::Nothing);
    let left = [
        "openapi.provenance.json",
        "openapi.yaml",
        "remote.json",
        "src/needs.txt",
        "xtask/surface.txt",
    ];
    assert_eq!(
        repository.files(),
        left.map(PathBuf::from),
        "nothing else is left behind"
    );
}

/// The document without the thing that one line of the table of needs names.
fn without(kind: &str, name: &str) -> Value {
    needs_without::without(value(DOCUMENT), kind, name)
}

fn needs() -> impl Iterator<Item = [&'static str; 4]> {
    let lines = NEEDS.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            line.split('|')
                .map(str::trim)
                .collect::<Vec<_>>()
                .try_into()
                .unwrap()
        })
}

#[test]
fn every_removal_of_something_needed_names_the_file_and_item_that_need_it() {
    let old = Spec::read(DOCUMENT.as_bytes()).unwrap();
    assert!(old.missing(NEEDS).is_empty());
    let mut count = 0;
    for [kind, name, _, needed_by] in needs() {
        let new = Spec::read(without(kind, name).to_string().as_bytes()).unwrap();
        let report = compare(&old, &new, NEEDS);
        assert_eq!(Exit::of(&report), Exit::Needed, "without {kind} {name}");
        assert_eq!(
            report.worst(),
            Some(Class::Breaking),
            "without {kind} {name}"
        );
        let names = |need: &xtask::drift::types::Need| {
            need.needed_by == needed_by && need.what.contains(name)
        };
        assert!(
            report.missing.iter().any(names),
            "without {kind} {name}: {:?}",
            report.missing
        );
        assert!(
            needed_by.starts_with("src/"),
            "{needed_by} is no file and item in src/"
        );
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn what_the_library_needs_is_never_vendored_away() {
    let repository = Repository::new();
    let mut kinds = BTreeSet::new();
    for [kind, name, _, needed_by] in needs().filter(|[kind, ..]| kinds.insert(*kind)) {
        let remote = repository.file("remote.json", without(kind, name).to_string());
        let (exit, report, _) = repository.refresh(&remote, true);
        assert_eq!(exit, Ok(Exit::Needed), "{report}");
        assert!(
            report.contains(&format!("needed: {needed_by} needs {kind} {name}")),
            "{report}"
        );
        assert_eq!(
            fs::read_to_string(repository.env.document()).unwrap(),
            DOCUMENT
        );
        assert!(!repository.env.provenance().exists());
    }
    assert_eq!(kinds.len(), 11);
}

/// What stands in the way of generating is no reason to keep silent about what is gone.
#[test]
fn what_the_library_needs_is_told_though_nothing_can_be_generated() {
    let dangling = without("schema", "MaskType");
    let mut unlike = without("property", "AimodelParams.maskType");
    unlike["components"]["schemas"]["Labels"] =
        json!({"type": "object", "patternProperties": {"^x-": {"type": "string"}}});
    for (document, needed, obstacle) in [
        (
            dangling,
            "schema MaskType",
            "/components/schemas/AimodelParams",
        ),
        (
            unlike,
            "property AimodelParams.maskType",
            "/components/schemas/Labels",
        ),
    ] {
        assert!(
            Spec::read(document.to_string().as_bytes())
                .unwrap()
                .made()
                .is_err()
        );
        let needed = format!("needs {needed}, which is not in the document");
        let repository = Repository::new();
        let remote = repository.file("remote.json", document.to_string());

        let mut out = Vec::new();
        let from = Source::File(remote.clone());
        let exit = drift_command::run(&repository.env, &from, Format::Text, &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(exit, Exit::Needed, "{said}");
        assert!(said.contains(&needed) && said.contains(obstacle), "{said}");

        let (exit, said, _) = repository.refresh(&remote, true);
        assert_eq!(exit, Ok(Exit::Needed), "{said}");
        assert!(said.contains(&needed) && said.contains(obstacle), "{said}");
        assert_eq!(
            fs::read_to_string(repository.env.document()).unwrap(),
            DOCUMENT
        );

        fs::write(repository.env.document(), document.to_string()).unwrap();
        let (exit, said) = repository.check();
        assert_eq!(exit, Exit::Needed, "{said}");
        assert!(said.contains(&needed) && said.contains(obstacle), "{said}");
    }
}

#[test]
fn what_the_library_needs_is_told_of_an_invalid_document_too() {
    let repository = Repository::new();
    let mut document = without("schema", "MaskType");
    document["info"].as_object_mut().unwrap().remove("title");
    let remote = repository.file("remote.json", document.to_string());
    let (exit, report, said) = repository.refresh(&remote, true);
    assert!(exit.unwrap_err().to_string().contains("not OpenAPI 3.1"));
    assert_eq!(report, "");
    assert!(
        said.starts_with("needed: src/agent/builders.rs, agent needs schema MaskType"),
        "{said}"
    );
}

#[test]
fn what_is_no_document_is_refused_with_a_sentence() {
    let repository = Repository::new();
    let mut unresolved = value(DOCUMENT);
    unresolved["components"]["schemas"]["Meta"]["properties"]["more"] =
        json!({"$ref": "other.yaml#/More"});
    let mut no_title = value(DOCUMENT);
    no_title["info"].as_object_mut().unwrap().remove("title");
    let mut wrong_schema = value(DOCUMENT);
    wrong_schema["components"]["schemas"]["Meta"]["type"] = json!("objekt");
    let depth = 100_000;
    for (case, bytes, sentence) in [
        ("not UTF-8", b"openapi: \xff".to_vec(), "UTF-8"),
        ("empty", Vec::new(), "cannot be read"),
        (
            "HTML",
            b"<html><body>Sign in</body></html>".to_vec(),
            "not a mapping",
        ),
        (
            "nested",
            [vec![b'['; depth], vec![b']'; depth]].concat(),
            "cannot be read",
        ),
        (
            "twice",
            b"openapi: 3.1.0\nopenapi: 3.1.0\n".to_vec(),
            "cannot be read",
        ),
        (
            "no title",
            no_title.to_string().into_bytes(),
            "\"title\" is a required property",
        ),
        (
            "schema",
            wrong_schema.to_string().into_bytes(),
            "/components/schemas/Meta/type",
        ),
        (
            "3.0",
            DOCUMENT
                .replace("openapi: 3.1.0", "openapi: 3.0.3")
                .into_bytes(),
            "not OpenAPI 3.1",
        ),
        (
            "elsewhere",
            unresolved.to_string().into_bytes(),
            "other.yaml",
        ),
    ] {
        let remote = repository.file("remote.yaml", bytes);
        let (exit, _, _) = repository.refresh(&remote, true);
        let failure = exit.expect_err(case).to_string();
        assert!(failure.contains(sentence), "{case}: {failure}");
        assert_eq!(
            fs::read_to_string(repository.env.document()).unwrap(),
            DOCUMENT,
            "{case}"
        );
        assert!(!repository.env.provenance().exists(), "{case}");
    }
}

#[test]
fn a_long_document_is_refused_before_it_is_read_whole() {
    let mut repository = Repository::new();
    repository.env.limits.max_bytes = 1_000;
    let remote = repository.file("remote.yaml", DOCUMENT);
    let (exit, _, _) = repository.refresh(&remote, true);
    assert!(
        exit.unwrap_err()
            .to_string()
            .contains("longer than 1000 bytes")
    );
}

#[test]
fn nothing_is_replaced_when_one_file_cannot_be() {
    let repository = Repository::new();
    let remote = repository.file("remote.json", additive());
    // A directory stands where a file has to go.
    fs::create_dir_all(repository.env.provenance().join("in the way")).unwrap();
    let (exit, _, _) = repository.refresh(&remote, true);
    assert!(
        exit.unwrap_err()
            .to_string()
            .contains("nothing was changed")
    );
    assert_eq!(
        fs::read_to_string(repository.env.document()).unwrap(),
        DOCUMENT
    );
    assert!(!repository.env.surface().exists());
}

#[test]
fn check_names_the_command_that_mends() {
    let repository = Repository::new();
    let (exit, said) = repository.check();
    assert_eq!(exit, Exit::Breaking);
    assert!(
        said.contains("cargo xtask refresh --from openapi.yaml --accept"),
        "{said}"
    );

    // That command mends, and leaves the document and its provenance alone.
    let (exit, ..) = repository.refresh(&repository.env.document(), true);
    assert_eq!(exit, Ok(Exit::Nothing));
    assert!(!repository.env.provenance().exists());
    assert_eq!(repository.check().0, Exit::Nothing);

    let remote = repository.file("remote.json", additive());
    repository.refresh(&remote, true).0.unwrap();
    fs::write(repository.env.document(), format!("{}\n", additive())).unwrap();
    let (exit, said) = repository.check();
    assert_eq!(exit, Exit::Breaking);
    assert!(said.contains("cargo xtask refresh --accept"), "{said}");
}

#[test]
fn drift_tells_what_the_library_would_miss() {
    let repository = Repository::new();
    let remote = repository.file("remote.json", without("operation", "getRun").to_string());
    let mut out = Vec::new();
    let from = Source::File(remote);
    let exit = drift_command::run(&repository.env, &from, Format::Markdown, &mut out).unwrap();
    let said = String::from_utf8(out).unwrap();
    assert_eq!(exit, Exit::Needed);
    assert!(
        said.contains("### Needed by the library\n\n- src/run.rs"),
        "{said}"
    );

    let mut out = Vec::new();
    let from = Source::File(repository.env.document());
    let exit = drift_command::run(&repository.env, &from, Format::Text, &mut out).unwrap();
    assert_eq!(
        (exit, out.as_slice()),
        (Exit::Nothing, b"no changes\n".as_slice())
    );
}
