//! A thousand emulators come and go and leave nothing behind.

use std::process::Command;

use tokio::runtime::Handle;
use weshop::emulator::{API_KEY, Emulator};

/// Set in the process of its own in which the counting happens: other tests open files too.
const ALONE: &str = "WESHOP_TEST_ALONE";

#[test]
fn a_thousand_emulators_leave_no_task_port_or_file() {
    if std::env::var_os(ALONE).is_some() {
        return count();
    }
    let name = "emulator_leaks::a_thousand_emulators_leave_no_task_port_or_file";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{words}");
    assert!(
        String::from_utf8_lossy(&child.stdout).contains("1 passed"),
        "it ran: {words}"
    );
}

#[tokio::main(flavor = "current_thread")]
async fn count() {
    come_and_go(5).await;
    settle(0).await;
    let files = open_files();
    come_and_go(1000).await;
    settle(0).await;
    assert_eq!(open_files(), files, "open files and ports");
}

async fn come_and_go(emulators: u32) {
    let http = reqwest::Client::new();
    for n in 0..emulators {
        let builder = Emulator::builder().results_on_other_port(n % 2 == 0);
        let emulator = builder.start().await.unwrap();
        // The connection is kept, so it is still open when the emulator goes.
        let url = format!(
            "{}/openapi/v1/agent/info?agentName=a&agentVersion=v1.0",
            emulator.url()
        );
        let answer = http
            .get(url)
            .header("Authorization", API_KEY)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap();
        match n % 3 {
            0 => emulator.shutdown().await,
            _ => drop(emulator),
        }
    }
}

/// Lets aborted tasks end, until there are no more than `tasks`.
async fn settle(tasks: usize) {
    while Handle::current().metrics().num_alive_tasks() > tasks {
        tokio::task::yield_now().await;
    }
}

fn open_files() -> usize {
    match std::fs::read_dir("/proc/self/fd") {
        Ok(files) => files.count(),
        // Where there is no such folder the tasks, which own the ports, have to do.
        Err(_) => 0,
    }
}
