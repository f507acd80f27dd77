//! Block files as the tests read them, and the states in which a node leaves them on the way.

use std::{fs, path::Path};

/// Bytes at the start of every regtest block in a file.
pub(crate) const MAGIC: [u8; 4] = [0xfa, 0xbf, 0xb5, 0xda];

/// The blocks of each file of a folder in the order of the files, with the XOR key applied. Each is magic, length and
/// block. The zeros that the node allocates in advance are not XORed, so a file ends where its raw bytes are zero.
pub(crate) fn block_files(folder: &Path) -> Vec<Vec<Vec<u8>>> {
    let mut key = fs::read(folder.join("xor.dat")).unwrap_or_default();
    if key.is_empty() {
        key = vec![0];
    }
    let mut files = Vec::new();
    while let Ok(raw) = fs::read(folder.join(format!("blk{:05}.dat", files.len()))) {
        let used = raw.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let clear: Vec<u8> = raw.iter().zip(key.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        let mut blocks = Vec::new();
        let mut at = 0;
        while at < used {
            assert_eq!(clear[at..at + 4], MAGIC, "{} file {} at {at}", folder.display(), files.len());
            let length = u32::from_le_bytes(clear[at + 4..at + 8].try_into().unwrap()) as usize;
            blocks.push(clear[at..at + 8 + length].to_vec());
            at += 8 + length;
        }
        files.push(blocks);
    }
    files
}

/// What follows the last byte that is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tail {
    /// The space that the node allocated in advance: zeros up to the length of the original.
    Allocated,
    /// The end of the file.
    End,
}

/// The only block file of a folder. A node appends to it and changes nothing before its end, so what it held at any
/// earlier time is its beginning.
pub(crate) struct OneFile {
    raw: Vec<u8>,
    key: Vec<u8>,
    /// Where each block ends, in the order in which the node wrote them.
    pub(crate) ends: Vec<usize>,
}

impl OneFile {
    pub(crate) fn read(folder: &Path) -> Self {
        let mut files = block_files(folder);
        assert_eq!(files.len(), 1, "{} holds more than one block file", folder.display());
        let mut end = 0;
        let ends = files.remove(0).into_iter().map(|block| {
            end += block.len();
            end
        });
        let ends = ends.collect();
        Self {
            raw: fs::read(folder.join("blk00000.dat")).unwrap(),
            key: fs::read(folder.join("xor.dat")).unwrap(),
            ends,
        }
    }

    /// Whether the bytes from `from` to `to` stand in the file as allocated space does: then writing them changes
    /// nothing. The key may have a zero where a block has one.
    pub(crate) fn is_zero(&self, from: usize, to: usize) -> bool {
        self.raw[from..to].iter().all(|byte| *byte == 0)
    }

    /// Writes into `folder` what the file held when its first `bytes` bytes were written.
    pub(crate) fn write_as_of(&self, bytes: usize, tail: Tail, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("xor.dat"), &self.key).unwrap();
        let path = folder.join("blk00000.dat");
        fs::write(&path, &self.raw[..bytes]).unwrap();
        if tail == Tail::Allocated {
            // the same zeros, without writing 16 MiB of them each time
            fs::OpenOptions::new().write(true).open(path).unwrap().set_len(self.raw.len() as u64).unwrap();
        }
    }
}
