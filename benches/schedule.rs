//! Requests and mean lag of each schedule, in virtual time: `cargo bench --bench schedule`.
//!
//! Nothing is timed, so the numbers are the same on every machine.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/it/simulate.rs"]
mod simulate;

use simulate::{Cost, Distribution, cost, exponential, fixed, learned_cost, optimum};
use weshop::schedule::{SECOND_OF_LAG_IN_REQUESTS, Schedule};

const LEARNERS: u64 = 40;

fn main() {
    println!("per run; cost = requests + {SECOND_OF_LAG_IN_REQUESTS} x seconds of lag");
    let twenty = |sigma| Distribution::lognormal(20.0, sigma);
    let mut distributions = vec![twenty(0.1), twenty(0.3), twenty(0.5), twenty(0.8)];
    for median in [5.0, 60.0, 240.0] {
        distributions.push(Distribution::lognormal(median, 0.4));
    }
    distributions.push(Distribution::bimodal(0.7, (12.0, 0.2), (45.0, 0.25)));
    for runs in &distributions {
        let best = cost(&optimum(runs), runs);
        println!("\n{}", runs.name);
        line("fixed 3 s", cost(&fixed(), runs), best);
        line("1 s x 1.5 to 5 s", cost(&exponential(), runs), best);
        line("ours, cold", cost(&Schedule::default(), runs), best);
        for seen in [5, 20, 50] {
            let name = format!("ours, {seen} runs seen");
            line(&name, learned_cost(&[(seen, runs)], LEARNERS), best);
        }
        line("optimum", best, best);
    }
    for sigma in [0.3, 0.5] {
        for factor in [2.0, 0.5] {
            let (before, after) = (twenty(sigma), twenty(sigma).times(factor));
            let best = cost(&optimum(&after), &after);
            println!("\ndrifting after 50 runs: {}", after.name);
            line("fixed 3 s", cost(&fixed(), &after), best);
            for seen in [0, 10, 25, 50] {
                let name = format!("ours, {seen} runs later");
                let lessons = [(50, &before), (seen, &after)];
                line(&name, learned_cost(&lessons, LEARNERS), best);
            }
            line("optimum", best, best);
        }
    }
}

fn line(name: &str, cost: Cost, best: Cost) {
    let (requests, lag, total) = (cost.requests, cost.lag, cost.total());
    let of_best = total / best.total();
    println!(
        "  {name:<22} {requests:6.2} requests {lag:6.2} s lag {total:7.2} cost {of_best:5.2} of optimum"
    );
}
