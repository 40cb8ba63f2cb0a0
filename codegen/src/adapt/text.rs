//! Descriptions as documentation that rustdoc takes for text and never for a test.

/// A description without anything that rustdoc would compile.
pub(super) fn plain(text: &str) -> String {
    let text = one_kind_of_line(text);
    let mut fenced = false;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
            lines.push(if fenced {
                "```text".to_owned()
            } else {
                "```".to_owned()
            });
        } else if fenced || line.len() - trimmed.len() < 4 && !line.starts_with('\t') {
            lines.push(line.trim_end().to_owned());
        } else {
            // Four blanks make a code block, and a code block is a test.
            lines.push(format!("   {}", trimmed.trim_end()));
        }
    }
    if fenced {
        lines.push("```".to_owned());
    }
    lines.join("\n").trim().to_owned()
}

/// Lines that end alike, without what cannot be seen: rustc takes no carriage return in a comment and no
/// character that turns the direction of what follows.
fn one_kind_of_line(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.replace(|c: char| hidden(c) && c != '\n', "")
}

/// Generated source without the characters that rustc refuses in a comment. Nothing else is lost: in a
/// literal they are escaped.
pub(crate) fn visible(source: &str) -> String {
    source.replace('\r', " ").replace(turning, "")
}

fn hidden(c: char) -> bool {
    c.is_control() && c != '\t' || turning(c)
}

fn turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn lines_end_alike_and_what_is_hidden_goes() {
        assert_eq!(plain("one\rtwo\r\n\nthree\u{0}\u{7}"), "one\ntwo\n\nthree");
        assert_eq!(
            plain("left \u{2067}right\u{2069} end\u{202e}"),
            "left right end"
        );
    }

    #[test]
    fn nothing_is_left_that_rustdoc_would_compile() {
        let text = "A list:\n    let x = 1;\n\tcode\n```\nbare\n```\n~~~rust\nopen";
        assert_eq!(
            plain(text),
            "A list:\n   let x = 1;\n   code\n```text\nbare\n```\n```text\nopen\n```"
        );
    }
}
