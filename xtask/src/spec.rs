//! A document with everything that is made of it, and the comparison of two of them.

use serde_json::Value;
use weshop_codegen::{Document, Generated, Lowered, Options, check_needs, generate, lower};

use crate::drift::types::{Change, Class, Direction, Need, Report, Side};
use crate::drift::{api, detect, second_opinion};
use crate::quiet::quietly;
use crate::surface::{self, Surface};
use crate::{Failure, validate};

/// A document that was read, and what can be made of it.
#[derive(Debug)]
pub struct Spec {
    document: Document,
    made: Result<Made, Problem>,
}

/// What a document is turned into.
#[derive(Debug)]
pub struct Made {
    /// The 3.0.3 document.
    pub lowered: Lowered,
    /// The generated Rust source, and what could not be generated.
    pub generated: Generated,
    /// The generated API.
    pub surface: Surface,
}

/// Why nothing can be made of a document.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What stands in the way: places and sentences.
    pub obstacles: Vec<(String, String)>,
}

impl Spec {
    /// Reads a document; that it cannot be generated from is found out later, by [`Spec::made`].
    ///
    /// # Errors
    /// Why the bytes are no document.
    pub fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let document =
            Document::parse_bytes(bytes).map_err(|error| Failure::new(error.to_string()))?;
        let made = make(&document);
        Ok(Self { document, made })
    }

    /// The document as written.
    pub fn value(&self) -> &Value {
        self.document.value()
    }

    /// What is made of it.
    ///
    /// # Errors
    /// Why nothing is.
    pub fn made(&self) -> Result<&Made, Failure> {
        self.made.as_ref().map_err(|problem| {
            let lines = problem
                .obstacles
                .iter()
                .map(|(at, why)| format!("{at}: {why}"));
            Failure::new(lines.collect::<Vec<_>>().join("\n"))
        })
    }

    /// Checks that it is OpenAPI 3.1.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn validate(&self) -> Result<(), Failure> {
        validate::validate(self.value()).map_err(|problems| {
            Failure::new(format!("this is not OpenAPI 3.1:\n{}", problems.join("\n")))
        })
    }

    /// What the library's own code would miss if this were vendored, whether or not the library could be
    /// generated from it; nothing where that cannot be told, because even looking ends in a panic.
    pub fn missing(&self, needs: &str) -> Vec<Need> {
        let looked = quietly(|| check_needs(&self.document, needs)).unwrap_or(Ok(()));
        let mut missing = looked.err().unwrap_or_default();
        // Some things the generator refuses only when it tries.
        if let Ok(made) = &self.made {
            for refused in made.generated.check_needs(needs).err().unwrap_or_default() {
                if missing.iter().all(|known| known.what != refused.what) {
                    missing.push(refused);
                }
            }
        }
        missing
            .into_iter()
            .map(|missing| Need {
                what: missing.what,
                needed_by: missing.needed_by,
                why: missing.why,
            })
            .collect()
    }
}

fn make(document: &Document) -> Result<Made, Problem> {
    let problem = |why: String| Problem {
        obstacles: vec![(String::new(), why)],
    };
    let lowered = quietly(|| lower(document)).map_err(problem)?;
    let lowered = lowered.map_err(|obstacles| Problem {
        obstacles: obstacles
            .iter()
            .map(|o| (o.pointer.clone(), format!("{}; {}", o.problem, o.advice)))
            .collect(),
    })?;
    let generated = quietly(|| generate(&lowered, &options())).map_err(problem)?;
    let generated = generated.map_err(|error| problem(error.to_string()))?;
    let surface = surface::read(&generated.source).map_err(problem)?;
    Ok(Made {
        lowered,
        generated,
        surface,
    })
}

/// As `build.rs` generates, so that the surface is that of the library.
fn options() -> Options {
    Options::default().with_inner_type("crate::transport::Hooks")
}

/// Says what changed, for whom, and what the library would miss.
pub fn compare(old: &Spec, new: &Spec, needs: &str) -> Report {
    let (a, b) = (old.value(), new.value());
    let mut report = Report {
        changes: detect(a, b),
        missing: new.missing(needs),
        notes: Vec::new(),
    };
    match (&old.made, &new.made) {
        (Ok(was), Ok(is)) => {
            if !report.changes.is_empty() {
                match second_opinion::ask(was.lowered.value(), is.lowered.value()) {
                    Ok(opinions) => second_opinion::weigh(&mut report, opinions, a, b),
                    Err(why) => report
                        .notes
                        .push(format!("The crate `drift` has no opinion: {why}.")),
                }
            }
            let effects = surface::compare(&was.surface, &is.surface);
            api::attribute(&mut report.changes, effects, a, b);
            let left_before = &was.generated.left_out;
            let left_now = is.generated.left_out.iter();
            let newly = left_now.filter(|left| !left_before.contains(left));
            report
                .notes
                .extend(newly.map(|left| format!("Left out of the generated API: {left}.")));
        }
        (Err(_), _) => report.notes.push(
            "The vendored document cannot be generated from, so APIs are not compared.".to_owned(),
        ),
        (_, Err(problem)) => report.changes.extend(problem.obstacles.iter().map(stuck)),
    }
    let place = |c: &Change| {
        (
            std::cmp::Reverse(c.class),
            c.pointer.clone(),
            c.what.clone(),
        )
    };
    report.changes.sort_by_key(place);
    report
}

/// A change that keeps the library from being generated at all.
fn stuck((pointer, why): &(String, String)) -> Change {
    Change {
        operations: Vec::new(),
        direction: Direction::Neither,
        pointer: pointer.clone(),
        side: Side::New,
        what: "the library can no longer be generated".to_owned(),
        class: Class::Breaking,
        why: why.clone(),
        api: Vec::new(),
    }
}
