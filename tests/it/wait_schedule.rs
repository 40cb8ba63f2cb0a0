//! The schedules' promises, computed in virtual time from fixed seeds.

use std::time::Duration;

use weshop::schedule::{Learned, Schedule};

use crate::simulate::{Distribution, cost, exponential, fixed, learned_cost, optimum};

const LEARNERS: u64 = 12;

#[test]
fn learned_beats_fixed_and_nears_the_optimum() {
    for (sigma, share) in [(0.3, 0.70), (0.5, 0.75)] {
        let runs = Distribution::lognormal(20.0, sigma);
        let (ours, fixed) = (
            learned_cost(&[(50, &runs)], LEARNERS),
            cost(&fixed(), &runs),
        );
        let best = cost(&optimum(&runs), &runs);
        assert!(
            ours.requests <= share * fixed.requests,
            "{sigma}: {ours:?} {fixed:?}"
        );
        assert!(ours.lag <= fixed.lag, "{sigma}: {ours:?} {fixed:?}");
        assert!(
            ours.total() <= 1.2 * best.total(),
            "{sigma}: {ours:?} {best:?}"
        );
    }
}

#[test]
fn learned_nears_the_optimum_of_two_kinds_of_run() {
    let runs = Distribution::bimodal(0.7, (12.0, 0.2), (45.0, 0.25));
    let (ours, best) = (
        learned_cost(&[(50, &runs)], LEARNERS),
        cost(&optimum(&runs), &runs),
    );
    assert!(ours.total() <= 1.2 * best.total(), "{ours:?} {best:?}");
}

#[test]
fn learned_recovers_when_runs_take_twice_or_half_as_long() {
    for sigma in [0.3, 0.5] {
        let before = Distribution::lognormal(20.0, sigma);
        for factor in [2.0, 0.5] {
            let after = before.times(factor);
            let ours = learned_cost(&[(50, &before), (50, &after)], LEARNERS / 2);
            let best = cost(&optimum(&after), &after);
            assert!(
                ours.total() <= 1.2 * best.total(),
                "{}: {ours:?} {best:?}",
                after.name
            );
        }
    }
}

#[test]
fn cold_is_never_much_worse_than_the_better_simple_schedule() {
    let mut all = vec![Distribution::bimodal(0.7, (12.0, 0.2), (45.0, 0.25))];
    for median in [3.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0] {
        all.extend([0.1, 0.3, 0.5, 0.8].map(|sigma| Distribution::lognormal(median, sigma)));
    }
    for runs in all {
        let ours = cost(&Schedule::default(), &runs).total();
        let simple = cost(&fixed(), &runs)
            .total()
            .min(cost(&exponential(), &runs).total());
        assert!(ours <= 1.3 * simple, "{}: {ours} {simple}", runs.name);
    }
}

#[test]
fn simulator_agrees_with_what_is_known() {
    // Fixed: the mean duration over three seconds, and half a question; half the pause as lag.
    let runs = Distribution::lognormal(20.0, 0.5);
    let fixed = cost(&fixed(), &runs);
    assert!((fixed.requests - 8.05).abs() < 0.02, "{fixed:?}");
    assert!((fixed.lag - 1.50).abs() < 0.02, "{fixed:?}");
    // No schedule beats the optimum.
    let best = cost(&optimum(&runs), &runs).total();
    for tenths in 20..60 {
        let other = Schedule::every(Duration::from_millis(tenths * 100));
        assert!(cost(&other, &runs).total() > best);
    }
}

#[test]
fn simple_schedules_ask_at_the_moments_they_name() {
    let moments = |schedule: &Schedule, count| {
        let next = |at: &Duration| Some(schedule.next_after(*at));
        let moments = std::iter::successors(Some(Duration::ZERO), next).skip(1);
        moments
            .take(count)
            .map(|at| at.as_millis())
            .collect::<Vec<_>>()
    };
    assert_eq!(moments(&fixed(), 3), [3000, 6000, 9000]);
    let growing = [1000, 2500, 4750, 8125, 13125, 18125];
    assert_eq!(moments(&exponential(), 6), growing);
    let listed = Schedule::at([9, 4, 4].map(Duration::from_secs));
    assert_eq!(moments(&listed, 4), [4000, 9000, 39_000, 69_000]);
    assert_eq!(moments(&Schedule::every(Duration::ZERO), 2), [10, 20]);
    let odd = Schedule::growing(Duration::ZERO, f64::NAN, Duration::ZERO);
    assert_eq!(moments(&odd, 2), [10, 20]);
    let endless = Schedule::growing(Duration::from_secs(1), f64::INFINITY, Duration::MAX);
    assert_eq!(endless.next_after(Duration::from_secs(1)), Duration::MAX);
}

#[test]
fn what_was_learned_is_bounded_and_survives_a_restart() {
    let mut learned = Learned::default();
    for k in 0..1000_u64 {
        let agent = format!("agent{}", k % 300);
        learned.observe(
            &agent,
            4,
            Duration::from_secs(k),
            Duration::from_secs(k + 1),
        );
        learned.observe(
            "aimodel",
            4,
            Duration::from_secs(k),
            Duration::from_secs(k + 1),
        );
    }
    assert_eq!(learned.runs("aimodel", 4), 48);
    assert_eq!(learned.runs("aimodel", 2), 0);
    let json = serde_json::to_string(&learned).unwrap();
    assert!(json.len() < 100_000, "{}", json.len());
    let restored: Learned = serde_json::from_str(&json).unwrap();
    assert_eq!(
        restored.schedule("aimodel", 4),
        learned.schedule("aimodel", 4)
    );
    assert_ne!(restored.schedule("aimodel", 4), Schedule::default());
}

#[test]
fn nonsense_is_not_learned() {
    let json = r#"{"a/1": [[-1, 2], [3, 3], [5, 4], [1, 2]], "b/1": [[9, 1]]}"#;
    let learned: Learned = serde_json::from_str(json).unwrap();
    assert_eq!((learned.runs("a", 1), learned.runs("b", 1)), (1, 0));
    let huge: Learned = serde_json::from_str(r#"{"a/1": [[0, 3e38], [1e38, 2e38]]}"#).unwrap();
    assert!(huge.schedule("a", 1).next_after(Duration::ZERO) > Duration::ZERO);
    assert!(serde_json::from_str::<Learned>(r#"{"a/1": [["x", null]]}"#).is_err());
}
#[test]
fn default_schedule_widens_with_age() {
    let cold = Schedule::default();
    let pause = |age| {
        let at = cold.next_after(Duration::from_secs(age));
        (cold.next_after(at) - at).as_secs_f64()
    };
    assert!((cold.next_after(Duration::ZERO).as_secs_f64() - 3.0).abs() < 0.1);
    for (age, expected) in [(10, 3.0), (30, 4.0), (120, 7.5)] {
        assert!((pause(age) - expected).abs() < 0.5, "{age}: {}", pause(age));
    }
}
