//! The data files of the checks: `name: reason` lines, where a name may end in `*`.

/// One line of such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The name or the beginning of names.
    pub name: &'a str,
    /// Why it is listed; empty where the file gives no reasons.
    pub reason: &'a str,
}

/// The lines of a file without comments and empty lines.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, reason) = line.split_once(": ").unwrap_or((line, ""));
            Line { name, reason }
        })
}

impl Line<'_> {
    /// Whether a name is meant by this line.
    pub fn means(&self, name: &str) -> bool {
        self.name
            .strip_suffix('*')
            .map_or(self.name == name, |beginning| name.starts_with(beginning))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_out_and_stars_mean_families() {
        let read: Vec<Line> = lines("# a list\n\nopenssl*: two\nmio: three\n").collect();
        assert_eq!(read.len(), 2);
        assert!(read[0].means("openssl-sys") && !read[1].means("mio-extras"));
        assert_eq!(read[1].reason, "three");
    }
}
