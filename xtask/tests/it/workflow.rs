//! The workflow that reports drift: what it hands to whom, and that no report stops it.

use serde_json::Value;

const WORKFLOW: &str = include_str!("../../../.github/workflows/drift.yml");

fn job() -> Value {
    let workflow = weshop_codegen::Document::parse(WORKFLOW).unwrap();
    workflow.value()["jobs"]["drift"].clone()
}

fn steps() -> Vec<Value> {
    job()["steps"].as_array().unwrap().clone()
}

#[test]
fn only_what_speaks_to_github_has_a_token() {
    assert!(!job()["env"].to_string().contains("token"));
    let mut speaking = 0;
    for step in steps() {
        let run = step["run"].as_str().unwrap_or_default();
        let speaks = run.lines().any(|line| line.contains("gh "));
        assert_eq!(
            step["env"].to_string().contains("github.token"),
            speaks,
            "{step}"
        );
        // A build script could read what a checkout leaves behind.
        if step["uses"]
            .as_str()
            .is_some_and(|uses| uses.contains("checkout"))
        {
            assert_eq!(step["with"]["persist-credentials"], false, "{step}");
        }
        speaking += usize::from(speaks);
    }
    assert_eq!(speaking, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_is_cut_inside_a_character_and_sent_all_the_same() {
    let steps = steps();
    let runs = steps.iter().filter_map(|step| step["run"].as_str());
    let cut = runs
        .flat_map(str::lines)
        .find(|line| line.contains("head -c"))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    for ahead in 0..4 {
        let report = "x".repeat(ahead) + &"\u{10348}".repeat(20_000);
        std::fs::write(folder.path().join("drift.md"), &report).unwrap();
        // As a runner runs a step.
        let ended = std::process::Command::new("bash")
            .args(["-e", "-c", &format!("{cut}\necho sent >> body.md")])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        let body = std::fs::read_to_string(folder.path().join("body.md")).unwrap();
        let body = body.strip_suffix("sent\n").unwrap();
        assert!(
            report.starts_with(body) && body.len() > 59_996,
            "{}",
            body.len()
        );
    }
}
