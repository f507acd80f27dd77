//! Block files: where they are, how they are XORed, where each block begins. Written for this crate alone, so that
//! nothing measured here leans on the decoder it is compared with.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

/// A folder of `blk*.dat` files.
pub(crate) struct BlockFiles {
    /// The files by number.
    pub(crate) paths: Vec<PathBuf>,
    /// What every byte is XORed with, by its offset in the file; zeros for nothing.
    pub(crate) key: [u8; 8],
    /// The four bytes before every block.
    pub(crate) magic: [u8; 4],
}

impl BlockFiles {
    /// Lists `folder` and reads its key, and the magic at the start of the first file.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let path = entry?.path();
            let is_block_file = path.extension().is_some_and(|e| e == "dat")
                && path.file_stem().is_some_and(|name| name.to_string_lossy().starts_with("blk"));
            if is_block_file {
                paths.push(path);
            }
        }
        ensure!(!paths.is_empty(), "{} holds no blk*.dat file", folder.display());
        paths.sort();
        let key_path = folder.join("xor.dat");
        let key = match fs::read(&key_path) {
            Ok(bytes) => bytes
                .try_into()
                .map_err(|b: Vec<u8>| anyhow::anyhow!("{}: {} bytes, not 8", key_path.display(), b.len()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => [0; 8],
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", key_path.display())),
        };
        let mut magic = [0; 4];
        let mut first = fs::File::open(&paths[0]).with_context(|| format!("cannot open {}", paths[0].display()))?;
        first.read_exact(&mut magic).with_context(|| format!("{} holds no block", paths[0].display()))?;
        xor(&mut magic, key);
        Ok(Self { paths, key, magic })
    }

    /// Puts the whole of one file into `buffer`, without its XOR.
    pub(crate) fn read(&self, path: &Path, buffer: &mut Vec<u8>) -> Result<()> {
        buffer.clear();
        fs::File::open(path)
            .and_then(|mut file| file.read_to_end(buffer))
            .with_context(|| format!("cannot read {}", path.display()))?;
        xor(buffer, self.key);
        Ok(())
    }

    /// The blocks of one file as (offset of the block, block).
    pub(crate) fn frames<'a>(&self, path: &'a Path, bytes: &'a [u8]) -> Frames<'a> {
        Frames { path, bytes, key: self.key, magic: self.magic, at: 0 }
    }

    /// Gives every block of every file to `see`, file by file, with the number of its file.
    pub(crate) fn for_each(&self, mut see: impl FnMut(usize, usize, &[u8]) -> Result<()>) -> Result<()> {
        let mut buffer = Vec::new();
        for (number, path) in self.paths.iter().enumerate() {
            self.read(path, &mut buffer)?;
            for frame in self.frames(path, &buffer) {
                let (offset, block) = frame?;
                see(number, offset, block).with_context(|| format!("{} at {offset}", path.display()))?;
            }
        }
        Ok(())
    }

    /// Length of all files together.
    pub(crate) fn total_len(&self) -> Result<u64> {
        self.paths.iter().map(|path| Ok(fs::metadata(path)?.len())).sum()
    }
}

/// XORs bytes from the start of a file.
pub(crate) fn xor(bytes: &mut [u8], key: [u8; 8]) {
    if key != [0; 8] {
        for chunk in bytes.chunks_mut(8) {
            chunk.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        }
    }
}

/// The blocks of a file. Zeros after the last are preallocation; anything else is an error.
pub(crate) struct Frames<'a> {
    path: &'a Path,
    bytes: &'a [u8],
    key: [u8; 8],
    magic: [u8; 4],
    at: usize,
}

impl<'a> Frames<'a> {
    fn step(&mut self) -> Result<Option<(usize, &'a [u8])>> {
        let rest = &self.bytes[self.at..];
        // a node preallocates zeros on disk: what follows the last block is the key itself, once it is XORed away
        if !rest.starts_with(&self.magic) && rest.iter().zip(self.at..).all(|(byte, at)| *byte == self.key[at % 8]) {
            return Ok(None);
        }
        let Some((head, rest)) = rest.split_first_chunk::<8>() else {
            bail!("{}: a block's head is cut off at {}", self.path.display(), self.at);
        };
        let [m0, m1, m2, m3, l0, l1, l2, l3] = *head;
        ensure!([m0, m1, m2, m3] == self.magic, "{}: no block begins at {}", self.path.display(), self.at);
        let len = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let block = rest.get(..len);
        let block = block.with_context(|| format!("{}: a block is cut off at {}", self.path.display(), self.at))?;
        let offset = self.at + 8;
        self.at = offset + len;
        Ok(Some((offset, block)))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<(usize, &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step().transpose();
        if matches!(step, Some(Err(_))) {
            self.at = self.bytes.len();
        }
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(key: [u8; 8], content: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = content.to_vec();
        xor(&mut bytes, key);
        fs::write(folder.path().join("blk00000.dat"), bytes).unwrap();
        fs::write(folder.path().join("xor.dat"), key).unwrap();
        folder
    }

    fn blocks(folder: &Path) -> Result<Vec<(usize, Vec<u8>)>> {
        let mut found = Vec::new();
        BlockFiles::open(folder)?.for_each(|_, offset, block| {
            found.push((offset, block.to_vec()));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn blocks_are_found_through_the_xor_up_to_the_zeros_on_disk() {
        // the last key's bytes are zeros on disk where the second magic stands
        for key in [[0; 8], [1, 2, 3, 4, 5, 6, 7, 8], *b"xxxMAGIx"] {
            let folder = folder(key, b"MAGI\x03\0\0\0abcMAGI\x01\0\0\0d");
            let path = folder.path().join("blk00000.dat");
            fs::write(&path, [fs::read(&path).unwrap(), vec![0; 13]].concat()).unwrap();
            let expected = [(8, b"abc".to_vec()), (19, b"d".to_vec())];
            assert_eq!(blocks(folder.path()).unwrap(), expected, "{key:?}");
        }
    }

    #[test]
    fn what_is_no_block_is_an_error_that_says_where() {
        for (content, expected) in [
            (b"MAGI\x01\0\0\0dMAGX\x01\0\0\0d".as_slice(), "no block begins at 9"),
            (b"MAGI\x02\0\0\0d", "a block is cut off at 0"),
            (b"MAGI\x01\0\0\0dMAGI\x01", "a block's head is cut off at 9"),
        ] {
            let folder = folder([0; 8], content);
            let error = blocks(folder.path()).unwrap_err().to_string();
            assert!(error.contains("blk00000.dat") && error.contains(expected), "{error}");
        }
    }
}
