//! The client's rules against a judge that was written apart from them.

use std::collections::BTreeSet;

use weshop::agents;
use weshop::emulator::judge;
use weshop::validate::Rule;

use crate::validate_requests::Requests;

const REQUESTS: usize = 20_000;

/// Rules that the judge knows by the same names.
fn shared(rule: &str) -> bool {
    let parsed: Result<Rule, _> = rule.parse();
    parsed.is_ok_and(|rule| rule >= Rule::AnyOfLook)
}

fn held_against_the_judge(agent: &'static str) {
    let mut requests = Requests::new(agent, 20_260_402);
    let (mut accepted, mut rules) = (0, BTreeSet::new());
    for round in 0..REQUESTS {
        let request = requests.draw();
        let (ours, theirs) = (agents::validate(&request), judge(&request));
        assert_eq!(
            ours.is_ok(),
            theirs.is_ok(),
            "round {round}\n{request}\nclient: {ours:?}\njudge: {theirs:?}"
        );
        let (Err(ours), Err(theirs)) = (ours, theirs) else {
            accepted += 1;
            continue;
        };
        // What the client blames on a rule, the judge blames on the same one.
        for violation in ours
            .iter()
            .filter(|violation| shared(violation.rule().id()))
        {
            let rule = violation.rule().id();
            let agrees = theirs.iter().any(|judgement| judgement.rule == rule);
            assert!(
                agrees,
                "round {round}: {violation}\n{request}\njudge: {theirs:?}"
            );
            rules.insert(violation.rule());
        }
    }
    // A generator that only made rubbish, or only good requests, would prove nothing.
    assert!(
        (REQUESTS / 50..REQUESTS * 3 / 4).contains(&accepted),
        "{accepted} accepted"
    );
    let of_the_agent: BTreeSet<Rule> = agents::find(agent).unwrap().rules().collect();
    let local = BTreeSet::from([Rule::CanvasFit, Rule::MaskSize]);
    assert_eq!(rules, &of_the_agent - &local, "rules that were broken");
}

#[test]
fn virtualtryon_agrees_with_the_judge() {
    held_against_the_judge("virtualtryon");
}

#[test]
fn aimodel_agrees_with_the_judge() {
    held_against_the_judge("aimodel");
}

#[test]
fn aiproduct_agrees_with_the_judge() {
    held_against_the_judge("aiproduct");
}

#[test]
fn aipose_agrees_with_the_judge() {
    held_against_the_judge("aipose");
}

#[test]
fn expandimage_agrees_with_the_judge() {
    held_against_the_judge("expandimage");
}

#[test]
fn remove_bg_agrees_with_the_judge() {
    held_against_the_judge("removeBG");
}
