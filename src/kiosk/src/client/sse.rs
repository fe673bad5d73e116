//! Reading server-sent events as the HTML standard defines them.

/// Longer than any event of the contract by far; what has no end is not the cloud.
const LONGEST_LINE: usize = 256 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Message {
    /// Its name; empty means `message`.
    pub(super) event: String,
    /// Its data, lines joined.
    pub(super) data: String,
}

/// The stream is not one of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotEvents;

/// Takes bytes in any portions and gives the events in them.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    message: Message,
    has_data: bool,
    after_cr: bool,
    begun: bool,
}

impl Parser {
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Message>, NotEvents> {
        let mut messages = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::take(&mut self.after_cr);
            match byte {
                b'\n' if after_cr => {}
                b'\r' | b'\n' => {
                    self.after_cr = byte == b'\r';
                    messages.extend(self.end_of_line());
                }
                _ if self.line.len() + self.message.data.len() >= LONGEST_LINE => {
                    return Err(NotEvents);
                }
                _ => self.line.push(byte),
            }
        }
        Ok(messages)
    }

    fn end_of_line(&mut self) -> Option<Message> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = if self.begun { &*line } else { line.strip_prefix('\u{feff}').unwrap_or(&line) };
        self.begun = true;
        if line.is_empty() {
            let message = std::mem::take(&mut self.message);
            return std::mem::take(&mut self.has_data).then_some(message);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.message.data.push('\n');
                }
                self.message.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.message.event),
            // `id` is in the data too; `retry` is ours to decide; an empty name is a comment.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_LINE, Message, NotEvents, Parser};
    use proptest::prelude::*;

    fn data(text: &str) -> Message {
        Message { event: String::new(), data: text.to_owned() }
    }

    #[test]
    fn reads_as_the_standard_says() {
        let stream = "\u{feff}: keep\r\n\r\ndata: a\ndata:  b\nid: 7\nretry: 1\n\ndata\n\nevent: x\rdata:c\r\r\
                      event: lost\n\ndata: unfinished\n";
        let messages = Parser::default().feed(stream.as_bytes()).unwrap();
        let named = Message { event: "x".to_owned(), data: "c".to_owned() };
        assert_eq!(messages, [data("a\n b"), data(""), named]);
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut parser = Parser::default();
        assert_eq!(parser.feed(&vec![b'x'; LONGEST_LINE]), Ok(vec![]));
        assert_eq!(parser.feed(b"x"), Err(NotEvents));
        let mut parser = Parser::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; LONGEST_LINE / 2], b"\n"].concat();
        assert!(parser.feed(&line).is_ok());
        assert!(
            (0..3).any(|_| parser.feed(&line).is_err()),
            "many lines of one event are bounded too"
        );
    }

    proptest! {
        #[test]
        fn portions_do_not_matter(
            texts in proptest::collection::vec("[^\r\n\u{feff}]{0,20}", 0..8),
            ends in proptest::collection::vec(0..3_usize, 8),
            cuts in proptest::collection::vec(1..7_usize, 0..100),
        ) {
            let mut stream = Vec::new();
            for (text, end) in texts.iter().zip(&ends) {
                let end = ["\n", "\r", "\r\n"][*end];
                stream.extend_from_slice(format!(": hi{end}data: {text}{end}{end}").as_bytes());
            }
            let whole = Parser::default().feed(&stream).unwrap();
            let expected: Vec<Message> = texts.iter().map(|t| data(t)).collect();
            prop_assert_eq!(&whole, &expected);

            let mut parser = Parser::default();
            let mut rest = stream.as_slice();
            let mut portions = Vec::new();
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                portions.extend(parser.feed(now).unwrap());
                rest = later;
            }
            portions.extend(parser.feed(rest).unwrap());
            prop_assert_eq!(portions, expected);
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut parser = Parser::default();
            for portion in bytes.chunks(7) {
                let _ = parser.feed(portion);
            }
        }
    }
}
