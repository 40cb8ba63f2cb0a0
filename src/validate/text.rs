//! What single texts say.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// A text of white space alone says nothing.
pub(super) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// `a`, `b` or `c`.
pub(super) fn choice(values: &[&str]) -> String {
    let mut out = String::new();
    for (index, value) in values.iter().enumerate() {
        match values.len() - index {
            _ if index == 0 => {}
            1 => out += " or ",
            _ => out += ", ",
        }
        out += &format!("`{value}`");
    }
    out
}

/// A name as a part of a JSON pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// `#` and six hexadecimal digits.
pub(super) fn is_hex_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#');
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether a text speaks of `Figure N`: the word in any case and not as the end of another, white space
/// or none, the digit, and no further digit.
pub(super) fn names_figure(text: &str, number: char) -> bool {
    const WORD: &[u8] = b"figure";
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(start, first)| {
        // Most letters are no F, and a text may be long.
        if !first.eq_ignore_ascii_case(&WORD[0]) {
            return false;
        }
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        if before.is_some_and(char::is_alphanumeric) {
            return false;
        }
        let end = start + WORD.len();
        let is_word = bytes
            .get(start..end)
            .is_some_and(|word| word.eq_ignore_ascii_case(WORD));
        let mut rest = match text.get(end..) {
            Some(rest) if is_word => rest.trim_start().chars(),
            _ => return false,
        };
        rest.next() == Some(number) && !rest.next().is_some_and(|next| next.is_ascii_digit())
    })
}

/// Why the service cannot fetch a URL, in the words of a message.
pub(crate) fn unreachable(text: &str, loopback_is_fine: bool) -> Option<&'static str> {
    // The parser would take `https:example.com` and text with blanks around it; a service may not.
    let Some((scheme, rest)) = text.split_once("://") else {
        return Some("must be an absolute `http` or `https` URL");
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Some("must be an absolute `http` or `https` URL");
    }
    if text
        .bytes()
        .any(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    {
        return Some("must not contain white space: write `%20` for a space");
    }
    // Whatever follows the host can be written in any way, and is not for us to read.
    let host_end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let Ok(url) = Url::parse(&text[..text.len() - rest.len() + host_end]) else {
        return Some("is not a URL: check its host and port");
    };
    let host = url.host_str().unwrap_or_default();
    if is_this_machine(host) && !loopback_is_fine {
        return Some(
            "must be publicly reachable; a loopback host is another machine to the service",
        );
    }
    None
}

fn is_this_machine(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    match bare.parse() {
        Ok(IpAddr::V4(address)) => is_local_v4(address),
        Ok(IpAddr::V6(address)) => is_local_v6(address),
        Err(_) => false,
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.to_ipv4_mapped().is_some_and(is_local_v4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_as_words_with_their_number() {
        for text in [
            "Figure 2",
            "the model of figure2.",
            "FIGURE \t\u{a0}2",
            "é figure 2",
            "figure 22, figure 2",
            "(figure 2)",
            "_figure 2",
        ] {
            assert!(names_figure(text, '2'), "{text}");
        }
        for text in [
            "",
            "figure",
            "figure 22",
            "figure 3",
            "fig 2",
            "figures 2",
            "figure two",
            "Figure é2",
            "configure 2 softboxes",
            "éfigure 2",
            "2figure 2",
        ] {
            assert!(!names_figure(text, '2'), "{text}");
        }
    }

    #[test]
    fn urls_that_only_this_machine_can_fetch_are_told_apart() {
        for text in [
            "https://example.com/coat.png",
            "HTTP://EXAMPLE.com:8080/a?b=%20#c",
            "http://10.0.0.1/a.png",
            "https://localhost.example.com/a",
            "https://user:word@example.com/a",
            "https://[2001:db8::1]/a",
            "https://пример.рф/шапка.png",
        ] {
            assert_eq!(unreachable(text, false), None, "{text}");
        }
        for text in [
            "",
            "coat.png",
            "/a.png",
            "//example.com/a",
            "ftp://example.com/a",
            "data:image/png;base64,AA==",
            "file:///etc/passwd",
            "https:example.com/a",
            "https://",
            "http://:80/",
            "https://exa mple.com/",
            " https://example.com/",
            "https://example.com/a b",
            "https://example.com:99999/",
            "http://localhost/a",
            "http://LOCALHOST:8080",
            "http://a.localhost/",
            "http://localhost./",
            "http://localhost../",
            "http:///example.com/",
            "http://\\localhost/",
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://127.9.9.9:1/",
            "http://0.0.0.0/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://user@localhost/",
        ] {
            assert!(unreachable(text, false).is_some(), "{text}");
        }
    }

    #[test]
    fn an_emulator_s_urls_are_urls_all_the_same() {
        for text in [
            "http://127.0.0.1:3456/images/1.png",
            "http://[::1]:1/",
            "http://localhost/",
        ] {
            assert_eq!(unreachable(text, true), None, "{text}");
        }
        for text in [
            "http://127.0.0.1:99999/",
            "file:///etc/passwd",
            "http://localhost/a b",
        ] {
            assert!(unreachable(text, true).is_some(), "{text}");
        }
    }

    #[test]
    fn colours_have_six_digits() {
        assert!(is_hex_colour("#ced2CE"));
        for text in [
            "", "#", "ced2ce", "#ced2c", "#ced2ced", "#ced2cg", " #ced2ce", "#çd2ce",
        ] {
            assert!(!is_hex_colour(text), "{text}");
        }
    }

    #[test]
    fn choices_read_as_one_says_them() {
        assert_eq!(choice(&["a"]), "`a`");
        assert_eq!(choice(&["a", "b"]), "`a` or `b`");
        assert_eq!(choice(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
