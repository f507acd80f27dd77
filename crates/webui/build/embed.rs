//! Packs files into Rust source: each with its media type, its hash, and its compressed forms.
//!
//! Compressing once at build time costs the service nothing and packs harder than a server that compresses as it answers.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Bytes under which compressing is not worth a header.
const COMPRESS_MIN: usize = 512;

/// The files of a folder by their paths in it, with slashes, sorted. Maps of sources and the stamp are not for browsers.
pub(crate) fn read(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    gather(folder, "", &mut files)?;
    files.sort();
    Ok(files)
}

fn gather(folder: &Path, above: &str, files: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{name}/"), files)?;
        } else if entry.path().extension().is_none_or(|e| e != "map")
            && !entry.file_name().as_encoded_bytes().starts_with(b".")
        {
            files.push((name, fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// The media type of a file by its name.
pub(crate) fn media(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// Whether files of a type shrink: pictures and fonts are compressed already.
fn shrinks(media: &str) -> bool {
    media.starts_with("text/") || media.ends_with("json") || media.ends_with("xml") || media.ends_with("wasm")
}

/// A file by gzip, at its hardest.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A file by brotli, at its hardest.
pub(crate) fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &settings)?;
    Ok(out)
}

/// Writes `assets.rs` and the files it includes.
pub(crate) fn write(files: &[(String, Vec<u8>)], is_built: bool, out: &Path) -> io::Result<()> {
    let folder = out.join("assets");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let mut source = format!("const IS_BUILT: bool = {is_built};\nstatic ASSETS: &[Asset] = &[\n");
    for (number, (name, bytes)) in files.iter().enumerate() {
        let keep = |suffix: &str, bytes: &[u8]| -> io::Result<String> {
            let path = folder.join(format!("{number}{suffix}"));
            fs::write(&path, bytes)?;
            Ok(format!("include_bytes!({:?})", path.display().to_string()))
        };
        let media = media(name);
        let mut packed = [String::from("None"), String::from("None")];
        if bytes.len() >= COMPRESS_MIN && shrinks(media) {
            for (form, (suffix, small)) in packed.iter_mut().zip([(".gz", gzip(bytes)?), (".br", brotli(bytes)?)]) {
                if small.len() < bytes.len() {
                    *form = format!("Some({})", keep(suffix, &small)?);
                }
            }
        }
        let hash = blake3::hash(bytes).to_hex();
        let [gzip, brotli] = packed;
        let _ = writeln!(
            source,
            "    Asset {{ path: {name:?}, media: {media:?}, hash: {:?}, bytes: {}, gzip: {gzip}, brotli: {brotli} }},",
            &hash[..32],
            keep("", bytes)?,
        );
    }
    source.push_str("];\n");
    fs::write(out.join("assets.rs"), source)
}
