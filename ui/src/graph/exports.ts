// Files of the graph. The PNG is the SVG file drawn by the browser, so that both show the same; nothing is sent anywhere.

import { toSvg, type Words } from "./svg";
import type { Picture } from "./picture";

/** Hands a file to the person. */
export function download(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file name of what a person called the graph: letters and digits of any script, the rest as dashes. */
export function fileName(name: string, end: string): string {
  const plain = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${plain === "" ? "graph" : plain}.${end}`;
}

/** Pixels on one side that browsers still draw. */
const SIDE_MAX = 12_000;

/** The picture as PNG at twice the size, or smaller where it would pass what a browser can draw. */
export async function toPng(picture: Picture, words: Words, isRtl: boolean): Promise<Blob> {
  const svg = toSvg(picture, words, isRtl);
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    await new Promise<void>((resolve, reject) => {
      image.onload = () => resolve();
      image.onerror = () => reject(new Error("svg"));
      image.src = url;
    });
    const scale = Math.min(2, SIDE_MAX / Math.max(image.naturalWidth, image.naturalHeight, 1));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) =>
      canvas.toBlob((blob) => (blob === null ? reject(new Error("png")) : resolve(blob)), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
