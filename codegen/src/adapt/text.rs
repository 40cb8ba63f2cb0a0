//! Descriptions as documentation that rustdoc takes for text and never for a test.

/// A description without anything that rustdoc would compile.
pub(super) fn plain(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_is_left_that_rustdoc_would_compile() {
        let text = "A list:\n    let x = 1;\n\tcode\n```\nbare\n```\n~~~rust\nopen";
        assert_eq!(
            plain(text),
            "A list:\n   let x = 1;\n   code\n```text\nbare\n```\n```text\nopen\n```"
        );
    }
}
