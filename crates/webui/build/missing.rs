//! The page that a binary without the application shows in its place: what is missing, and what to do, in English and Arabic.

/// The page. `why` may be text of a tool: it is shown as text.
pub(crate) fn page(why: &str) -> String {
    let mut shown = String::new();
    for c in why.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '\n' | '\t' => shown.push(c),
            c if c.is_control() => {}
            c => shown.push(c),
        }
    }
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Athar: the browser application is not in this build / أثر: واجهة المتصفح غير مضمَّنة في هذا البناء</title>
</head>
<body>
<main>
<section lang="en" dir="ltr">
<h1>The browser application is not in this build</h1>
<p>The service itself runs: every question can be asked over HTTP (<a href="/openapi.json">/openapi.json</a>) and with the command line.
Only the pages are missing, because:</p>
<pre>{shown}</pre>
<p>To have them: install Node.js 20.19 or newer with npm, and build again while the network is reachable, once:</p>
<pre>ATHAR_UI=require cargo build --release</pre>
<p>The build then stops with an error where something is still missing. Release binaries carry the application already.</p>
</section>
<hr>
<section lang="ar" dir="rtl">
<h1>واجهة المتصفح غير مضمَّنة في هذا البناء</h1>
<p>الخدمة نفسها تعمل: يمكن طرح كل سؤال عبر <bdi>HTTP</bdi> (<a href="/openapi.json"><bdi dir="ltr">/openapi.json</bdi></a>) وعبر سطر
الأوامر. الصفحات وحدها غير موجودة، والسبب كما أبلغت به أدوات البناء:</p>
<pre dir="ltr" lang="en">{shown}</pre>
<p>للحصول عليها: ثبِّت <bdi>Node.js</bdi> بالإصدار <bdi>20.19</bdi> أو أحدث مع <bdi>npm</bdi>، ثم أعد البناء مرة واحدة والشبكة متاحة:</p>
<pre dir="ltr" lang="en">ATHAR_UI=require cargo build --release</pre>
<p>يتوقف البناء عندئذ مع بيان الخطأ إن بقي شيء ناقص. أما ملفات الإصدار الجاهزة فتحتوي على الواجهة.</p>
</section>
</main>
</body>
</html>
"#
    )
}
