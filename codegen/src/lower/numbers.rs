//! Values as JSON Schema compares them.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Whether two values are one: `1` is `1.0`, also deep inside.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare(one, other) == Ordering::Equal,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let found = |(key, value): (&String, &Value)| {
                other.get(key).is_some_and(|other| same(value, other))
            };
            one.len() == other.len() && one.iter().all(found)
        }
        _ => one == other,
    }
}

/// Exactly, though a double has no room for the last digits of a large integer.
pub(super) fn compare(one: &Number, other: &Number) -> Ordering {
    let whole = |number: &Number| {
        let signed = number.as_i64().map(i128::from);
        signed.or_else(|| number.as_u64().map(i128::from))
    };
    let double = |number: &Number| number.as_f64().unwrap_or_default();
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(one), None) => whole_and_double(one, double(other)),
        (None, Some(other)) => whole_and_double(other, double(one)).reverse(),
        (None, None) => double(one)
            .partial_cmp(&double(other))
            .unwrap_or(Ordering::Equal),
    }
}

fn whole_and_double(whole: i128, double: f64) -> Ordering {
    // What is outside i128 becomes its end, which no integer of 64 bits reaches.
    let trunk = whole.cmp(&(double.trunc() as i128));
    trunk.then_with(|| 0.0.partial_cmp(&double.fract()).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use serde_json::{Value, json};

    use super::{compare, same};

    #[test]
    fn numbers_are_compared_exactly() {
        let order = |one: Value, other: Value| {
            one.as_number()
                .zip(other.as_number())
                .map(|(one, other)| compare(one, other))
        };
        for (one, other, wanted) in [
            (json!(1), json!(1.0), Ordering::Equal),
            (json!(0), json!(-0.0), Ordering::Equal),
            (json!(1), json!(1.5), Ordering::Less),
            (json!(-1), json!(-1.5), Ordering::Greater),
            (
                json!(9_007_199_254_740_993_i64),
                json!(9_007_199_254_740_992.0),
                Ordering::Greater,
            ),
            (
                json!(u64::MAX),
                json!(18_446_744_073_709_551_616.0),
                Ordering::Less,
            ),
            (json!(u64::MAX), json!(i64::MIN), Ordering::Greater),
            (json!(1), json!(1e300), Ordering::Less),
            (json!(1.5), json!(2.5), Ordering::Less),
        ] {
            assert_eq!(
                order(one.clone(), other.clone()),
                Some(wanted),
                "{one} and {other}"
            );
            assert_eq!(order(other, one), Some(wanted.reverse()));
        }
        assert!(same(&json!([{"a": 1}]), &json!([{"a": 1.0}])));
        assert!(!same(&json!([1, 2]), &json!([1])) && !same(&json!("1"), &json!(1)));
    }
}
