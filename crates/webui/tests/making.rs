//! How the application is built and packed, on a small one.
#![allow(clippy::unwrap_used)] // tests

#[path = "../build/embed.rs"]
#[allow(dead_code)]
mod embed;
#[path = "../build/missing.rs"]
mod missing;
#[path = "../build/npm.rs"]
#[allow(dead_code)]
mod npm;
#[path = "../build/sources.rs"]
#[allow(dead_code)]
mod sources;

use std::fs;
use std::io::Read;
use std::path::Path;

/// A small application whose build copies a page.
fn application(root: &Path) {
    let ui = root.join("ui");
    fs::create_dir_all(ui.join("src")).unwrap();
    fs::write(root.join("openapi.json"), "{}").unwrap();
    let build = "node -e \"const f=require('fs');f.mkdirSync('dist/assets',{recursive:true});f.copyFileSync('index.html','dist/index.html');f.copyFileSync('src/a.js','dist/assets/a-1.js')\"";
    let package = serde_json::json!({ "name": "small", "version": "1.0.0", "scripts": { "build": build } });
    fs::write(ui.join("package.json"), package.to_string()).unwrap();
    let lock = serde_json::json!({
        "name": "small", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
        "packages": { "": { "name": "small", "version": "1.0.0" } },
    });
    fs::write(ui.join("package-lock.json"), lock.to_string()).unwrap();
    fs::write(ui.join("index.html"), "<!doctype html><title>small</title>").unwrap();
    fs::write(ui.join("src/a.js"), "export const a = 1;\n".repeat(200)).unwrap();
}

#[test]
fn the_hash_changes_with_any_source_and_with_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    application(root.path());
    let ui = root.path().join("ui");
    let first = sources::hash(root.path()).unwrap();
    for beside in ["node_modules/x/index.js", "dist/index.html", "tests/a.spec.ts", ".cache/x", "README.md"] {
        let path = ui.join(beside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
        assert_eq!(sources::hash(root.path()).unwrap(), first, "{beside}");
    }
    let mut seen = vec![first.clone()];
    for source in
        ["ui/src/a.js", "ui/index.html", "ui/package-lock.json", "ui/vite.config.ts", "ui/.npmrc", "openapi.json"]
    {
        fs::write(root.path().join(source), "changed").unwrap();
        let hash = sources::hash(root.path()).unwrap();
        assert!(!seen.contains(&hash), "{source}");
        seen.push(hash);
    }
    // the same bytes under another name
    fs::rename(ui.join("src/a.js"), ui.join("src/b.js")).unwrap();
    assert!(!seen.contains(&sources::hash(root.path()).unwrap()));
    // a built form is of one set of sources
    assert!(!sources::is_built(&ui.join("dist"), &first));
    sources::stamp(&ui.join("dist"), &first).unwrap();
    assert!(sources::is_built(&ui.join("dist"), &first));
    assert!(!sources::is_built(&ui.join("dist"), &seen[1]));
    // everything watched is there: cargo would else run the script every time
    let watched = sources::watched(root.path());
    assert!(watched.iter().all(|path| path.exists()), "{watched:?}");
    assert!(watched.contains(&ui.join("src")) && watched.contains(&ui.join("package.json")));
}

#[test]
fn what_is_packed_unpacks_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (dist, out) = (folder.path().join("dist"), folder.path().join("out"));
    fs::create_dir_all(dist.join("assets")).unwrap();
    fs::create_dir_all(&out).unwrap();
    let script = "console.log('أثر');\n".repeat(500);
    for (name, text) in
        [("index.html", "<!doctype html>"), ("assets/a.js", &script), ("assets/a.js.map", "{}"), (".sources", "x")]
    {
        fs::write(dist.join(name), text).unwrap();
    }
    let files = embed::read(&dist).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["assets/a.js", "index.html"]);
    embed::write(&files, true, &out).unwrap();
    let source = fs::read_to_string(out.join("assets.rs")).unwrap();
    assert!(source.contains("const IS_BUILT: bool = true") && source.contains("\"text/javascript; charset=utf-8\""));
    assert_eq!(source.matches("brotli: Some").count(), 1, "a page of a few bytes is not compressed:\n{source}");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&fs::read(out.join("assets/0.gz")).unwrap()[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, script);
    text.clear();
    brotli::Decompressor::new(&fs::read(out.join("assets/0.br")).unwrap()[..], 4_096)
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, script);
}

#[test]
fn an_old_node_is_told_from_a_new_one() {
    for (version, will_do) in [
        ("v20.19.0\n", true),
        ("v20.18.9", false),
        ("v18.99.1", false),
        ("v22.0.0", true),
        ("", false),
        ("nonsense", false),
    ] {
        assert_eq!(npm::is_new_enough(version), will_do, "{version}");
    }
}

#[test]
fn libraries_are_fetched_again_only_where_the_lock_file_says_others() {
    let root = tempfile::tempdir().unwrap();
    let ui = root.path();
    let lock = |version: &str| {
        serde_json::json!({ "packages": {
            "": { "name": "small" },
            "node_modules/a": { "version": version, "integrity": "sha512-x" },
            "node_modules/other-system": { "version": "1.0.0", "optional": true },
        } })
        .to_string()
    };
    fs::write(ui.join("package-lock.json"), lock("1.0.0")).unwrap();
    assert!(!npm::is_installed(ui));
    fs::create_dir(ui.join("node_modules")).unwrap();
    let there =
        serde_json::json!({ "packages": { "node_modules/a": { "version": "1.0.0", "integrity": "sha512-x" } } });
    fs::write(ui.join("node_modules/.package-lock.json"), there.to_string()).unwrap();
    assert!(npm::is_installed(ui));
    fs::write(ui.join("package-lock.json"), lock("1.0.1")).unwrap();
    assert!(!npm::is_installed(ui));
    fs::write(ui.join("package-lock.json"), r#"{"packages":{"":{}}}"#).unwrap();
    assert!(!npm::is_installed(ui), "a package that the lock file no longer names");
}

#[test]
fn the_page_of_what_is_missing_speaks_both_languages_and_shows_tools_as_text() {
    let page = missing::page("npm: <script>alert(1)</script> & \u{1b}[31mred");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; [31mred") && !page.contains("<script"));
    assert!(page.contains("lang=\"en\" dir=\"ltr\"") && page.contains("lang=\"ar\" dir=\"rtl\""));
    // the policy of the service's pages allows no style of their own
    assert!(!page.contains("<style") && !page.contains("style="));
}

#[test]
fn a_small_application_is_built_where_node_is_there() {
    if std::process::Command::new("node").arg("--version").output().is_err() {
        eprintln!("no Node on this machine: not tried");
        return;
    }
    let root = tempfile::tempdir().unwrap();
    application(root.path());
    let ui = root.path().join("ui");
    let _lock = npm::lock(&ui);
    npm::build(&ui).unwrap();
    assert!(ui.join("dist/assets/a-1.js").is_file());
    // a build that fails says what the tool said
    fs::write(
        ui.join("package.json"),
        r#"{"name":"small","version":"1.0.0","scripts":{"build":"echo broken-here; exit 3"}}"#,
    )
    .unwrap();
    let said = npm::build(&ui).unwrap_err();
    assert!(said.contains("npm run build") && said.contains("broken-here"), "{said}");
}
