// The text of a policy: what differs between two of them line by line, and at which line an error of the service points.

export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
  /** Line in the old text, from 1; null where it was added. */
  old: number | null;
  /** Line in the new text, from 1; null where it was removed. */
  new: number | null;
}

/**
 * Differences of two texts by longest common subsequence of lines, after what is the same at both ends was set aside. A policy has at most
 * 256 KiB, some thousand lines; where the middle is too large for the table it is shown as wholly replaced rather than waited for.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const lines: DiffLine[] = [];
  for (let at = 0; at < head; at += 1) lines.push({ kind: "same", text: a[at] ?? "", old: at + 1, new: at + 1 });
  const left = a.slice(head, a.length - tail);
  const right = b.slice(head, b.length - tail);
  lines.push(...middle(left, right, head));
  for (let at = tail; at > 0; at -= 1) {
    lines.push({ kind: "same", text: a[a.length - at] ?? "", old: a.length - at + 1, new: b.length - at + 1 });
  }
  return lines;
}

const CELLS_MOST = 4_000_000;

function middle(left: string[], right: string[], head: number): DiffLine[] {
  const removed = (at: number): DiffLine => ({ kind: "removed", text: left[at] ?? "", old: head + at + 1, new: null });
  const added = (at: number): DiffLine => ({ kind: "added", text: right[at] ?? "", old: null, new: head + at + 1 });
  if (left.length * right.length > CELLS_MOST)
    return [...left.map((_, at) => removed(at)), ...right.map((_, at) => added(at))];
  const width = right.length + 1;
  const table = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      table[i * width + j] =
        left[i] === right[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push({ kind: "same", text: left[i] ?? "", old: head + i + 1, new: head + j + 1 });
      i += 1;
      j += 1;
    } else if (
      j >= right.length ||
      (i < left.length && (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0))
    ) {
      lines.push(removed(i));
      i += 1;
    } else {
      lines.push(added(j));
      j += 1;
    }
  }
  return lines;
}

/** Only what differs, with some lines around it; null stands for what was left out between. */
export function hunksOf(lines: readonly DiffLine[], around = 3): (DiffLine | null)[] {
  const keep = new Set<number>();
  lines.forEach((line, at) => {
    if (line.kind === "same") return;
    for (let near = at - around; near <= at + around; near += 1) keep.add(near);
  });
  const shown: (DiffLine | null)[] = [];
  lines.forEach((line, at) => {
    if (keep.has(at)) shown.push(line);
    else if (shown.at(-1) !== null && shown.length > 0) shown.push(null);
  });
  if (shown.at(-1) === null) shown.pop();
  return shown;
}

/** The line that an error of a policy names ("policy line 14: rule[0].when…"), or null. */
export function lineOf(detail: string): number | null {
  const match = /\bline (\d{1,6})\b/.exec(detail);
  return match ? Number(match[1]) : null;
}
