//! What a schedule costs, in virtual time: shared by the tests and `benches/schedule.rs`.

use std::time::Duration;

use weshop::schedule::{Learned, SECOND_OF_LAG_IN_REQUESTS, Schedule};

/// How long runs take: a thousand equally likely durations, in seconds, in order.
#[derive(Clone)]
pub(crate) struct Distribution {
    pub(crate) name: String,
    pub(crate) runs: Vec<f64>,
}

impl Distribution {
    pub(crate) fn lognormal(median: f64, sigma: f64) -> Self {
        let runs = normal_quantiles(1000).map(|z| median * (sigma * z).exp());
        Self {
            name: format!("lognormal, median {median} s, sigma {sigma}"),
            runs: runs.collect(),
        }
    }

    /// A share of fast runs and the rest slow ones.
    pub(crate) fn bimodal(
        share: f64,
        (fast, fast_sigma): (f64, f64),
        (slow, slow_sigma): (f64, f64),
    ) -> Self {
        let fasts = (share * 1000.0) as usize;
        let mut runs: Vec<_> = normal_quantiles(fasts)
            .map(|z| fast * (fast_sigma * z).exp())
            .chain(normal_quantiles(1000 - fasts).map(|z| slow * (slow_sigma * z).exp()))
            .collect();
        runs.sort_by(f64::total_cmp);
        Self {
            name: format!("bimodal, {fast} s ({share}) and {slow} s"),
            runs,
        }
    }

    pub(crate) fn times(&self, factor: f64) -> Self {
        Self {
            name: format!("{}, times {factor}", self.name),
            runs: self.runs.iter().map(|run| run * factor).collect(),
        }
    }

    fn draw(&self, rng: &mut fastrand::Rng) -> f64 {
        self.runs[rng.usize(..self.runs.len())]
    }
}

/// `n` equally likely values of the standard normal distribution, by summing its density.
fn normal_quantiles(n: usize) -> impl Iterator<Item = f64> {
    const STEP: f64 = 0.0005;
    let density = |z: f64| (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let (mut z, mut below) = (-6.0, 0.0);
    (0..n).map(move |i| {
        while below < (i as f64 + 0.5) / n as f64 && z < 6.0 {
            below += density(z) * STEP;
            z += STEP;
        }
        z
    })
}

/// What a run costs on average under a schedule.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) requests: f64,
    /// Seconds between the run's end and the question that found it.
    pub(crate) lag: f64,
}

impl Cost {
    /// In requests, a second of lag being worth as many as the library says.
    pub(crate) fn total(self) -> f64 {
        self.requests + self.lag * SECOND_OF_LAG_IN_REQUESTS
    }

    pub(crate) fn mean(costs: impl IntoIterator<Item = Self>) -> Self {
        let (mut sum, mut count) = (Self::default(), 0.0);
        for cost in costs {
            sum.requests += cost.requests;
            sum.lag += cost.lag;
            count += 1.0;
        }
        Self {
            requests: sum.requests / count,
            lag: sum.lag / count,
        }
    }
}

/// One run's life: how many questions, the last that found it unfinished, the one that found it
/// finished.
fn live(schedule: &Schedule, run: f64) -> (f64, Duration, Duration) {
    let (mut requests, mut unfinished, mut asked) = (0.0, Duration::ZERO, Duration::ZERO);
    while asked.as_secs_f64() < run {
        unfinished = asked;
        asked = schedule.next_after(asked);
        requests += 1.0;
    }
    (requests, unfinished, asked)
}

/// The expected cost of a schedule.
pub(crate) fn cost(schedule: &Schedule, of: &Distribution) -> Cost {
    Cost::mean(of.runs.iter().map(|run| {
        let (requests, _, asked) = live(schedule, *run);
        let lag = asked.as_secs_f64() - run;
        Cost { requests, lag }
    }))
}

/// Lets a learner wait for some runs under its own schedule.
pub(crate) fn learn(
    learned: &mut Learned,
    runs: usize,
    of: &Distribution,
    rng: &mut fastrand::Rng,
) {
    for _ in 0..runs {
        let (_, unfinished, finished) = live(&learned.schedule("aimodel", 4), of.draw(rng));
        learned.observe("aimodel", 4, unfinished, finished);
    }
}

/// The cost for learners of different luck: each learns from every distribution in turn, as many
/// runs as said, and is then judged by the last.
pub(crate) fn learned_cost(lessons: &[(usize, &Distribution)], learners: u64) -> Cost {
    let last = lessons.last().expect("there are lessons").1;
    Cost::mean((0..learners).map(|seed| {
        let (mut learned, mut rng) = (Learned::default(), fastrand::Rng::with_seed(seed));
        for (runs, of) in lessons {
            learn(&mut learned, *runs, of, &mut rng);
        }
        cost(&learned.schedule("aimodel", 4), last)
    }))
}

pub(crate) fn fixed() -> Schedule {
    Schedule::every(Duration::from_secs(3))
}

pub(crate) fn exponential() -> Schedule {
    Schedule::growing(Duration::from_secs(1), 1.5, Duration::from_secs(5))
}

/// The best schedule there is for one who knows the distribution, by dynamic programming over
/// equal steps of time: from the back, the best next question after each step.
pub(crate) fn optimum(of: &Distribution) -> Schedule {
    const STEPS: usize = 1200;
    let step = of.runs.last().expect("runs") / STEPS as f64;
    // Number and sum of the runs that end in the first `k` steps.
    let (mut count, mut sum) = (vec![0.0; STEPS + 1], vec![0.0; STEPS + 1]);
    for run in &of.runs {
        let k = (run / step).ceil().clamp(1.0, STEPS as f64) as usize;
        count[k] += 1.0;
        sum[k] += run;
    }
    for k in 1..=STEPS {
        count[k] += count[k - 1];
        sum[k] += sum[k - 1];
    }
    let (mut best, mut next) = (vec![0.0; STEPS + 1], vec![STEPS; STEPS + 1]);
    for from in (0..STEPS).rev() {
        best[from] = f64::INFINITY;
        for to in from + 1..=STEPS {
            let lag = step * to as f64 * (count[to] - count[from]) - (sum[to] - sum[from]);
            let requests = count[STEPS] - count[from];
            let total = requests + lag * SECOND_OF_LAG_IN_REQUESTS + best[to];
            if total < best[from] {
                (best[from], next[from]) = (total, to);
            }
        }
    }
    let questions = std::iter::successors(Some(next[0]), |&k| (k < STEPS).then(|| next[k]));
    // Rounded up, lest a run ends a nanosecond after the question that was meant for it.
    Schedule::at(questions.map(|k| Duration::from_micros((step * k as f64 * 1e6).ceil() as u64)))
}
