//! The table's lines.

use super::Missing;

/// One need.
pub(super) struct Row<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) shape: &'a str,
    pub(super) needed_by: &'a str,
}

impl<'a> Row<'a> {
    /// What the need is about, and the part of that which it is for.
    pub(super) fn split(&self) -> (&'a str, &'a str) {
        self.name.split_once('.').unwrap_or((self.name, ""))
    }

    /// What is wrong with a thing of this shape.
    pub(super) fn compare(&self, found: &str) -> Option<String> {
        let other = !self.shape.is_empty() && found != self.shape;
        other.then(|| format!("is {found:?} and not {:?}", self.shape))
    }
}

/// Everything that is needed.
pub(super) struct Table<'a> {
    pub(super) rows: Vec<Row<'a>>,
    /// The lines that say nothing that can be understood.
    pub(super) unread: Vec<Missing>,
}

const KINDS: [&str; 11] = [
    "server",
    "security",
    "operation",
    "method",
    "body",
    "parameter",
    "part",
    "answer",
    "schema",
    "property",
    "value",
];

impl<'a> Table<'a> {
    pub(super) fn read(needs: &'a str) -> Self {
        let mut table = Self {
            rows: Vec::new(),
            unread: Vec::new(),
        };
        let lines = needs
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let why = match columns.as_slice() {
                [kind, name, shape, needed_by] if KINDS.contains(kind) => {
                    table.rows.push(Row {
                        kind,
                        name,
                        shape,
                        needed_by,
                    });
                    continue;
                }
                [_, _, _, _] => "begins with a kind that there is not",
                _ => "does not have four columns",
            };
            table.unread.push(Missing {
                what: format!("the line {:?}", columns.join(" | ")),
                needed_by: "the table of needs".to_owned(),
                why: why.to_owned(),
            });
        }
        table
    }

    /// Whether there is a row for this.
    pub(super) fn lists(&self, kind: &str, name: &str) -> bool {
        self.rows
            .iter()
            .any(|row| row.kind == kind && row.name == name)
    }

    /// Whether there is a row for a member of something.
    pub(super) fn lists_member(&self, kind: &str, owner: &str, member: &str) -> bool {
        self.members(kind, owner).any(|listed| listed == member)
    }

    /// The members of something that there are rows for.
    pub(super) fn members<'t>(
        &'t self,
        kind: &'t str,
        owner: &'t str,
    ) -> impl Iterator<Item = &'a str> + 't {
        let rows = self.rows.iter().filter(move |row| row.kind == kind);
        rows.map(Row::split)
            .filter(move |(of, _)| *of == owner)
            .map(|(_, member)| member)
    }
}
