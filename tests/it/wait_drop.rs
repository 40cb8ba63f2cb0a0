//! A wait over real connections that is dropped, wherever it was, leaves no task and no connection.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use weshop::schedule::Schedule;

use crate::support::client;

/// Answers on a kept connection until the client closes it: running twice, then done.
async fn serve(mut stream: TcpStream) {
    let (mut bytes, mut asked) = (Vec::new(), 0);
    while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
        if !bytes.ends_with(b"\r\n\r\n") {
            continue;
        }
        bytes.clear();
        asked += 1;
        let status = if asked < 3 { "Running" } else { "Success" };
        let body = format!(
            r#"{{"success": true, "data": {{"executions":
                [{{"executionId": "run-1", "status": "{status}"}}]}}}}"#
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let (head, rest) = answer.split_at(answer.len() / 2);
        // In two parts, so that there is a moment with half an answer.
        if stream.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
        if stream.write_all(rest.as_bytes()).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn no_task_and_no_connection_stays() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for polls in 0.. {
        let client = client(&url);
        let run = client.run("run-1".parse().unwrap());
        let every = Schedule::every(Duration::from_millis(10));
        let mut wait = run.wait().with_schedule(every).into_future();
        let mut left = polls;
        let ended = poll_fn(|cx| {
            if left == 0 {
                return Poll::Ready(false);
            }
            left -= 1;
            match wait.as_mut().poll(cx) {
                Poll::Ready(done) => Poll::Ready(done.is_ok()),
                Poll::Pending if left == 0 => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
        drop(wait);
        assert!(
            !client.notify(run.id()),
            "someone still waits after {polls} polls"
        );
        drop((run, client));
        // A task per connection on the server's side ends when the client closes it.
        let gone = async {
            while tasks() > before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(10), gone).await;
        assert!(
            gone.is_ok(),
            "{} more tasks after {polls} polls",
            tasks() - before
        );
        if ended {
            assert!(
                polls >= 6,
                "three questions and two pauses in {polls} polls"
            );
            return;
        }
    }
}
