//! A report for people, for pull requests, for programs and for workflow logs.

use std::io::{self, Write};
use std::str::FromStr;

use serde_json::{Value, json};

use super::types::{ApiChange, Change, Class, Need, Report, Side};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For a pull request or an issue.
    Markdown,
    /// For programs.
    Json,
    /// Workflow annotations, as GitHub reads them from a log.
    Github,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "markdown" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            "github" => Ok(Self::Github),
            _ => Err(format!("{text:?} is none of text, markdown, json, github")),
        }
    }
}

/// Writes a report.
///
/// # Errors
/// What `out` refuses to take.
pub fn write(report: &Report, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text(report, out),
        Format::Markdown => markdown(report, out),
        Format::Json => {
            let pretty = serde_json::to_string_pretty(&value(report))?;
            writeln!(out, "{pretty}")
        }
        Format::Github => github(report, out),
    }
}

/// The report in one line.
pub fn summary(report: &Report) -> String {
    let missing = match report.missing.len() {
        0 => String::new(),
        n => format!("; the library in src/ needs {n} things that are gone or changed"),
    };
    if report.changes.is_empty() {
        return format!("no changes{missing}");
    }
    let counts = Class::ALL.map(|class| format!("{} {}", report.count(class), class.name()));
    let changes = match report.changes.len() {
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    };
    format!("{changes}: {}{missing}", counts.join(", "))
}

fn need(need: &Need) -> String {
    format!("{} needs {}, which {}", need.needed_by, need.what, need.why)
}

fn text(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", summary(report))?;
    for change in &report.changes {
        writeln!(out)?;
        writeln!(out, "{}: {}", change.class.name(), plain(&change.what))?;
        writeln!(out, "  in   {}", plain(&place(change)))?;
        for operation in &change.operations {
            writeln!(out, "  of   {}", plain(operation))?;
        }
        writeln!(out, "  why  {}", plain(&change.why))?;
        for api in &change.api {
            writeln!(out, "  api  {}", plain(&effect(api)))?;
        }
    }
    if !report.missing.is_empty() {
        writeln!(out)?;
    }
    for missing in &report.missing {
        writeln!(out, "needed: {}", plain(&need(missing)))?;
    }
    for note in &report.notes {
        writeln!(out, "\nnote: {}", plain(note))?;
    }
    Ok(())
}

fn place(change: &Change) -> String {
    let side = match change.side {
        Side::Old => ", as vendored",
        Side::New => "",
    };
    let pointer = match change.pointer.as_str() {
        "" => "the whole document",
        pointer => pointer,
    };
    format!("{pointer} ({}{side})", change.direction.name())
}

fn effect(api: &ApiChange) -> String {
    match api {
        ApiChange::Added { item, now } => format!("+ {item}: {now}"),
        ApiChange::Removed { item, was } => format!("- {item}: {was}"),
        ApiChange::Changed { item, was, now } => format!("~ {item}: {was} => {now}"),
    }
}

/// Texts of a document may hold anything, a terminal's control sequences included.
fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let kept = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(kept)
        })
        .collect()
}

fn markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## The API description has drifted")?;
    writeln!(out, "\n**{}**", summary(report))?;
    if !report.missing.is_empty() {
        writeln!(out, "\n### Needed by the library\n")?;
        for missing in &report.missing {
            writeln!(out, "- {}", inert(&need(missing)))?;
        }
    }
    for class in Class::ALL {
        let mut changes = report
            .changes
            .iter()
            .filter(|c| c.class == class)
            .peekable();
        if changes.peek().is_none() {
            continue;
        }
        writeln!(out, "\n### {}\n", heading(class))?;
        for change in changes {
            markdown_change(change, out)?;
        }
    }
    if !report.notes.is_empty() {
        writeln!(out, "\n### Notes\n")?;
        for note in &report.notes {
            writeln!(out, "- {}", inert(note))?;
        }
    }
    Ok(())
}

fn heading(class: Class) -> &'static str {
    match class {
        Class::Breaking => "Breaking",
        Class::Unclassified => "Unclassified, counts as breaking",
        Class::Compatible => "Compatible",
        Class::Documentation => "Documentation only",
    }
}

