// Files to and from this computer: saving what the service sends, hashing, and sending with progress.
import { callRaw } from "../api/client";
import { Problem } from "../api/problem";

/** One file of a case, at most. */
export const FILE_BYTES_MAX = 32 * 1024 * 1024;

/** Gives the person a file to keep. */
export function keep(name: string, data: Blob): void {
  const url = URL.createObjectURL(data);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the data after the click: the address has to live on for a while.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Downloads what a path gives; throws a [`Problem`]. */
export async function download(path: string, name: string): Promise<void> {
  const response = await callRaw("GET", path);
  keep(name, await response.blob());
}

/** Whether this browser computes hashes here: only over TLS or on the same computer. */
export const canHash = (): boolean => typeof globalThis.crypto !== "undefined" && Boolean(globalThis.crypto.subtle);

/** SHA-256 of a file, in hexadecimal. */
export async function sha256(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A name that any system can store, for a downloaded file. */
export function fileName(title: string, end: string): string {
  const plain = title
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${plain || "case"}${end}`;
}

/** Sends a file; `progress` is told shares from 0 to 1. Only `XMLHttpRequest` tells how much was sent. */
export function send<T>(path: string, file: File, csrf: string | null, progress: (part: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    if (csrf) request.setRequestHeader("X-Athar-CSRF", csrf);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onerror = () =>
      reject(new Problem({ code: "unreachable", title: "The service cannot be reached.", status: 0 }));
    request.onload = () => {
      let body: unknown;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = null;
      }
      if (request.status >= 200 && request.status < 300 && body !== null) resolve(body as T);
      else reject(problem(request, body));
    };
    request.send(file);
  });
}

function problem(request: XMLHttpRequest, body: unknown): Problem {
  const plain = { code: "unreadable", title: request.statusText, status: request.status };
  const told = typeof body === "object" && body !== null && "code" in body ? body : {};
  return new Problem({ ...plain, ...told });
}
