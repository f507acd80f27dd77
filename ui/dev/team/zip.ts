// Archives of the stand-in: files stored as they are, without compression, which is all that a page's test needs.

import { crc32 } from "node:zlib";

export interface File {
  name: string;
  data: Uint8Array;
}

/** The archive of some files. */
export function zip(files: File[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data } of files) {
    const label = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(label.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, label, data]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), common, central, label]));
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

/** The files of an archive that `zip` wrote. */
export function unzip(archive: Uint8Array): File[] {
  const all = Buffer.from(archive);
  const files: File[] = [];
  let at = 0;
  while (at + 30 <= all.length && all.toString("latin1", at, at + 4) === "PK\u0003\u0004") {
    const size = all.readUInt32LE(at + 18);
    const name = all.readUInt16LE(at + 26);
    const start = at + 30 + name + all.readUInt16LE(at + 28);
    files.push({ name: all.toString("utf8", at + 30, at + 30 + name), data: all.subarray(start, start + size) });
    at = start + size;
  }
  return files;
}
