// The files of a ZIP archive, read by its directory at the end as any program reads it: stored or deflated.
import { inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const LISTED = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/** Every file of the archive by name; fails where it is cut short or packed in another way. */
export function unzip(archive: Buffer): Map<string, Buffer> {
  let end = archive.length - 22;
  while (end >= 0 && archive.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) throw new Error("the archive has no directory");
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let n = archive.readUInt16LE(end + 10); n > 0; n -= 1) {
    if (archive.readUInt32LE(at) !== LISTED) throw new Error(`no entry of the directory at ${at}`);
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const length = archive.readUInt32LE(at + 24);
    const name = archive.toString("utf8", at + 46, at + 46 + archive.readUInt16LE(at + 28));
    const local = archive.readUInt32LE(at + 42);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(begin, begin + packed);
    if (method !== STORED && method !== DEFLATED) throw new Error(`${name} is packed by method ${method}`);
    const data = method === STORED ? bytes : inflateRawSync(bytes);
    if (data.length !== length) throw new Error(`${name} has ${data.length} bytes, not ${length}`);
    files.set(name, data);
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}
