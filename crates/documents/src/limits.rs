//! The bounds of reading.

/// How much is read of anything. The defaults suit a machine with 4 GiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of text of one segment.
    pub segment_bytes: usize,
    /// Bytes of a document that must be in memory as a whole to be read (a PDF, a picture, a page). Streams (text, archives,
    /// chats) have none.
    pub document_bytes: u64,
    /// Bytes that all members of one file may become when unpacked, together.
    pub unpacked_bytes: u64,
    /// How many times larger than its packed form a member may become, past the first mebibyte.
    pub ratio: u64,
    /// Members of one file.
    pub members: u64,
    /// How deep documents nest.
    pub depth: usize,
    /// Pixels of a picture.
    pub pixels: u64,
    /// Pages of a PDF.
    pub pages: u32,
    /// Seconds that a document may take that is not a stream.
    pub seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 10,
            document_bytes: 64 << 20,
            unpacked_bytes: 64 << 30,
            ratio: 200,
            members: 10_000_000,
            depth: 8,
            pixels: 50_000_000,
            pages: 5_000,
            seconds: 30,
        }
    }
}
