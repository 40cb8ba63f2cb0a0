//! The best moments to ask, from how long earlier runs took.
//!
//! In plain words: guess how likely the run is to end in each small span of time, then find the
//! list of moments that makes *expected requests + expected lag* smallest, where lag is the time
//! between the run's end and our learning of it. A run that seldom ends before 12 seconds is
//! first asked for at about that age; where runs end thick and fast the gaps are small, where
//! they hardly ever end the gaps are wide.
//!
//! Time is cut into cells that grow by 2 % each, from half a second to about 50 minutes.

use std::time::Duration;

/// The price of time: a result that is known a second later weighs as much as this many
/// requests. Raising it asks more often.
pub const SECOND_OF_LAG_IN_REQUESTS: f64 = 3.75;

const CELLS: usize = 440;
const FIRST: f64 = 0.5;
const GROWTH: f64 = 1.02;

/// Before anything was seen, a run is taken to last about ten seconds, give or take a factor of
/// four. That guess keeps some weight, in runs, ever after, so that a plan has no blind spots.
const PRIOR_MEDIAN: f64 = 10.0;
const PRIOR_SPREAD: f64 = 1.4;
const PRIOR_WEIGHT: f64 = 0.4;

/// A share of the observed spread by which each observation is blurred.
const BLUR: f64 = 0.7;

/// The end of cell `k`, in seconds.
fn end(k: usize) -> f64 {
    FIRST * GROWTH.powf(k as f64)
}

/// The cell in which `seconds` lies.
fn cell(seconds: f64) -> usize {
    let k = (seconds.max(FIRST) / FIRST).ln() / GROWTH.ln();
    (k.ceil() as usize).min(CELLS - 1)
}

/// The moments to ask at, given for each earlier run when it was last seen unfinished and first
/// seen finished, in seconds.
pub(super) fn plan(runs: &[(f32, f32)]) -> Vec<Duration> {
    let likely = likelihood(runs);
    // Sums over all cells before k, so that any span's mass and mean cost one subtraction.
    let (mut mass, mut moment) = (vec![0.0; CELLS + 1], vec![0.0; CELLS + 1]);
    let mut time = vec![0.0; CELLS + 1];
    for (k, p) in likely.iter().enumerate() {
        time[k + 1] = end(k);
        mass[k + 1] = mass[k] + p;
        moment[k + 1] = moment[k] + p * (time[k] + time[k + 1]) / 2.0;
    }
    // From the back: having asked at the start of cell `from`, which end is best to ask at next?
    let (mut cost, mut next) = (vec![0.0; CELLS + 1], vec![CELLS; CELLS]);
    for from in (0..CELLS).rev() {
        cost[from] = f64::INFINITY;
        for to in from + 1..=CELLS {
            let lag = time[to] * (mass[to] - mass[from]) - (moment[to] - moment[from]);
            let lag = lag * SECOND_OF_LAG_IN_REQUESTS;
            if lag > cost[from] {
                break;
            }
            let total = (mass[CELLS] - mass[from]) + lag + cost[to];
            if total < cost[from] {
                (cost[from], next[from]) = (total, to);
            }
        }
    }
    let mut moments = Vec::new();
    let mut at = 0;
    while at < CELLS {
        at = next[at];
        moments.push(Duration::from_millis((time[at] * 1000.0).round() as u64));
    }
    moments
}

/// How likely a run is to end in each cell, in runs.
fn likelihood(runs: &[(f32, f32)]) -> Vec<f64> {
    let mut likely = bell(|k| (end(k) / PRIOR_MEDIAN).ln() / PRIOR_SPREAD);
    likely.iter_mut().for_each(|p| *p *= PRIOR_WEIGHT);
    if runs.is_empty() {
        return likely;
    }
    let mut seen = vec![0.0; CELLS];
    for &(unfinished, finished) in runs {
        // A run found finished at the first question ended somewhere before. Half that time is
        // far enough back for the next plans to creep up on it.
        let (from, to) = (unfinished.max(finished / 2.0), finished);
        let (from, to) = (cell(f64::from(from)), cell(f64::from(to)));
        for share in &mut seen[from..=to] {
            *share += 1.0 / (to - from + 1) as f64;
        }
    }
    let count = runs.len() as f64;
    let sum = |of: &dyn Fn(f64) -> f64| -> f64 {
        let weighted = seen.iter().enumerate().map(|(k, n)| n * of(k as f64));
        weighted.sum::<f64>() / count
    };
    let mean = sum(&|k| k);
    let spread = sum(&|k| (k - mean).powi(2)).sqrt();
    // Fewer runs need more blur to stand for those not seen (Silverman's rule).
    let blur = (BLUR * spread * count.powf(-0.2)).max(1.0);
    let half = bell(|away| away as f64 / blur);
    let whole = 2.0 - half[0];
    for (k, n) in seen.iter().enumerate().filter(|(_, n)| **n > 0.0) {
        for (i, share) in likely.iter_mut().enumerate() {
            *share += n * half[i.abs_diff(k)] / whole;
        }
    }
    likely
}

/// A bell curve over the cells, of sum one, where `deviation` says how far off centre a cell is.
fn bell(deviation: impl Fn(usize) -> f64) -> Vec<f64> {
    let heights = (0..CELLS).map(|k| (-deviation(k).powi(2) / 2.0).exp());
    let mut heights: Vec<f64> = heights.collect();
    let sum: f64 = heights.iter().sum();
    heights.iter_mut().for_each(|height| *height /= sum);
    heights
}