fn markdown_change(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "- **{}**: {}", inert(&change.what), inert(&change.why))?;
    writeln!(out, "  {}", code(&place(change)))?;
    if !change.operations.is_empty() {
        let operations: Vec<_> = change.operations.iter().map(|o| code(o)).collect();
        writeln!(out, "  of {}", operations.join(", "))?;
    }
    for api in &change.api {
        writeln!(out, "  - {}", code(&effect(api)))?;
    }
    Ok(())
}

/// Words with their code spans kept, and nothing else that Markdown or GitHub would act on.
fn inert(text: &str) -> String {
    let text = plain(text);
    if text.matches('`').count() % 2 == 1 {
        return code(&text);
    }
    let parts = text.split('`').enumerate();
    let shown = parts.map(|(index, part)| match (index % 2 == 1, part.is_empty()) {
        (true, true) => "``".to_owned(),
        (true, false) => code(part),
        (false, _) => part.chars().fold(String::new(), |mut out, c| {
            if r"\*_{}[]<>#|@!~&".contains(c) {
                out.push('\\');
            }
            out.push(c);
            // GitHub looks for mentions after it has dropped the backslash.
            if c == '@' {
                out.push('\u{200b}');
            }
            out
        }),
    });
    shown.collect()
}

/// A code span that holds any text, backticks included.
fn code(text: &str) -> String {
    let text = plain(text);
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    if text.contains('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

fn value(report: &Report) -> Value {
    let counts: serde_json::Map<String, Value> = Class::ALL
        .iter()
        .map(|class| (class.name().to_owned(), report.count(*class).into()))
        .collect();
    let changes: Vec<Value> = report.changes.iter().map(change_value).collect();
    let missing = |n: &Need| json!({"what": n.what, "needed_by": n.needed_by, "why": n.why});
    let missing: Vec<Value> = report.missing.iter().map(missing).collect();
    json!({
        "summary": summary(report),
        "counts": counts,
        "changes": changes,
        "missing": missing,
        "notes": report.notes,
    })
}

fn change_value(change: &Change) -> Value {
    let api: Vec<Value> = change
        .api
        .iter()
        .map(|api| match api {
            ApiChange::Added { item, now } => json!({"added": item, "now": now}),
            ApiChange::Removed { item, was } => json!({"removed": item, "was": was}),
            ApiChange::Changed { item, was, now } => {
                json!({"changed": item, "was": was, "now": now})
            }
        })
        .collect();
    let document = match change.side {
        Side::Old => "vendored",
        Side::New => "remote",
    };
    json!({
        "class": change.class.name(),
        "direction": change.direction.name(),
        "operations": change.operations,
        "pointer": change.pointer,
        "document": document,
        "what": change.what,
        "why": change.why,
        "api": api,
    })
}

fn github(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "::notice title=API drift::{}", data(&summary(report)))?;
    for change in &report.changes {
        let level = match change.class {
            Class::Breaking | Class::Unclassified => "error",
            Class::Compatible => "warning",
            Class::Documentation => "notice",
        };
        let title = property(&format!("{}: {}", change.class.name(), change.what));
        let mut lines = vec![place(change)];
        lines.extend(change.operations.iter().cloned());
        lines.push(change.why.clone());
        lines.extend(change.api.iter().map(effect));
        let lines: Vec<String> = lines.iter().map(|line| data(line)).collect();
        writeln!(
            out,
            "::{level} file=openapi.yaml,title={title}::{}",
            lines.join("%0A")
        )?;
    }
    for missing in &report.missing {
        writeln!(
            out,
            "::error file=src/needs.txt,title=Needed by the library::{}",
            data(&need(missing))
        )?;
    }
    for note in &report.notes {
        writeln!(out, "::notice title=API drift::{}", data(note))?;
    }
    Ok(())
}

/// What a workflow command takes as its message.
fn data(text: &str) -> String {
    plain(text).replace('%', "%25")
}

/// What a workflow command takes as a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
