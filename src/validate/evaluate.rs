//! Holds a request against a table of [`Row`]s.
//!
//! Two things hold for every row. A text of white space alone is not given, and neither is `null`. And
//! a row that reads a field which is not what the document states says nothing: what it would say is a
//! guess, and the caller has that field to mend anyway.

use serde_json::{Map, Value};

use super::facts::{Kind, Schema};
use super::input::{Input, Source};
use super::png;
use super::row::{Check, Condition, Row, Side};
use super::rule::Rule;
use super::text::{choice, is_blank, is_hex_colour, names_figure, unreachable};
use super::violation::{Report, Violations};

pub(super) struct Request<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) params: &'a Map<String, Value>,
    /// What the document says of `params`, for messages that name the values to choose from.
    pub(super) schema: Option<&'a Schema<'a>>,
    pub(super) loopback_images: bool,
}

impl Request<'_> {
    /// Checks what holds between fields, after the fields themselves.
    pub(super) fn check(&self, mut report: Report, tables: &[&[Row]]) -> Result<(), Violations> {
        report.fields_are_checked();
        self.rows(&mut report, tables);
        self.urls(&mut report);
        report.finish()
    }

    fn rows(&self, report: &mut Report, tables: &[&[Row]]) {
        for row in tables.iter().copied().flatten() {
            let doubtful = row
                .check
                .reads()
                .any(|field| report.doubts("/params", field));
            if !doubtful && self.applies(report, row.condition) {
                self.row(report, row);
            }
        }
    }

    /// Every agent's rule: what the service is to fetch or to call, it can reach.
    fn urls(&self, report: &mut Report) {
        for (field, source) in self.input.images() {
            let Some(url) = source.and_then(Source::url) else {
                continue;
            };
            // Without its original image no run can be; any other field may be there and say nothing.
            if (field == "originalImage" || !is_blank(url)) && !report.doubts("/input", field) {
                self.image(report, "/input", field, url);
            }
        }
        if let Some(url) = self.input.callback_url.filter(|url| !is_blank(url)) {
            public(report, "", "callbackUrl", unreachable(url, false));
        }
    }

    fn image(&self, report: &mut Report, parent: &str, field: &str, url: &str) {
        public(
            report,
            parent,
            field,
            unreachable(url, self.loopback_images),
        );
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.params
            .get(field)?
            .as_str()
            .filter(|text| !is_blank(text))
    }

    fn has(&self, field: &str) -> bool {
        match self.params.get(field) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !is_blank(text),
            Some(_) => true,
        }
    }

    fn whole(&self, field: &str) -> Option<i64> {
        let value = self.params.get(field)?;
        // 4.0 is a whole number to the document; casting saturates, which is what comparing needs.
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|float| float as i64))
    }

    /// The greatest value that the document allows a field.
    fn most(&self, field: &str) -> Option<i64> {
        match self.schema?.field(field)?.kind {
            Kind::Integer { max, .. } => max,
            _ => None,
        }
    }

    fn applies(&self, report: &Report, condition: Condition) -> bool {
        let (field, values, wanted) = match condition {
            Condition::Always => return true,
            Condition::When(field, values) => (field, values, true),
            Condition::Unless(field, values) => (field, values, false),
        };
        let holds = self.text(field).is_some_and(|text| values.contains(&text));
        holds == wanted && !report.doubts("/params", field)
    }

    fn row(&self, report: &mut Report, row: &Row) {
        let Row {
            rule, condition, ..
        } = *row;
        match row.check {
            Check::AnyOf(fields) => {
                if !fields.iter().any(|field| self.has(field)) {
                    let message = format!("give at least one of {}", choice(fields));
                    report.add(rule, "/params".to_owned(), message);
                }
            }
            Check::ExactlyOne(one, other) => self.exactly_one(report, row, one, other),
            Check::Needed(field) => {
                if !self.has(field) {
                    report.add(rule, in_params(field), self.lack(field, condition));
                }
            }
            Check::NotBlank(field) => {
                let text = self.params.get(field).and_then(Value::as_str);
                if text.is_some_and(is_blank) {
                    report.add(
                        rule,
                        in_params(field),
                        format!("`{field}` must not be blank"),
                    );
                }
            }
            Check::Unused(field) => {
                if self.has(field) {
                    let with = holding(condition);
                    let message = format!("`{field}` is used{with} only: leave it out");
                    report.add(rule, in_params(field), message);
                }
            }
            Check::PngBase64(field) => {
                if let Some(problem) = self.text(field).and_then(png::problem_in_base64) {
                    report.add(rule, in_params(field), format!("`{field}` {problem}"));
                }
            }
            Check::HexColour(field) => {
                if self.text(field).is_some_and(|text| !is_hex_colour(text)) {
                    let message = format!("`{field}` must be `#` and six hexadecimal digits");
                    report.add(rule, in_params(field), message);
                }
            }
            Check::PublicUrl(field) => {
                if let Some(url) = self.text(field) {
                    self.image(report, "/params", field, url);
                }
            }
            Check::SameSize(field) => self.same_size(report, rule, field),
            Check::Figure {
                text,
                number,
                image,
            } => self.figure(report, rule, text, number, image),
            Check::Fits {
                offset,
                canvas,
                side,
            } => self.fits(report, rule, offset, canvas, side),
        }
    }

    fn exactly_one(&self, report: &mut Report, row: &Row, one: &str, other: &str) {
        let (at, message) = match (self.has(one), self.has(other)) {
            (true, true) => (
                other,
                format!("`{one}` and `{other}` are both given: leave one out"),
            ),
            (false, false) => {
                let with = holding(row.condition);
                (
                    one,
                    format!("`{one}` or `{other}` is required{with}: set one of them"),
                )
            }
            _ => return,
        };
        report.add(row.rule, in_params(at), message);
    }

    /// What to say of a field that is needed and not there.
    fn lack(&self, field: &str, condition: Condition) -> String {
        let Condition::When(trigger, values) = condition else {
            return format!("`{field}` is required{}", holding(condition));
        };
        let of = |field: &str| {
            self.schema
                .map(|schema| schema.values(field))
                .unwrap_or_default()
        };
        let others: Vec<&str> = of(trigger)
            .iter()
            .copied()
            .filter(|value| !values.contains(value))
            .collect();
        let remedy = match (of(field), others.as_slice()) {
            (own @ [_, ..], _) => format!("set {}", choice(own)),
            ([], []) => "set it".to_owned(),
            ([], others) => format!("set it, or set `{trigger}` to {}", choice(others)),
        };
        format!("`{field}` is required{}: {remedy}", holding(condition))
    }

    fn same_size(&self, report: &mut Report, rule: Rule, field: &str) {
        let Some((width, height)) = self.input.original_image.and_then(Source::size) else {
            return;
        };
        let Some(mask) = self.text(field).and_then(png::size_in_base64) else {
            return;
        };
        if mask != (width, height) {
            let message = format!(
                "`{field}` is {} by {} pixels, and `originalImage` is {width} by {height}: \
                 give a mask of the image's size",
                mask.0, mask.1
            );
            report.add(rule, in_params(field), message);
        }
    }

    fn figure(&self, report: &mut Report, rule: Rule, text: &str, number: char, image: &str) {
        let is_given = self.input.images().iter().any(|&(name, source)| {
            let blank = |source: Source<'_>| source.url().is_some_and(is_blank);
            name == image && source.is_some_and(|source| !blank(source))
        });
        let is_named = || {
            self.text(text)
                .is_some_and(|text| names_figure(text, number))
        };
        if is_given || !is_named() || report.doubts("/input", image) {
            return;
        }
        let message = format!(
            "`{text}` names `Figure {number}`, which is `{image}`: give that image, or leave the figure out"
        );
        report.add(rule, format!("/input/{image}"), message);
    }

    fn fits(&self, report: &mut Report, rule: Rule, offset: &str, canvas: &str, side: Side) {
        let Some((width, height)) = self.input.original_image.and_then(Source::size) else {
            return;
        };
        let (pixels, word) = match side {
            Side::Width => (i64::from(width), "wide"),
            Side::Height => (i64::from(height), "high"),
        };
        let Some(room) = self.whole(canvas) else {
            return;
        };
        let from = self.whole(offset).unwrap_or(0);
        let end = pixels.saturating_add(from);
        if end <= room {
            return;
        }
        let image = format!("`originalImage` is {pixels} pixels {word}");
        let can_be = |size: i64| self.most(canvas).is_none_or(|most| size <= most);
        let spare = room.saturating_sub(pixels);
        let (at, remedy) = match spare >= 0 {
            true if can_be(end) => (
                offset,
                format!("`{offset}` must be at most {spare}, or `{canvas}` at least {end}"),
            ),
            true => (offset, format!("`{offset}` must be at most {spare}")),
            false if can_be(end) => (canvas, format!("`{canvas}` must be at least {end}")),
            false if can_be(pixels) => (
                canvas,
                format!("`{canvas}` must be at least {pixels}, and `{offset}` smaller"),
            ),
            false => (canvas, format!("no `{canvas}` is that large")),
        };
        let message = format!("{image}: {remedy}");
        report.add(rule, in_params(at), message);
    }
}

fn public(report: &mut Report, parent: &str, field: &str, problem: Option<&str>) {
    if let Some(problem) = problem {
        let message = format!("`{field}` {problem}");
        report.add(Rule::PublicUrl, format!("{parent}/{field}"), message);
    }
}

fn in_params(field: &str) -> String {
    format!("/params/{field}")
}

/// The condition as the end of a sentence: `` with `a: b` or `a: c` ``.
fn holding(condition: Condition) -> String {
    let (field, values) = match condition {
        Condition::Always => return String::new(),
        Condition::When(field, values) | Condition::Unless(field, values) => (field, values),
    };
    let mut out = String::new();
    for (index, value) in values.iter().enumerate() {
        out += match index {
            0 => " with ",
            _ => " or ",
        };
        out += &format!("`{field}: {value}`");
    }
    out
}
